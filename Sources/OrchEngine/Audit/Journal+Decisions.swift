import OrchDomain
import OrchSchedule
import OrchStore

extension OpenProject {
  /// How many steps one event holds at most.
  private static let stepsPerEvent = 500

  /// Gives a task to the pool, in one transaction with the decision to do so and with the note of the run that it is
  /// for: a run that was to start three tasks never starts a fourth because the daemon was killed.
  ///
  /// - Parameter run: Of the daemon; nil for a run of this process.
  func enqueue(_ id: TaskID, decidedBy steps: [FrontierStep], forRun run: Int64?) throws {
    let now = clock.now()
    try write { tx throws(StoreError) in
      try Self.append(steps, to: tx, at: now)
      try tx.transition(
        id, from: [.ready, .blocked], to: .queued, data: run.map { ["run": .int($0)] } ?? [:], at: now)
      if let run { try tx.addStarted(id, toRun: run) }
    }
  }

  /// Records decisions that moved no task.
  func record(_ steps: [FrontierStep]) throws {
    let now = clock.now()
    try write { tx throws(StoreError) in try Self.append(steps, to: tx, at: now) }
  }

  private static func append(_ steps: [FrontierStep], to tx: borrowing StoreTransaction, at now: Timestamp)
    throws(StoreError)
  {
    for start in stride(from: 0, to: steps.count, by: stepsPerEvent) {
      let group = steps[start..<min(start + stepsPerEvent, steps.count)]
      try tx.appendEvent(
        .scheduleDecided, data: ["steps": .array(group.map { EventValue($0.json) })], at: now)
    }
  }
}
