import OrchDiagnostics

/// A TOML text with its values and their places.
struct TOMLDocument: Sendable {
  let root: [(key: String, value: TOMLNode)]
  let places: KeyPlaces

  /// Parses `text`, or says where it is not TOML.
  static func parse(_ text: String, file: String) -> Result<TOMLDocument, SyntaxFailure> {
    // The parser gets a C string and would take the first NUL for the end of the file.
    if let offset = text.utf8.firstIndex(of: 0) {
      let start = text.utf8.distance(from: text.utf8.startIndex, to: offset)
      return failure("a NUL character is not allowed", start..<(start + 1), text, file)
    }
    let node: TOMLNode
    do {
      node = try TOMLNode.parse(text)
    } catch {
      let range = byteRange(error.line, error.character, in: text)
      return failure(SyntaxFailure.readable(error.message), range, text, file)
    }
    let places = KeyScanner.scan(text)
    if let range = places.escapedNUL {
      let place = places.location(range, in: file)
      return .failure(SyntaxFailure(message: "an escaped NUL character is not allowed", location: place))
    }
    guard case .table(let root) = node else { return .success(TOMLDocument(root: [], places: places)) }
    return .success(TOMLDocument(root: root, places: places))
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

  private static func failure(
    _ message: String, _ range: Range<Int>, _ text: String, _ file: String
  ) -> Result<TOMLDocument, SyntaxFailure> {
    var places = KeyPlaces()
    for (index, byte) in text.utf8.enumerated() where byte == UInt8(ascii: "\n") { places.lineStarts.append(index + 1) }
    return .failure(SyntaxFailure(message: message, location: places.location(range, in: file)))
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
    guard message.hasPrefix(preamble) else { return message }
    return "this is not TOML: in a " + message.dropFirst(preamble.count)
  }
}
