/// Finds the places of keys and values in a TOML text, because the parser does not tell them.
///
/// Made for texts that the parser has accepted; any other text ends the scan early, and never traps or hangs.
/// Source of the grammar: TOML 1.0.0.
struct KeyScanner {
  private let bytes: [UInt8]
  private var i = 0
  private var places = KeyPlaces()
  /// The last element of each array of tables.
  private var lastElement: [[KeyStep]: Int] = [:]

  /// The parser refuses deeper nesting long before this.
  private static let depthLimit = 300
  private static let valueEnds = Array(",]}#\r\n".utf8)

  static func scan(_ text: String) -> KeyPlaces {
    var scanner = KeyScanner(bytes: Array(text.utf8))
    scanner.document()
    return scanner.places
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      i = 3
      places.lineStarts = [3]
    }
    for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") { places.lineStarts.append(offset + 1) }
  }

  private mutating func document() {
    var table: [KeyStep] = []
    while true {
      skipBlank()
      guard i < bytes.count else { return }
      if peek == UInt8(ascii: "[") {
        guard let path = header() else { return }
        table = path
      } else {
        guard pair(in: table, depth: 0) else { return }
      }
    }
  }

  /// Reads `[a.b]` or `[[a.b]]`; a part that is an array of tables means its last element.
  private mutating func header() -> [KeyStep]? {
    i += 1
    let isArray = peek == UInt8(ascii: "[")
    if isArray { i += 1 }
    guard let keys = dottedKey() else { return nil }
    var path: [KeyStep] = []
    var parts: [(depth: Int, range: Range<Int>)] = []
    for (number, key) in keys.enumerated() {
      path.append(.key(key.name))
      parts.append((path.count, key.range))
      if isArray && number == keys.count - 1 {
        lastElement[path] = lastElement[path].map { $0 + 1 } ?? 0
      }
      if let last = lastElement[path] { path.append(.index(last)) }
    }
    for _ in 0..<(isArray ? 2 : 1) {
      guard peek == UInt8(ascii: "]") else { return nil }
      i += 1
    }
    _ = places.add(path, parts: parts)
    return path
  }

  /// Reads `key = value`; false when the text is not that.
  private mutating func pair(in table: [KeyStep], depth: Int) -> Bool {
    guard let keys = dottedKey(), peek == UInt8(ascii: "=") else { return false }
    i += 1
    skipSpaces()
    var path = table
    var parts: [(depth: Int, range: Range<Int>)] = []
    for key in keys {
      path.append(.key(key.name))
      parts.append((path.count, key.range))
    }
    let own = places.add(path, parts: parts)
    guard let range = value(at: path, depth: depth) else { return false }
    places.entries[own].value = range
    return true
  }

  private mutating func dottedKey() -> [(name: String, range: Range<Int>)]? {
    var keys: [(name: String, range: Range<Int>)] = []
    while true {
      skipSpaces()
      let start = i
      guard let name = simpleKey() else { return nil }
      keys.append((name, start..<i))
      skipSpaces()
      guard peek == UInt8(ascii: ".") else { return keys }
      i += 1
    }
  }

  private mutating func simpleKey() -> String? {
    let start = i
    if peek == UInt8(ascii: "\"") || peek == UInt8(ascii: "'") {
      guard skipString() else { return nil }
      let content = bytes[(start + 1)..<(i - 1)]
      return bytes[start] == UInt8(ascii: "'")
        ? String(decoding: content, as: UTF8.self) : TOMLText.unescaped(content)
    }
    while i < bytes.count, TOMLText.isBareKeyByte(bytes[i]) { i += 1 }
    return i > start ? String(decoding: bytes[start..<i], as: UTF8.self) : nil
  }

  /// Skips a value, noting what is inside it; nil when there is none.
  private mutating func value(at path: [KeyStep], depth: Int) -> Range<Int>? {
    guard depth < KeyScanner.depthLimit else { return nil }
    let start = i
    switch peek {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): guard skipString() else { return nil }
    case UInt8(ascii: "["): guard array(at: path, depth: depth + 1) else { return nil }
    case UInt8(ascii: "{"): guard inlineTable(at: path, depth: depth + 1) else { return nil }
    default:
      // A date may hold a space, so the value ends where nothing of a value can go on.
      while i < bytes.count, !KeyScanner.valueEnds.contains(bytes[i]) { i += 1 }
      while i > start, bytes[i - 1] == UInt8(ascii: " ") || bytes[i - 1] == UInt8(ascii: "\t") { i -= 1 }
      guard i > start else { return nil }
    }
    return start..<i
  }

  private mutating func array(at path: [KeyStep], depth: Int) -> Bool {
    i += 1
    var count = 0
    while true {
      skipBlank()
      if peek == UInt8(ascii: "]") { break }
      let element = path + [.index(count)]
      let own = places.add(element, parts: [])
      guard let range = value(at: element, depth: depth) else { return false }
      places.entries[own].value = range
      count += 1
      skipBlank()
      if peek == UInt8(ascii: ",") { i += 1 } else if peek != UInt8(ascii: "]") { return false }
    }
    i += 1
    return true
  }

  private mutating func inlineTable(at path: [KeyStep], depth: Int) -> Bool {
    i += 1
    while true {
      skipBlank()
      if peek == UInt8(ascii: "}") { break }
      guard pair(in: path, depth: depth) else { return false }
      skipBlank()
      if peek == UInt8(ascii: ",") { i += 1 } else if peek != UInt8(ascii: "}") { return false }
    }
    i += 1
    return true
  }

  /// Skips any of the four kinds of string; false when it does not end.
  private mutating func skipString() -> Bool {
    let start = i
    let quote = bytes[i]
    let isLong = byte(at: i + 1) == quote && byte(at: i + 2) == quote
    i += isLong ? 3 : 1
    while i < bytes.count {
      if bytes[i] == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        let escape = bytes[i...].dropFirst()
        if escape.starts(with: "u0000".utf8) || escape.starts(with: "U00000000".utf8) {
          places.escapedNUL = places.escapedNUL ?? i..<(i + 6)
        }
        i += 2
      } else if bytes[i] == quote, !isLong || (byte(at: i + 1) == quote && byte(at: i + 2) == quote) {
        i += isLong ? 3 : 1
        // Up to two quotes may stand directly before the closing three.
        for _ in 0..<2 where isLong && peek == quote { i += 1 }
        return true
      } else if !isLong && bytes[i] == UInt8(ascii: "\n") {
        break
      } else {
        i += 1
      }
    }
    i = min(max(i, start + 1), bytes.count)
    return false
  }

  /// The byte at the current place; 0, which TOML does not allow, behind the end.
  private var peek: UInt8 { byte(at: i) }

  private func byte(at offset: Int) -> UInt8 { offset < bytes.count ? bytes[offset] : 0 }

  private mutating func skipSpaces() {
    while peek == UInt8(ascii: " ") || peek == UInt8(ascii: "\t") { i += 1 }
  }

  /// Skips spaces, line ends and comments.
  private mutating func skipBlank() {
    while i < bytes.count {
      switch bytes[i] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): i += 1
      case UInt8(ascii: "#"): while i < bytes.count, bytes[i] != UInt8(ascii: "\n") { i += 1 }
      default: return
      }
    }
  }
}
