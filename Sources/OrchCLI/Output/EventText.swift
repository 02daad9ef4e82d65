import OrchDomain
import OrchEngine
import OrchStore

/// One readable line for an event of the log.
enum EventText {
  /// nil for events that only machines care about.
  static func line(_ event: StoredEvent) -> String? {
    guard let text = text(event) else { return nil }
    let time = event.at.civil.time
    let clock = "\(pad(time.hour)):\(pad(time.minute)):\(pad(time.second))"
    let task = event.task?.description ?? "-"
    return "\(clock)  \(task.padding(to: 16))  \(SafeText.line(text, limit: 400))\n"
  }

  private static func text(_ event: StoredEvent) -> String? {
    let data = JSONFields(event.data)
    switch event.type {
    case .taskState:
      guard let to = data.string("to"), data.string("from") != to || data.string("reason") != nil else { return nil }
      return stateText(to, data, attempt: event.attempt)
    case .gateRan:
      let colour = data.bool("passed") == true ? "green" : "red"
      let duration = Duration.milliseconds(data.int("duration_ms") ?? 0).text
      let stage = data.string("stage").map { ", stage \($0)" } ?? ""
      return "gate \(colour)\(stage) on tree \(data.string("tree")?.prefix(12) ?? "?") in \(duration)"
    case .changeOpened: return "change #\(data.int("number") ?? 0) opened (\(data.string("category") ?? "unknown"))"
    case .changeIgnored:
      let author = data.string("author") ?? ""
      let what =
        author.isEmpty
        ? "there are commits that were not tested here; take them over, or reject the change"
        : "'\(author)' is not listened to, being no owner, member, collaborator or [forge] reviewer"
      return "left alone: \(what): \(data.string("url") ?? "")"
    case .statusWritten: return "status in Markdown: \(data.string("status") ?? "?")"
    case .attemptEnded where data.string("outcome") != "complete":
      return "attempt \(event.attempt ?? 0) ended: \(data.string("detail") ?? data.string("outcome") ?? "?")"
    case .cooldownSet:
      let until = Timestamp(milliseconds: data.int("until") ?? 0).rfc3339
      return "\(agent(data)) gets no work until \(until): \(data.string("reason") ?? "")"
    case .cooldownCleared: return "\(agent(data)) gets work again"
    case .budgetReached:
      let isReached = data.int("percent") == 100
      return "\(isReached ? "limit reached" : "notice"): \(data.string("text") ?? "?") are used"
    case .taskReminder:
      let since = Timestamp(milliseconds: data.int("since") ?? 0).rfc3339
      return "reminder: waits for a person since \(since): \(data.string("reason") ?? data.string("state") ?? "?")"
    case .messageSent: return "message \(data.int("message") ?? 0) from \(data.string("from") ?? "?")"
    case .messageDelivered:
      return "message \(data.int("message") ?? 0) is in the prompt of turn \(data.int("turn") ?? 0)"
    case .questionAsked: return "asks: \(data.string("text") ?? "?")"
    case .projectPaused: return "paused"
    case .projectResumed: return "resumed"
    default: return nil
    }
  }

  private static func agent(_ data: JSONFields) -> String {
    "agent \(data.string("agent") ?? "?")" + (data.string("model").map { " with model \($0)" } ?? "")
  }

  private static func stateText(_ state: String, _ data: JSONFields, attempt: Int?) -> String {
    var text = state.replacing("_", with: " ")
    if let commit = data.string("commit") { text += " as \(commit.prefix(12))" }
    if let agent = data.string("agent"), let attempt { text += ", attempt \(attempt) with \(agent)" }
    if let purpose = data.string("purpose"), purpose != "start" { text += " (\(purpose.replacing("_", with: " ")))" }
    if let reason = data.string("reason") { text += ": \(reason)" }
    return text
  }
}

extension String {
  /// The text with spaces behind it up to `width` columns.
  func padding(to width: Int) -> String {
    count < width ? self + String(repeating: " ", count: width - count) : self
  }
}
