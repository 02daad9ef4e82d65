import OrchDomain
import OrchNotify
import OrchStore

/// What people are told of an event.
struct NoticeText: Hashable {
  var kind: Notice.Kind
  var title: String
  var body: String

  /// - Returns: Nil for an event that nobody has to know of at once.
  init?(_ event: StoredEvent) {
    let fields = JSONFields(event.data)
    let reason = fields.string("reason") ?? ""
    let task = event.task?.description ?? ""
    switch event.type {
    case .taskState:
      switch fields.string("to").flatMap(TaskState.init) {
      case .inReview: self.init(.needsYou, "\(task) waits for your review", reason)
      case .stuck: self.init(.needsYou, "\(task) is stuck", reason)
      case .failed: self.init(.failed, "\(task) has failed", reason)
      case .complete: self.init(.landed, "\(task) has landed", "")
      default: return nil
      }
    case .questionAsked: self.init(.needsYou, "\(task) asks you something", fields.string("text") ?? "")
    case .taskReminder: self.init(.needsYou, "\(task) still waits for you", reason)
    case .budgetReached: self.init(.limit, "\(fields.int("percent") ?? 0) % of a limit", fields.string("text") ?? "")
    case .cooldownSet:
      // A limit of the vendor ends by itself; a login does not.
      guard let failure = fields.string("failure_class").flatMap(FailureClass.init),
        failure == .auth || failure == .billing
      else { return nil }
      self.init(.agent, "Agent \(fields.string("agent") ?? "") gets no work", reason)
    case .batchMissed:
      let count = fields.int("count") ?? 1
      let due = fields.time("due")?.rfc3339 ?? ""
      self.init(
        .missed, "Batch \(fields.string("name") ?? "") was due and did not run",
        "\(due)\(count > 1 ? " and \(count - 1) more" : ""): \(reason)")
    case .heartbeatLost:
      let from = fields.time("from")?.rfc3339 ?? ""
      self.init(.missed, "Nobody drove the project", "\(fields.string("who") ?? "") gave no sign of life since \(from)")
    default: return nil
    }
  }

  private init(_ kind: Notice.Kind, _ title: String, _ body: String) {
    self.kind = kind
    self.title = title
    self.body = body
  }

  /// The kinds of events that there are notices of.
  static let types: Set<EventType> = [
    .taskState, .questionAsked, .taskReminder, .budgetReached, .cooldownSet, .batchMissed, .heartbeatLost,
  ]
}
