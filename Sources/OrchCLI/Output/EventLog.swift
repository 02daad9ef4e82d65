#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
import OrchDomain
import OrchStore

/// The event log for people and programs: unlike ``EventText`` it leaves nothing out.
enum EventLog {
  /// `    42  2026-11-21T06:12:42Z  billing/E01       task.state  from=ready to=queued`
  static func line(_ event: StoredEvent) -> String {
    let number = String(event.seq)
    let space = String(repeating: " ", count: max(0, 6 - number.count))
    var text = "\(space)\(number)  \(event.at.rfc3339)  \((event.task?.description ?? "-").padding(to: 16))  "
    text += SafeText.visible(event.type.rawValue)
    if let attempt = event.attempt { text += " #\(attempt)" }
    for (key, value) in members(event) where value != .null {
      let shown = if case .string(let string) = value { string } else { value.text() }
      text += "  \(SafeText.visible(key))=\(SafeText.line(shown, limit: 200))"
    }
    return text + "\n"
  }

  static func json(_ event: StoredEvent) -> JSONValue {
    var result: [JSONValue.Member] = [
      .init("type", .string(event.type.rawValue)), .init("seq", .int(event.seq)),
      .init("at", .string(event.at.rfc3339)), .init("task", JSONValue(event.task?.description)),
      .init("attempt", JSONValue(event.attempt)),
    ]
    let taken = Set(result.map(\.key) + ["hash"])
    result += members(event).filter { !taken.contains($0.key) }.map { JSONValue.Member($0.key, $0.value) }
    return .object(result + [.init("hash", .string(event.hash))])
  }

  /// The members of the event's data by name; the text as it is when it is no JSON object, as after tampering.
  private static func members(_ event: StoredEvent) -> [(key: String, value: JSONValue)] {
    guard case .object(let members) = data(event) else { return [] }
    return members.map { ($0.key, $0.value) }
  }

  /// The data of an event as an object.
  static func data(_ event: StoredEvent) -> JSONValue {
    switch Result(catching: { try JSONDecoder().decode(DecodedJSON.self, from: Data(event.data.utf8)).value }) {
    case .success(.object(let members)): .object(members)
    case .success, .failure: .object([.init("data", .string(event.data))])
    }
  }
}

/// Any JSON document, with the keys of objects in ascending order.
struct DecodedJSON: Decodable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  let value: JSONValue

  init(from decoder: any Decoder) throws {
    if let object = try? decoder.container(keyedBy: Key.self) {  // because another kind of value is not an error
      value = .object(
        try object.allKeys.sorted { $0.stringValue < $1.stringValue }.map {
          JSONValue.Member($0.stringValue, try object.decode(DecodedJSON.self, forKey: $0).value)
        })
    } else if var array = try? decoder.unkeyedContainer() {  // because, see above
      var values: [JSONValue] = []
      while !array.isAtEnd { values.append(try array.decode(DecodedJSON.self).value) }
      value = .array(values)
    } else {
      value = try DecodedJSON.scalar(try decoder.singleValueContainer())
    }
  }

  private static func scalar(_ container: any SingleValueDecodingContainer) throws -> JSONValue {
    if container.decodeNil() { return .null }
    if let value = try? container.decode(Bool.self) { return .bool(value) }  // because, see above
    if let value = try? container.decode(Int64.self) { return .int(value) }  // because, see above
    if let value = try? container.decode(Double.self) { return .double(value) }  // because, see above
    return .string(try container.decode(String.self))
  }
}
