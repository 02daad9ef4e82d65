package import OrchDomain
package import OrchSchedule
package import OrchStore

/// The records of batches in the store: which due times got a run, which got none and why.
///
/// A run's identity is its batch and its due time, and the store holds each once: of two processes that find the same
/// due time, one gets the run.
package struct BatchLedger: Sendable {
  /// What a call of `batch run` comes to.
  package enum Opening: Hashable, Sendable {
    /// A run begins, or goes on whose process has died.
    case run(Batch, goesOn: Bool)
    /// The run that is due begins later, because of its jitter.
    case later(due: Timestamp, at: Timestamp)
    /// Nothing is due; nil when nothing ever will be.
    case nothing(next: Timestamp?)
  }

  private let store: Store
  private let row: ProjectID
  private let clock: EngineClock

  package init(store: Store, row: ProjectID, clock: EngineClock) {
    self.store = store
    self.row = row
    self.clock = clock
  }

  package init(project: OpenProject) { self.init(store: project.store, row: project.row, clock: project.clock) }

  /// What is written into records of runs that nobody has ended.
  package static let lost = "lost: its process ended without a word"
  /// A batch that is seen first by the call that its time makes was known a moment before.
  private static let clockLag = Duration.seconds(120)
  private static let remembered = 200

  /// What is due now.
  ///
  /// - Parameters:
  ///   - holdsLock: Whether the caller holds the lock under which its runs go on, so that an open record is a lost one.
  ///   - byClock: Whether a program that starts things by the clock asks.
  package func plan(
    _ spec: BatchSpec, zone: TimeZoneOffsets, holdsLock: Bool = false, byClock: Bool = false
  ) throws -> BatchPlan {
    let now = clock.now()
    let seen = byClock ? now.advanced(by: .zero - Self.clockLag) : now
    let past = try store.write(row) { tx throws(StoreError) in
      BatchPast(
        knownSince: try tx.batchKnownSince(name: spec.name, schedule: spec.schedule, at: seen),
        entries: try tx.batches(named: spec.name, limit: Self.remembered).map { Self.entry($0, holdsLock: holdsLock) })
    }
    return spec.plan(at: now, past, zone: zone)
  }

  /// Whether the newest run of a batch has not ended, as far as anybody has written.
  func hasOpen(_ spec: BatchSpec) throws -> Bool {
    try store.read(row) { tx throws(StoreError) in
      try tx.batches(named: spec.name, limit: 1).contains { $0.endedAt == nil }
    }
  }

  private static func entry(_ batch: Batch, holdsLock: Bool) -> BatchPast.Entry {
    let state: BatchPast.Entry.State
    if let until = batch.missedUntil {
      state = .missed(until: until)
    } else if let end = batch.endedAt {
      // Nobody knows how long a lost run went on; what nobody saw was in nobody's way.
      state = .ended(batch.outcome == lost ? batch.startedAt : end)
    } else {
      state = holdsLock ? .lost : .running
    }
    return BatchPast.Entry(id: batch.id, due: batch.dueAt, startedAt: batch.startedAt, state: state)
  }

  /// Opens the record of the run that a call of `batch run` is for. The caller holds the lock of the batch.
  ///
  /// - Parameters:
  ///   - byClock: Only a run that is due, and when its jitter is over; else a run begins in any case, and is the due
  ///     one if there is one.
  ///   - forecast: Told with the event.
  package func open(
    _ spec: BatchSpec, zone: TimeZoneOffsets, byClock: Bool, log: String, forecast: [String: EventValue] = [:]
  ) throws -> Opening {
    let plan = try plan(spec, zone: zone, holdsLock: true, byClock: byClock)
    let now = clock.now()
    return try store.write(row, durability: .full) { tx throws(StoreError) in
      for missed in plan.missed { try Self.record(missed, of: spec, tx, now) }
      if let run = plan.goesOn, let batch = try tx.batch(run.id), batch.endedAt == nil {
        return .run(batch, goesOn: true)
      }
      for batch in try tx.batches(limit: 1000) where batch.endedAt == nil && Self.share(batch, spec) {
        try tx.updateBatch(batch.id, endedAt: now) { $0.outcome = Self.lost }
      }
      if byClock {
        guard let start = plan.start else { return .nothing(next: plan.next) }
        if start.at > now { return .later(due: start.due, at: start.at) }
      }
      let begun = try tx.beginBatch(
        name: spec.name, work: spec.kind, due: plan.start?.due, logPath: log, data: forecast, at: now)
      guard let begun else { return .nothing(next: plan.next) }
      return .run(begun, goesOn: false)
    }
  }

  /// Whether the holder of the batch's lock knows that an open record is nobody's: programs of jobs run beside others.
  private static func share(_ batch: Batch, _ spec: BatchSpec) -> Bool {
    spec.kind == .command ? batch.name == spec.name : batch.work != .command
  }

  private static func record(
    _ missed: BatchPlan.Missed, of spec: BatchSpec, _ tx: borrowing StoreTransaction, _ now: Timestamp
  ) throws(StoreError) {
    try tx.missBatch(
      name: spec.name, work: spec.kind, from: missed.first, until: missed.last, count: missed.count,
      reason: missed.reason.text, at: now)
  }

  /// Records what is missed, and that the run that is due, if any, cannot begin.
  ///
  /// - Parameters:
  ///   - isOwn: Whether it is another call of the same batch that is in the way: the run that is due is that one's.
  ///   - byClock: Else the call itself is recorded, too, when nothing was due.
  package func recordSkipped(
    _ spec: BatchSpec, zone: TimeZoneOffsets, reason: String, isOwn: Bool = false, byClock: Bool, log: String
  ) throws {
    let plan = try plan(spec, zone: zone, byClock: byClock)
    let reason = SafeText.line(reason, limit: 500)
    let now = clock.now()
    try store.write(row) { tx in
      for missed in plan.missed { try Self.record(missed, of: spec, tx, now) }
      if let start = plan.start {
        if isOwn { return }
        try tx.missBatch(
          name: spec.name, work: spec.kind, from: start.due, until: start.due, count: 1, reason: reason, at: now)
      } else if !byClock, let batch = try tx.beginBatch(name: spec.name, work: spec.kind, logPath: log, at: now) {
        try tx.updateBatch(batch.id, endedAt: now) { $0.outcome = "skipped: \(reason)" }
      }
    }
  }

  package func end(_ batch: Int64, _ summary: RunSummary) throws {
    try end(batch) { record in
      record.outcome = Self.outcome(of: summary)
      // A run that went on after its process had died has begun tasks before.
      record.started = max(record.started, summary.started.count)
      record.complete = summary.complete.count
      record.inReview = summary.inReview.count
      record.parked = summary.parked.count
      record.failed = summary.failed.count + summary.stuck.count
      record.cost = summary.cost
    }
  }

  /// The run ended with an error of its own.
  package func end(_ batch: Int64, error: any Error) throws {
    try end(batch) { $0.outcome = "error: \(SafeText.line("\(error)", limit: 500))" }
  }

  /// A job's program has ended.
  ///
  /// - Parameter trouble: How, when not with exit status 0.
  package func end(_ batch: Int64, trouble: String?) throws {
    try end(batch) { record in
      record.outcome = trouble ?? "done"
      record.failed = trouble == nil ? 0 : 1
    }
  }

  private func end(_ batch: Int64, _ change: (inout Batch) -> Void) throws {
    let now = clock.now()
    try store.write(row) { tx in
      let begun = try tx.tasks(ofBatch: batch).count
      try tx.updateBatch(batch, endedAt: now) { record in
        record.started = begun
        change(&record)
      }
    }
  }

  /// How many tasks a run that goes on has begun before.
  package func begun(by batch: Int64) throws -> Int {
    try store.read(row) { tx throws(StoreError) in try tx.tasks(ofBatch: batch).count }
  }

  /// What a run came to, in one line.
  package static func outcome(of summary: RunSummary) -> String {
    if summary.wasInterrupted { return "interrupted" }
    if let early = summary.endedEarly { return "ended early: \(SafeText.line(early, limit: 300))" }
    let counts = [
      (summary.failed.count, "failed"), (summary.stuck.count, "stuck"), (summary.parked.count, "parked"),
      (summary.inReview.count, "in review"),
    ]
    let parts = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    return parts.isEmpty ? "done" : parts.joined(separator: ", ")
  }
}

