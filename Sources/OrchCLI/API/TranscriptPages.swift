import OrchDomain
import OrchEngine
import OrchStore
import Synchronization

/// The transcript of one attempt as pages, or as it grows.
struct TranscriptPages: Sendable {
  let view: ProjectView
  let task: TaskID
  /// The latest when nil.
  let attempt: Int?

  private func reader() throws -> (number: Int, reader: TranscriptReader) {
    _ = try view.task(task)
    let attempts = try view.look { tx in try tx.attempts(of: task) }
    guard let found = attempt.map({ number in attempts.first { $0.number == number } }) ?? attempts.last else {
      throw EngineError.invalid(
        attempts.isEmpty
          ? "\(task) has not been attempted yet" : "\(task) has no such attempt; there are \(attempts.count)")
    }
    return (
      found.number,
      TranscriptReader(
        view: view, task: task, attempt: found.number, isRaw: false,
        parser: TranscriptRun.parser(of: found.agent, view))
    )
  }

  /// - Parameter after: Parts to leave out.
  func page(after: Int, limit: Int) throws -> JSONValue {
    var (number, reader) = try reader()
    var parts: [JSONValue] = []
    var seen = 0
    while parts.count < limit {
      let next = try reader.read()
      if next.isEmpty { break }
      for part in next.compactMap(\.json) {
        seen += 1
        if seen > after, parts.count < limit { parts.append(part) }
      }
    }
    return .object([
      .init("task", .string(task.description)), .init("attempt", JSONValue(number)), .init("parts", .array(parts)),
      .init("next", JSONValue(parts.isEmpty ? after : after + parts.count)), .init("over", .bool(reader.isOver)),
    ])
  }

  /// Lines of what has come since the last call; nil when the attempt is over.
  func follow(_ clock: EngineClock) throws -> @Sendable () async throws -> [UInt8]? {
    let state = Mutex(try reader().reader)
    return {
      while true {
        let (parts, isOver) = try state.withLock { reader in (try reader.read(), reader.isOver) }
        let lines = parts.compactMap { $0.json.map { $0.text() + "\n" } }.joined()
        if !lines.isEmpty { return Array(lines.utf8) }
        if isOver { return nil }
        if parts.isEmpty { try await clock.sleep(.milliseconds(200)) }
      }
    }
  }
}
