import Foundation
import Testing

/// A JSON value that was parsed by somebody else's parser. What is not there is `null`.
struct JSON: Sendable, CustomStringConvertible {
  private enum Value: Decodable, Sendable {
    case null, bool(Bool), number(Double), string(String), array([Value]), object([String: Value])

    init(from decoder: any Decoder) throws {
      let box = try decoder.singleValueContainer()
      if box.decodeNil() {
        self = .null
      } else if let value = try? box.decode(Bool.self) {
        self = .bool(value)
      } else if let value = try? box.decode(Double.self) {
        self = .number(value)
      } else if let value = try? box.decode(String.self) {
        self = .string(value)
      } else if let value = try? box.decode([Value].self) {
        self = .array(value)
      } else {
        self = .object(try box.decode([String: Value].self))
      }
    }
  }

  private let value: Value

  init(_ text: String) throws { value = try JSONDecoder().decode(Value.self, from: Data(text.utf8)) }
  private init(_ value: Value) { self.value = value }

  subscript(_ key: String) -> JSON {
    if case .object(let members) = value { JSON(members[key] ?? .null) } else { JSON(.null) }
  }

  var keys: Set<String> { if case .object(let members) = value { Set(members.keys) } else { [] } }
  var array: [JSON] { if case .array(let items) = value { items.map { JSON($0) } } else { [] } }
  var string: String { if case .string(let text) = value { text } else { "" } }
  var strings: [String] { array.map(\.string) }
  var int: Int? { if case .number(let number) = value { Int(exactly: number) } else { nil } }
  var bool: Bool? { if case .bool(let bool) = value { bool } else { nil } }
  var isNull: Bool { if case .null = value { true } else { false } }
  var isArray: Bool { if case .array = value { true } else { false } }
  var isObject: Bool { if case .object = value { true } else { false } }
  var isNumber: Bool { if case .number = value { true } else { false } }
  var description: String { "\(value)" }
}

/// One line of `start --json`.
struct Event: Sendable, CustomStringConvertible {
  let json: JSON
  var type: String { json["type"].string }
  var task: String { json["task"].string }
  var to: String { json["to"].string }
  var description: String { json.description }

  init(_ line: String) throws { json = try JSON(line) }

  static func all(_ output: Output) throws -> [Event] { try output.lines.map { try Event($0) } }
}
