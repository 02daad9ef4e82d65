/// Finds the places of keys and values in a TOML text, because the parser does not tell them.
///
/// It is also the parser's guard: toml++ 3.4 aborts the process on some malformed texts (such as `[[[`), so it only
/// gets texts whose structure this scan has accepted. Any bytes may be scanned; nothing traps or hangs.
/// Source of the grammar: TOML 1.0.0.
struct KeyScanner {
  private let bytes: [UInt8]
  private var i = 0
  private var places = KeyPlaces()
  /// The last element of each array of tables.
  private var lastElement: [[KeyStep]: Int] = [:]

  /// The longest path; more would only serve to exhaust the stack.
  private static let depthLimit = 100

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
    while places.failure == nil {
      skipBlank()
      guard i < bytes.count else { return }
      if peek == UInt8(ascii: "[") {
        guard let path = header() else { return }
        table = path
      } else {
        guard pair(in: table) else { return }
      }
      skipSpaces()
      guard i >= bytes.count || peek == UInt8(ascii: "#") || isLineEnd else {
        return fail("expected the end of the line")
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
      guard peek == UInt8(ascii: "]") else {
        fail("expected '\(isArray ? "]]" : "]")' behind the name of the table")
        return nil
      }
      i += 1
    }
    _ = places.add(path, parts: parts)
    return path
  }

  /// Reads `key = value`; false when the text is not that.
  private mutating func pair(in table: [KeyStep]) -> Bool {
    guard let keys = dottedKey() else { return false }
    guard peek == UInt8(ascii: "=") else {
      fail("expected '=' behind the key")
      return false
    }
    i += 1
    skipSpaces()
    var path = table
    var parts: [(depth: Int, range: Range<Int>)] = []
    for key in keys {
      path.append(.key(key.name))
      parts.append((path.count, key.range))
    }
    let own = places.add(path, parts: parts)
    guard let range = value(at: path) else { return false }
    places.entries[own].value = range
    return true
  }

  private mutating func dottedKey() -> [(name: String, range: Range<Int>)]? {
    var keys: [(name: String, range: Range<Int>)] = []
    while true {
      skipSpaces()
      let start = i
      guard keys.count < KeyScanner.depthLimit else {
        fail("a key has too many parts")
        return nil
      }
      guard let name = simpleKey() else {
        fail("expected a key, made of letters, digits, '-' and '_', or in quotes")
        return nil
      }
      keys.append((name, start..<i))
      skipSpaces()
      guard peek == UInt8(ascii: ".") else { return keys }
      i += 1
    }
  }

  private mutating func simpleKey() -> String? {
    let start = i
    if peek == UInt8(ascii: "\"") || peek == UInt8(ascii: "'") {
      guard skipString(isKey: true) else { return nil }
      let content = bytes[(start + 1)..<(i - 1)]
      return bytes[start] == UInt8(ascii: "'")
        ? String(decoding: content, as: UTF8.self) : TOMLText.unescaped(content)
    }
    while i < bytes.count, TOMLText.isBareKeyByte(bytes[i]) { i += 1 }
    return i > start ? String(decoding: bytes[start..<i], as: UTF8.self) : nil
  }

  /// Skips a value, noting what is inside it; nil when there is none.
  private mutating func value(at path: [KeyStep]) -> Range<Int>? {
    guard path.count < KeyScanner.depthLimit else {
      fail("this is nested too deeply")
      return nil
    }
    let start = i
    switch peek {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): guard skipString(isKey: false) else { return nil }
    case UInt8(ascii: "["): guard array(at: path) else { return nil }
    case UInt8(ascii: "{"): guard inlineTable(at: path) else { return nil }
    default:
      skipBareValue()
      guard i > start else {
        fail("expected a value; text needs quotes")
        return nil
      }
      guard BareValue.isValid(bytes[start..<i]) else {
        let word = String(decoding: bytes[start..<i].prefix(40), as: UTF8.self)
        fail("'\(word)' is not a number, a boolean or a date; text needs quotes", at: start)
        return nil
      }
    }
    return start..<i
  }

  /// Skips what may be a number, a boolean or a date.
  private mutating func skipBareValue() {
    let start = i
    func isPart(_ byte: UInt8) -> Bool {
      TOMLText.isBareKeyByte(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
        || byte == UInt8(ascii: ":")
    }
    while isPart(peek) { i += 1 }
    // A space may stand between a date, which has ten characters, and a time.
    let isDate = i - start == 10 && bytes[start + 4] == UInt8(ascii: "-") && bytes[start + 7] == UInt8(ascii: "-")
    if isDate, peek == UInt8(ascii: " "), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte(at: i + 1)) {
      i += 1
      while isPart(peek) { i += 1 }
    }
  }

  private mutating func array(at path: [KeyStep]) -> Bool {
    i += 1
    var count = 0
    while true {
      skipBlank()
      if peek == UInt8(ascii: "]") { break }
      let element = path + [.index(count)]
      let own = places.add(element, parts: [])
      guard let range = value(at: element) else { return false }
      places.entries[own].value = range
      count += 1
      skipBlank()
      guard skipComma(before: UInt8(ascii: "]")) else { return false }
    }
    i += 1
    return true
  }

  private mutating func inlineTable(at path: [KeyStep]) -> Bool {
    i += 1
    skipSpaces()
    while peek != UInt8(ascii: "}") {
      guard pair(in: path) else { return false }
      skipSpaces()
      guard skipComma(before: UInt8(ascii: "}")) else { return false }
      skipSpaces()
    }
    i += 1
    return true
  }

  /// Skips a comma; false when there is neither a comma nor `end`.
  private mutating func skipComma(before end: UInt8) -> Bool {
    if peek == UInt8(ascii: ",") {
      i += 1
    } else if peek != end {
      fail("expected ',' or '\(Character(Unicode.Scalar(end)))'")
      return false
    }
    return true
  }

  /// Skips any of the four kinds of string; false when it does not end.
  private mutating func skipString(isKey: Bool) -> Bool {
    let start = i
    let quote = bytes[i]
    let isLong = byte(at: i + 1) == quote && byte(at: i + 2) == quote
    guard !(isLong && isKey) else { return false }
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
    fail("this string has no closing quote", at: start)
    return false
  }

  /// Notes why the scan cannot go on; the first reason stays.
  private mutating func fail(_ message: String, at offset: Int? = nil) {
    if places.failure == nil { places.failure = (message, offset ?? i) }
  }

  private var isLineEnd: Bool {
    peek == UInt8(ascii: "\n") || (peek == UInt8(ascii: "\r") && byte(at: i + 1) == UInt8(ascii: "\n"))
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
