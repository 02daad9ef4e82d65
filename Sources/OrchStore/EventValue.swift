package import OrchDomain

/// A value in the data of an event; becomes JSON.
package enum EventValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  /// Not a number and the infinities become null.
  case double(Double)
  case string(String)
  case array([EventValue])
  case object([String: EventValue])

  /// The one JSON text of this value: keys in ascending order, no spaces, only what must be is escaped.
  package var canonicalJSON: String {
    var text: [UInt8] = []
    write(to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  private func write(to text: inout [UInt8]) {
    switch self {
    case .null: text += "null".utf8
    case .bool(let value): text += (value ? "true" : "false").utf8
    case .int(let value): text += String(value).utf8
    case .double(let value): text += (value.isFinite ? "\(value)" : "null").utf8
    case .string(let value): JSONText.append(value.utf8, to: &text)
    case .array(let values):
      text.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { text.append(UInt8(ascii: ",")) }
        value.write(to: &text)
      }
      text.append(UInt8(ascii: "]"))
    case .object(let members):
      text.append(UInt8(ascii: "{"))
      for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { text.append(UInt8(ascii: ",")) }
        JSONText.append(member.key.utf8, to: &text)
        text.append(UInt8(ascii: ":"))
        member.value.write(to: &text)
      }
      text.append(UInt8(ascii: "}"))
    }
  }
}

extension EventValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int64) { self = .int(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension EventValue {
  package init(_ json: JSONValue) {
    switch json {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .int(value)
    case .double(let value): self = .double(value)
    case .string(let value): self = .string(value)
    case .array(let values): self = .array(values.map { EventValue($0) })
    case .object(let members):
      self = .object(Dictionary(members.map { ($0.key, EventValue($0.value)) }, uniquingKeysWith: { $1 }))
    }
  }

  /// A string, or null.
  package init(_ value: String?) { self = value.map { .string($0) } ?? .null }
  /// A whole number, or null.
  package init(_ value: Int?) { self = value.map { .int(Int64($0)) } ?? .null }
  /// A list of strings.
  package init(_ values: [String]) { self = .array(values.map { .string($0) }) }
}

/// JSON strings, written.
enum JSONText {
  /// Appends UTF-8 in quotes. Only ASCII has to be escaped, so bytes are all that is looked at.
  static func append(_ value: some Collection<UInt8>, to text: inout [UInt8]) {
    text.append(UInt8(ascii: "\""))
    let start = text.count
    text += value
    // Looked through here, where they lie side by side, whatever they came from.
    if !text[start...].allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }) {
      text.removeSubrange(start...)
      for byte in value { append(byte, to: &text) }
    }
    text.append(UInt8(ascii: "\""))
  }

  private static func append(_ byte: UInt8, to text: inout [UInt8]) {
    switch byte {
    case 0x22: text += "\\\"".utf8
    case 0x5C: text += "\\\\".utf8
    case 0x0A: text += "\\n".utf8
    case 0x0D: text += "\\r".utf8
    case 0x09: text += "\\t".utf8
    case ..<0x20: text += ("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)).utf8
    default: text.append(byte)
    }
  }
}
