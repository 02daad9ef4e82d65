import OrchDiagnostics

/// A TOML text with its values and their places.
struct TOMLDocument: Sendable {
  let root: [(key: String, value: TOMLNode)]
  let places: KeyPlaces

  /// Parses `text`, or says where it is not TOML.
  static func parse(_ text: String, file: String) -> Result<TOMLDocument, SyntaxFailure> {
    let places = KeyScanner.scan(text)
    func failure(_ message: String, _ range: Range<Int>) -> Result<TOMLDocument, SyntaxFailure> {
      .failure(SyntaxFailure(message: message, location: places.location(range, in: file)))
    }
    // The parser gets a C string and would take the first NUL for the end of the file.
    if let offset = Array(text.utf8).firstIndex(of: 0) {
      return failure("a NUL character is not allowed", offset..<(offset + 1))
    }
    if let (message, offset) = places.failure { return failure("not TOML: \(message)", offset..<(offset + 1)) }
    if let range = places.escapedNUL { return failure("an escaped NUL character is not allowed", range) }
    do {
      guard case .table(let root) = try TOMLNode.parse(text) else {
        return failure("not TOML: the file is no table", 0..<1)
      }
      return .success(TOMLDocument(root: root, places: places))
    } catch {
      let range = byteRange(error.line, error.character, in: text)
      return failure(SyntaxFailure.readable(error.message), range)
    }
  }

  /// Parses bytes, which must be UTF-8.
  static func parse(_ bytes: [UInt8], file: String) -> Result<TOMLDocument, SyntaxFailure> {
    if let text = String(validating: bytes, as: UTF8.self) { return parse(text, file: file) }
    var offset = 0
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    decoding: while true {
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar): offset += UTF8.width(scalar)
      case .emptyInput, .error: break decoding
      }
    }
    var places = KeyPlaces()
    for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") { places.lineStarts.append(index + 1) }
    let place = places.location(offset..<(offset + 1), in: file)
    return .failure(SyntaxFailure(message: "the file is not UTF-8; save it with that encoding", location: place))
  }

  /// The character at a line and a column that counts Unicode scalars, as bytes; what lies behind the end is clamped.
  private static func byteRange(_ line: Int, _ character: Int, in text: String) -> Range<Int> {
    var offset = 0
    var currentLine = 1
    var currentCharacter = 1
    for scalar in text.unicodeScalars {
      let width = UTF8.width(scalar)
      if currentLine == line, currentCharacter == character || scalar == "\n" { return offset..<(offset + width) }
      if scalar == "\n" {
        currentLine += 1
        currentCharacter = 1
      } else {
        currentCharacter += 1
      }
      offset += width
    }
    return offset..<(offset + 1)
  }
}

/// Why a text is not TOML, with the place.
struct SyntaxFailure: Error {
  var message: String
  var location: SourceLocation

  var diagnostic: Diagnostic { Diagnostic(.error, ConfigCode.syntax.rawValue, at: location, message) }

  /// The parser's message without its preamble.
  static func readable(_ message: String) -> String {
    let preamble = "Error while parsing "
    guard message.hasPrefix(preamble) else { return "not TOML: " + message }
    return "not TOML: in a " + message.dropFirst(preamble.count)
  }
}
