import OrchAgents
import OrchDomain
import OrchHTTP

/// What a program sends, the body of a request or the arguments of a tool: an object whose members are asked for one
/// by one, and that has no others.
struct APIInput {
  private let members: [JSONValue.Member]

  /// - Throws: ``HTTPProblem`` for what is no JSON object, or has a member that is not in `known`.
  init(_ call: HTTPCall, known: [String]) throws {
    let body = call.body.isEmpty ? .object([]) : JSONReader.value(call.body[...])
    guard case .object(let members) = body else {
      throw HTTPProblem(400, "json_malformed", "the body is not a JSON object")
    }
    try self.init(members: members, known: known)
  }

  init(members: [JSONValue.Member], known: [String]) throws {
    if let other = members.first(where: { !known.contains($0.key) }) {
      let names = known.isEmpty ? "it takes none" : "it takes \(known.joined(separator: ", "))"
      throw HTTPProblem(422, "member_unknown", "'\(SafeText.line(other.key, limit: 60))' is not known here; \(names)")
    }
    self.members = members
  }

  private func value(_ name: String) -> JSONValue? {
    members.last { $0.key == name && $0.value != .null }?.value
  }

  private func wrong(_ name: String, _ wanted: String) -> HTTPProblem {
    HTTPProblem(422, "member_invalid", "'\(name)' must be \(wanted)")
  }

  func text(_ name: String, limit: Int = 16 << 10) throws -> String? {
    guard let value = value(name) else { return nil }
    guard let text = value.string, text.utf8.count <= limit, !text.utf8.contains(0) else {
      throw wrong(name, "a text of at most \(limit) bytes")
    }
    return text
  }

  /// A text that says something.
  func words(_ name: String, limit: Int = 16 << 10) throws -> String {
    guard let text = try text(name, limit: limit), text.contains(where: { !$0.isWhitespace }) else {
      throw wrong(name, "a text that says something")
    }
    return text
  }

  func count(_ name: String, in range: ClosedRange<Int> = 1...1_000_000) throws -> Int? {
    guard let value = value(name) else { return nil }
    guard let number = value.double, number == number.rounded(), let count = value.int, range.contains(count) else {
      throw wrong(name, "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return count
  }

  func money(_ name: String) throws -> MicroUSD? {
    guard let value = value(name) else { return nil }
    guard let amount = value.double, amount > 0, amount <= 1e9 else { throw wrong(name, "an amount above 0") }
    return MicroUSD(usd: amount)
  }

  func seconds(_ name: String) throws -> Duration? {
    guard let value = value(name) else { return nil }
    guard let seconds = value.double, seconds > 0, seconds <= 31_536_000 else {
      throw wrong(name, "a number of seconds, above 0 and of a year at most")
    }
    return .milliseconds(Int64(seconds * 1000))
  }

  func flag(_ name: String) throws -> Bool {
    guard let value = value(name) else { return false }
    guard let flag = value.bool else { throw wrong(name, "true or false") }
    return flag
  }

  func tasks(_ name: String) throws -> [TaskID]? {
    guard let value = value(name) else { return nil }
    guard let names = value.array, !names.isEmpty, names.count <= 10_000 else {
      throw wrong(name, "a list of at least one task")
    }
    return try names.map { name in
      guard let text = name.string, let id = TaskID(text) else {
        throw wrong("tasks", "a list of tasks such as billing/E01")
      }
      return id
    }
  }

  func choice(_ name: String, of choices: [String]) throws -> String? {
    guard let value = value(name) else { return nil }
    guard let text = value.string, choices.contains(text) else {
      throw wrong(name, "one of \(choices.joined(separator: ", "))")
    }
    return text
  }
}

extension HTTPCall {
  /// The task in the path.
  func task() throws -> TaskID {
    guard let id = TaskID("\(part("module"))/\(part("code"))") else {
      throw HTTPProblem(404, "task_unknown", "there is no such task; a task is named module/E05")
    }
    return id
  }

  func count(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
    guard let text = value(name) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw HTTPProblem(
        422, "query_invalid", "'\(name)' must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func flag(_ name: String) throws -> Bool {
    switch value(name) {
    case nil, "false": return false
    case "true": return true
    default: throw HTTPProblem(422, "query_invalid", "'\(name)' must be true or false")
    }
  }

  func choice<Value>(_ name: String, _ read: (String) -> Value?) throws -> Value? {
    guard let text = value(name) else { return nil }
    guard let value = read(text) else {
      throw HTTPProblem(422, "query_invalid", "'\(SafeText.line(text, limit: 60))' is no value of '\(name)'")
    }
    return value
  }

  /// The number after which events are wanted; what a reader that comes back sends wins over what it began with.
  func position() throws -> Int64? {
    guard let text = lastEventID ?? value("after") else { return nil }
    guard let number = Int64(text), number >= 0 else {
      throw HTTPProblem(422, "query_invalid", "'after' and Last-Event-ID are the number of an event")
    }
    return number
  }
}