extension BatchSpec {
  package var kind: Batch.Work {
    switch work {
    case .tasks: .tasks
    case .command: .command
    case .maintenance: .maintenance
    }
  }
}

extension BatchPlan.Reason {
  /// Follows the word "missed:".
  package var text: String {
    switch self {
    case .absent: "nothing was there to start it, and catchup is 'none'"
    case .madeUp(let due): "the run that was due at \(due.rfc3339) makes up for it"
    case .tooMany: "catchup 'all' makes up for the last \(BatchSpec.catchupLimit) only"
    case .overlap(let run): "run #\(run) of it was still going on"
    }
  }
}

extension RunOptions {
  /// What a batch may do: its limits hold for everything, and parked tasks are waited for within them.
  ///
  /// - Parameters:
  ///   - begun: Tasks that the run has begun already.
  ///   - timeLeft: Of `max_duration`.
  package init(_ spec: BatchSpec, begun: Int = 0, timeLeft: Duration? = nil) {
    let limit = timeLeft ?? spec.maxDuration
    self.init(
      count: max(0, spec.maxTasks - begun), agent: spec.agent, maxDuration: limit, maxCost: spec.maxCost,
      patience: limit)
    modules = spec.modules
    priority = spec.priority
    endsAtLimit = true
    grace = spec.grace
  }
}
