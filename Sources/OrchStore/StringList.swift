/// A list of strings as the JSON text of one column.
enum StringList {
  static func encode(_ values: [String]) -> String {
    var text = [UInt8(ascii: "[")]
    for (index, value) in values.enumerated() {
      if index > 0 { text.append(UInt8(ascii: ",")) }
      JSONText.append(value.utf8, to: &text)
    }
    text.append(UInt8(ascii: "]"))
    return String(decoding: text, as: UTF8.self)
  }

  /// Reads what ``encode(_:)`` writes; nil for anything else, which means a damaged file.
  static func decode(_ text: String) -> [String]? {
    if text == "[]" { return [] }
    var parser = Parser(rest: text.unicodeScalars[...])
    return parser.list()
  }

  private struct Parser {
    var rest: Substring.UnicodeScalarView

    mutating func list() -> [String]? {
      guard take("[") else { return nil }
      var values: [String] = []
      repeat {
        guard let value = string() else { return nil }
        values.append(value)
      } while take(",")
      guard take("]"), rest.isEmpty else { return nil }
      return values
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
      guard rest.first == scalar else { return false }
      rest.removeFirst()
      return true
    }

    private mutating func string() -> String? {
      guard take("\"") else { return nil }
      var value = String.UnicodeScalarView()
      while let scalar = rest.popFirst() {
        switch scalar {
        case "\"": return String(value)
        case "\\":
          guard let escaped = escape() else { return nil }
          value.append(escaped)
        default: value.append(scalar)
        }
      }
      return nil
    }

    private mutating func escape() -> Unicode.Scalar? {
      switch rest.popFirst() {
      case "\"": return "\""
      case "\\": return "\\"
      case "n": return "\n"
      case "r": return "\r"
      case "t": return "\t"
      case "u":
        let digits = rest.prefix(4)
        guard digits.count == 4, let code = UInt32(String(digits), radix: 16) else { return nil }
        rest.removeFirst(4)
        return Unicode.Scalar(code)
      default: return nil
      }
    }
  }
}
