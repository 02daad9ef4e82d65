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
    var text = ""
    write(to: &text)
    return text
  }

  private func write(to text: inout String) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .int(let value): text += String(value)
    case .double(let value): text += value.isFinite ? "\(value)" : "null"
    case .string(let value): JSONText.append(value, to: &text)
    case .array(let values):
      text += "["
      for (index, value) in values.enumerated() {
        if index > 0 { text += "," }
        value.write(to: &text)
      }
      text += "]"
    case .object(let members):
      text += "{"
      for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { text += "," }
        JSONText.append(member.key, to: &text)
        text += ":"
        member.value.write(to: &text)
      }
      text += "}"
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
  static func append(_ value: String, to text: inout String) {
    text += "\""
    if value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }) {
      text += value
    } else {
      for scalar in value.unicodeScalars { append(scalar, to: &text) }
    }
    text += "\""
  }

  private static func append(_ scalar: Unicode.Scalar, to text: inout String) {
    switch scalar {
    case "\"": text += "\\\""
    case "\\": text += "\\\\"
    case "\n": text += "\\n"
    case "\r": text += "\\r"
    case "\t": text += "\\t"
    case _ where scalar.value < 0x20:
      text += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
    default: text.unicodeScalars.append(scalar)
    }
  }
}
