import OrchAgents
import OrchDomain
import OrchEngine
import OrchStore

/// One part of the transcript of an attempt.
enum TranscriptPart {
  case attempt(Attempt)
  /// - Parameter reason: Why there is another turn, when the log tells.
  case turn(Turn, reason: String?)
  case agent(AgentEvent)
  /// Bytes of the agent's stream as they are.
  case raw([UInt8])
  case standardError(String)
  case turnEnded(Turn)
  case gate(GateLog)
  case attemptEnded(Attempt)
}

extension TranscriptPart {
  /// For people; safe for a terminal.
  func text(bold: Bool) -> String {
    func heading(_ text: String) -> String { bold ? "\u{1B}[1m\(text)\u{1B}[0m\n" : "\(text)\n" }
    switch self {
    case .attempt(let attempt):
      let model = attempt.model.map { " (\(SafeText.visible($0)))" } ?? ""
      return heading(
        "=== attempt \(attempt.number) of \(attempt.task) with \(SafeText.visible(attempt.agent))\(model), "
          + "\(attempt.startedAt.rfc3339)")
    case .turn(let turn, let reason):
      let purpose = SafeText.visible(turn.purpose.replacing("_", with: " "))
      let why = reason.map { ": \(SafeText.line($0, limit: 400))" } ?? ""
      return heading("--- turn \(turn.number), \(purpose), \(turn.startedAt.rfc3339)\(why)")
    case .agent(.text(let text)): return TranscriptPart.paragraph(text)
    case .agent(let event): return event.rendered + "\n"
    case .raw(let bytes): return SafeText.visible(String(decoding: bytes, as: UTF8.self), keepingNewlines: true)
    case .standardError(let text): return "standard error:\n" + TranscriptPart.indented(text)
    case .turnEnded(let turn): return heading(TranscriptPart.ending(turn))
    case .gate(let log):
      switch log.ending {
      case .green: return heading("--- gate green")
      case .unfinished: return heading("--- gate at work")
      case .red(let how):
        return heading("--- gate red: \(SafeText.line(how, limit: 400))") + TranscriptPart.indented(log.output)
      }
    case .attemptEnded(let attempt):
      let detail = attempt.failureDetail.map { ": \(SafeText.line($0, limit: 400))" } ?? ""
      return heading("=== attempt \(attempt.number) ended: \(AttemptList.outcome(attempt))\(detail)")
    }
  }

  private static func ending(_ turn: Turn) -> String {
    var text = "--- turn \(turn.number) ended"
    if let end = turn.endedAt { text += " after \(end.since(turn.startedAt).text)" }
    if let outcome = turn.outcome { text += ": \(SafeText.line(outcome.replacing("_", with: " "), limit: 100))" }
    if let exit = turn.exit { text += " (\(SafeText.line(exit, limit: 100)))" }
    return text
  }

  /// All lines of what an agent says: a transcript that cuts sentences off is of no use.
  private static func paragraph(_ text: String) -> String {
    var safe = SafeText.visible(text, keepingNewlines: true)
    while safe.hasSuffix("\n") { safe.removeLast() }
    return safe + "\n"
  }

  private static func indented(_ text: String) -> String {
    SafeText.visible(text, keepingNewlines: true).split(separator: "\n", omittingEmptySubsequences: true)
      .map { "  \($0)\n" }.joined()
  }

  /// For programs; nil for raw bytes.
  var json: JSONValue? {
    switch self {
    case .attempt(let attempt):
      .object([
        .init("type", "attempt"), .init("task", .string(attempt.task.description)),
        .init("attempt", JSONValue(attempt.number)), .init("agent", .string(attempt.agent)),
        .init("model", JSONValue(attempt.model)), .init("at", .string(attempt.startedAt.rfc3339)),
      ])
    case .turn(let turn, let reason):
      .object([
        .init("type", "turn"), .init("turn", JSONValue(turn.number)), .init("purpose", .string(turn.purpose)),
        .init("at", .string(turn.startedAt.rfc3339)), .init("reason", JSONValue(reason)),
      ])
    case .agent(let event): event.json
    case .raw: nil
    case .standardError(let text): .object([.init("type", "standard_error"), .init("text", .string(text))])
    case .turnEnded(let turn):
      .object([
        .init("type", "turn_ended"), .init("turn", JSONValue(turn.number)),
        .init("at", JSONValue(turn.endedAt?.rfc3339)), .init("outcome", JSONValue(turn.outcome)),
        .init("exit", JSONValue(turn.exit)), .init("cost_usd", .double(turn.usage.cost.usd)),
      ])
    case .gate(let log):
      .object([
        .init("type", "gate"), .init("passed", log.ending == .green ? true : false),
        .init("output", .string(log.output)),
      ])
    case .attemptEnded(let attempt):
      .object([
        .init("type", "attempt_ended"), .init("attempt", JSONValue(attempt.number)),
        .init("outcome", JSONValue(attempt.outcome?.rawValue)),
        .init("failure_class", JSONValue(attempt.failureClass?.rawValue)),
        .init("detail", JSONValue(attempt.failureDetail)),
      ])
    }
  }
}

extension AgentEvent {
  /// One object for programs, with the kind in `type`.
  var json: JSONValue {
    switch self {
    case .session(let id): .object([.init("type", "session"), .init("session", .string(id))])
    case .text(let text): .object([.init("type", "text"), .init("text", .string(text))])
    case .toolUse(let name, let summary):
      .object([.init("type", "tool_use"), .init("name", .string(name)), .init("summary", .string(summary))])
    case .toolResult(let isError, let summary):
      .object([.init("type", "tool_result"), .init("is_error", .bool(isError)), .init("summary", .string(summary))])
    case .retry(let status, let reason, let delay):
      .object([
        .init("type", "retry"), .init("status", JSONValue(status)), .init("reason", .string(reason)),
        .init("delay_seconds", .double(delay.inSeconds)),
      ])
    case .rateLimited(let isRejected, let until):
      .object([
        .init("type", "rate_limit"), .init("rejected", .bool(isRejected)), .init("until", JSONValue(until?.rfc3339)),
      ])
    case .denied(let tool, let reason):
      .object([.init("type", "denied"), .init("name", .string(tool)), .init("reason", .string(reason))])
    case .usage(let usage, let cost):
      .object([.init("type", "usage"), .init("tokens", usage.json), .init("cost_usd", JSONValue(cost?.usd))])
    case .note(let text): .object([.init("type", "note"), .init("text", .string(text))])
    }
  }
}
