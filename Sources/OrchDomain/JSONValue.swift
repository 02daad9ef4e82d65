/// A JSON document to be written. Objects keep the order in which their keys were given.
package enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  /// A number with a fraction; not-a-number and the infinities are written as `null`, which is all that JSON has.
  case double(Double)
  case string(String)
  case array([JSONValue])
  /// The members in the order of writing. A key that occurs twice is written twice: the caller keeps keys apart.
  case object([Member])

  /// One key of an object with its value.
  package struct Member: Hashable, Sendable {
    package var key: String
    package var value: JSONValue
    package init(_ key: String, _ value: JSONValue) {
      self.key = key
      self.value = value
    }
  }
}

extension JSONValue {
  /// RFC 8259 text without a final line feed.
  ///
  /// - Parameter pretty: Two spaces per level and one member per line; otherwise no white space at all.
  package func text(pretty: Bool = false) -> String {
    var output: [UInt8] = []
    write(to: &output, pretty: pretty, level: 0)
    return String(decoding: output, as: UTF8.self)
  }

  /// The value of the first member with this key; nil for another kind of value.
  package subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  private func write(to output: inout [UInt8], pretty: Bool, level: Int) {
    switch self {
    case .null: output += "null".utf8
    case .bool(let value): output += (value ? "true" : "false").utf8
    case .int(let value): output += String(value).utf8
    case .double(let value): output += (value.isFinite ? value.description : "null").utf8
    case .string(let value): JSONValue.writeString(value, to: &output)
    case .array(let values):
      JSONValue.writeItems(values, "[", "]", to: &output, pretty: pretty, level: level) { value, output in
        value.write(to: &output, pretty: pretty, level: level + 1)
      }
    case .object(let members):
      JSONValue.writeItems(members, "{", "}", to: &output, pretty: pretty, level: level) { member, output in
        JSONValue.writeString(member.key, to: &output)
        output += (pretty ? ": " : ":").utf8
        member.value.write(to: &output, pretty: pretty, level: level + 1)
      }
    }
  }

  private static func writeItems<Item>(
    _ items: [Item], _ open: String, _ close: String, to output: inout [UInt8], pretty: Bool, level: Int,
    _ write: (Item, inout [UInt8]) -> Void
  ) {
    output += open.utf8
    for (index, item) in items.enumerated() {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      if pretty { newLine(to: &output, level: level + 1) }
      write(item, &output)
    }
    if pretty, !items.isEmpty { newLine(to: &output, level: level) }
    output += close.utf8
  }

  private static func newLine(to output: inout [UInt8], level: Int) {
    output.append(UInt8(ascii: "\n"))
    for _ in 0..<level { output += "  ".utf8 }
  }

  private static func writeString(_ text: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    defer { output.append(UInt8(ascii: "\"")) }
    let isPlain = { (byte: UInt8) in (0x20..<0x7F).contains(byte) && byte != 0x22 && byte != 0x5C }
    guard !text.utf8.allSatisfy(isPlain) else {
      output += text.utf8
      return
    }
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": output += "\\\"".utf8
      case "\\": output += "\\\\".utf8
      case "\n": output += "\\n".utf8
      case "\r": output += "\\r".utf8
      case "\t": output += "\\t".utf8
      default:
        if mustEscape(scalar.value) {
          let digits = String(scalar.value, radix: 16)
          output += ("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits).utf8
        } else {
          output.append(contentsOf: String(scalar).utf8)
        }
      }
    }
  }

  // More than RFC 8259 asks for: JSON is often printed to a terminal, and these characters could deceive its reader.
  private static func mustEscape(_ value: UInt32) -> Bool {
    switch value {
    case 0..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
    default: false
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(integerLiteral value: Int64) { self = .int(value) }
  package init(floatLiteral value: Double) { self = .double(value) }
  package init(nilLiteral: ()) { self = .null }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { Member($0.0, $0.1) })
  }
}

extension JSONValue {
  /// A string, or `null`.
  package init(_ value: String?) { self = value.map(JSONValue.string) ?? .null }
  /// A whole number, or `null`.
  package init(_ value: Int?) { self = value.map { .int(Int64($0)) } ?? .null }
  /// A number with a fraction, or `null`.
  package init(_ value: Double?) { self = value.map(JSONValue.double) ?? .null }
  /// A list of strings.
  package init(_ values: [String]) { self = .array(values.map(JSONValue.string)) }
}
