import OrchDomain
package import OrchSchedule
import OrchStore

/// The records of batches in the store. The caller holds the project's lock, but for ``recordSkipped(_:holder:log:)``.
package struct BatchLedger: Sendable {
  private let project: OpenProject

  package init(project: OpenProject) { self.project = project }

  /// What is written into records of runs that nobody has ended.
  package static let lost = "lost: its process ended without a word"

  /// Closes the records that killed runs have left open: whoever holds the lock knows that none of them goes on.
  package func closeLost() throws {
    let now = project.clock.now()
    let open = try project.store.read(project.row) { tx throws(StoreError) in try tx.batches(limit: 1000) }
      .filter { $0.endedAt == nil }
    for batch in open {
      try project.write { tx throws(StoreError) in
        try tx.updateBatch(batch.id, endedAt: now) { $0.outcome = Self.lost }
      }
    }
  }

  /// - Returns: The number under which attempts are charged to the batch.
  package func begin(_ spec: BatchSpec, log: String) throws -> Int64 {
    let now = project.clock.now()
    return try project.store.write(project.row) { tx throws(StoreError) in
      try tx.beginBatch(name: spec.name, logPath: log, at: now).id
    }
  }

  package func end(_ batch: Int64, _ summary: RunSummary) throws {
    let now = project.clock.now()
    try project.write { tx throws(StoreError) in
      try tx.updateBatch(batch, endedAt: now) { record in
        record.outcome = Self.outcome(of: summary)
        record.started = summary.started.count
        record.complete = summary.complete.count
        record.inReview = summary.inReview.count
        record.parked = summary.parked.count
        record.failed = summary.failed.count + summary.stuck.count
        record.cost = summary.cost
      }
    }
  }

  /// The run ended with an error of its own.
  package func end(_ batch: Int64, error: any Error) throws {
    let now = project.clock.now()
    try project.write { tx throws(StoreError) in
      try tx.updateBatch(batch, endedAt: now) { $0.outcome = "error: \(SafeText.line("\(error)", limit: 500))" }
    }
  }

  /// The batch was due and could not run, because somebody else drives the project.
  package func recordSkipped(_ spec: BatchSpec, holder: String, log: String) throws {
    let batch = try begin(spec, log: log)
    let now = project.clock.now()
    try project.write { tx throws(StoreError) in
      try tx.updateBatch(batch, endedAt: now) {
        $0.outcome = "skipped: the project was driven by \(SafeText.line(holder, limit: 300))"
      }
    }
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

extension RunOptions {
  /// What a batch may do: its limits hold for everything, and parked tasks are waited for within them.
  package init(_ spec: BatchSpec) {
    self.init(count: spec.maxTasks, maxDuration: spec.maxDuration, patience: spec.maxDuration)
    endsAtLimit = true
  }
}
