import OrchConfig
import OrchDomain
import OrchStore

extension Conductor {
  /// How often the run looks for people who have to be reminded.
  private static let interval = Duration.seconds(30)

  func remind() throws {
    let now = project.clock.now()
    guard remindedAt.map({ now.since($0) >= Self.interval }) ?? true else { return }
    remindedAt = now
    try project.remindOfWaits()
  }
}

extension OpenProject {
  /// Reminds of tasks that wait for a person since a long time: once for each stretch of `remind_after`.
  func remindOfWaits() throws {
    guard let after = settings.limits.remindAfter else { return }
    let now = clock.now()
    for task in try tasks(in: [.inReview, .parked, .stuck, .approved]) {
      guard let wait = Wait(task, attempt: nil, turn: nil, settings: settings), wait.kind == .person,
        now.since(wait.since) >= after
      else { continue }
      try write { tx throws(StoreError) in
        let last = try tx.lastEvent(.taskReminder, task: task.id)
        if let last, last >= wait.since, now.since(last) < after { return }
        try tx.appendEvent(
          .taskReminder, task: task.id,
          data: [
            "state": .string(task.state.rawValue), "since": .int(wait.since.milliseconds),
            "reason": EventValue(task.reason),
          ], at: now)
      }
    }
  }
}
