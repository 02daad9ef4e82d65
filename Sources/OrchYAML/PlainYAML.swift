/// Reads the YAML that nearly all plans have without libyaml: `key: word`, `key: [a, b]`, and lists of words below a
/// key.
///
/// It gives exactly what libyaml would, or nothing: every byte that could mean more than itself ends it.
@safe
struct PlainYAML {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let base: Int
  private var document = YAMLDocument()
  private var position = 0
  private var keys: [Range<Int>] = []

  /// - Parameter base: Offset of `bytes` in what places count from.
  /// - Returns: Nil when libyaml has to be asked.
  static func read(_ bytes: UnsafeBufferPointer<UInt8>, base: Int, _ limits: YAMLLimits) -> YAMLDocument? {
    guard limits.depth >= 2 else { return nil }
    var reader = unsafe PlainYAML(bytes, base: base)
    return reader.run() ? reader.document : nil
  }

  private init(_ bytes: UnsafeBufferPointer<UInt8>, base: Int) {
    unsafe self.bytes = bytes
    self.base = base
  }

  private mutating func run() -> Bool {
    skipEmptyLines()
    guard let first = peek(), PlainYAML.isLetter(first) else { return false }
    append(.mapping, .block, position..<position)
    while peek() != nil {
      guard entry() else { return false }
      skipEmptyLines()
    }
    close(0)
    return true
  }

  /// One key in the first column, with its value.
  private mutating func entry() -> Bool {
    let start = position
    guard let first = peek(), PlainYAML.isLetter(first) else { return false }
    while let byte = peek(), PlainYAML.isLetter(byte) || byte == UInt8(ascii: "_") { position += 1 }
    let key = start..<position
    // Nobody has more keys, and comparing each with all others is quick for few.
    guard key.count <= 64, keys.count < 24, !keys.contains(where: { isEqual($0, key) }), take(":") else { return false }
    keys.append(key)
    append(key)
    guard let next = peek() else { return false }
    if next == UInt8(ascii: "\n") {
      position += 1
      return blockList()
    }
    guard next == UInt8(ascii: " ") else { return false }
    skipSpaces()
    if peek() == UInt8(ascii: "[") { return flowList() }
    return word(until: nil) && endLine()
  }

  /// Lines such as `  - word`, all with the same indentation.
  private mutating func blockList() -> Bool {
    let list = document.nodes.count
    var indent: Int?
    while peek() == UInt8(ascii: " ") {
      let start = position
      skipSpaces()
      guard indent == nil || indent == position - start, peek() == UInt8(ascii: "-") else { return false }
      if indent == nil { append(.sequence, .block, position..<position) }
      indent = position - start
      position += 1
      guard take(" ") else { return false }
      skipSpaces()
      guard word(until: nil), endLine() else { return false }
    }
    guard indent != nil else { return false }
    close(list)
    return true
  }

  private mutating func flowList() -> Bool {
    let list = document.nodes.count
    append(.sequence, .flow, position..<position)
    repeat {
      position += 1
      skipSpaces()
      guard word(until: UInt8(ascii: ",")) else { return false }
    } while peek() == UInt8(ascii: ",")
    guard take("]") else { return false }
    document.nodes[list].next = document.nodes.count
    document.nodes[list].end = base + position
    skipSpaces()
    return endLine()
  }

  /// A plain scalar.
  ///
  /// - Parameter separator: What ends it inside of brackets; nil outside.
  private mutating func word(until separator: UInt8?) -> Bool {
    let start = position
    guard let first = peek(), PlainYAML.isLetter(first) || PlainYAML.isDigit(first) || first == UInt8(ascii: "/") else {
      return false
    }
    var end = start
    while let byte = peek(), byte != UInt8(ascii: "\n") {
      if separator != nil, byte == separator || byte == UInt8(ascii: "]") { break }
      guard PlainYAML.isPlain(byte, inFlow: separator != nil) else { return false }
      position += 1
      if byte != UInt8(ascii: " ") { end = position }
    }
    append(start..<end)
    return true
  }
}

extension PlainYAML {
  private func peek() -> UInt8? { unsafe position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ byte: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: byte) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpaces() {
    while peek() == UInt8(ascii: " ") { position += 1 }
  }

  private mutating func skipEmptyLines() {
    while peek() == UInt8(ascii: "\n") { position += 1 }
  }

  /// Whether the line ends here, and the next one can't go on with the value.
  private mutating func endLine() -> Bool {
    guard peek() != nil else { return true }
    return take("\n")
  }

  private func isEqual(_ a: Range<Int>, _ b: Range<Int>) -> Bool {
    unsafe a.count == b.count && bytes[a].elementsEqual(bytes[b])
  }

  private mutating func append(_ scalar: Range<Int>) {
    let first = document.pool.count
    unsafe document.pool.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[scalar]))
    append(.scalar, .plain, scalar, first..<document.pool.count)
  }

  private mutating func append(
    _ kind: YAMLNode.Kind, _ style: YAMLNode.Style, _ range: Range<Int>, _ content: Range<Int> = 0..<0
  ) {
    let index = document.nodes.count
    document.nodes.append(
      YAMLNode(
        kind: kind, style: style, start: base + range.lowerBound, end: base + range.upperBound, content: content,
        index: index, next: index + 1))
  }

  /// A block collection ends with its last node.
  private mutating func close(_ index: Int) {
    document.nodes[index].next = document.nodes.count
    document.nodes[index].end = document.nodes[document.nodes.count - 1].end
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  /// Whether a byte inside of a plain scalar is part of it and nothing else.
  private static func isPlain(_ byte: UInt8, inFlow: Bool) -> Bool {
    switch byte {
    case UInt8(ascii: ":"), UInt8(ascii: "#"), 0x7F..., 0..<0x20: false
    case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"),
      UInt8(ascii: "?"):
      !inFlow
    default: true
    }
  }
}
