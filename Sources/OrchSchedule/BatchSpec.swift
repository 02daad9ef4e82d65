package import OrchDomain

/// A `[[batch]]` of schedule.toml: a bounded run over ready tasks at set times.
package struct BatchSpec: Hashable, Sendable {
  package static let defaultMaxTasks = 10
  package static let defaultMaxDuration = Duration.seconds(4 * 3600)

  package let name: String
  package let cron: CronExpression
  /// How many tasks one run starts.
  package let maxTasks: Int
  /// After this wall-clock time a run starts nothing more.
  package let maxDuration: Duration
  package let notifyOnComplete: Bool

  /// - Parameters:
  ///   - maxTasks: Nil, or anything below 1, means 10.
  ///   - maxDuration: Nil, or anything not above zero, means 4 hours.
  package init(
    name: String, cron: CronExpression, maxTasks: Int? = nil, maxDuration: Duration? = nil,
    notifyOnComplete: Bool = false
  ) {
    self.name = name
    self.cron = cron
    self.maxTasks = maxTasks.flatMap { $0 > 0 ? $0 : nil } ?? BatchSpec.defaultMaxTasks
    self.maxDuration = maxDuration.flatMap { $0 > .zero ? $0 : nil } ?? BatchSpec.defaultMaxDuration
    self.notifyOnComplete = notifyOnComplete
  }

  /// What is known about the runs of a batch. Kept durably, or every restart would forget what already ran.
  package struct Record: Hashable, Sendable {
    /// When the batch was first seen. What would have fired before is not made up for.
    package var knownSince: Timestamp
    package var lastStarted: Timestamp?
    /// Nil while the last run goes on, or when there was none.
    package var lastEnded: Timestamp?

    package init(knownSince: Timestamp, lastStarted: Timestamp? = nil, lastEnded: Timestamp? = nil) {
      self.knownSince = knownSince
      self.lastStarted = lastStarted
      self.lastEnded = lastEnded
    }

    package var isRunning: Bool { lastStarted.map { start in lastEnded.map { $0 < start } ?? true } ?? false }
  }

  /// What to do about a batch now.
  package enum Due: Hashable, Sendable {
    /// Start a run. `scheduled` is the first time that was missed, so `now` minus `scheduled` is how late it is.
    case start(scheduled: Timestamp)
    /// A run goes on; times that pass meanwhile are skipped, not made up for.
    case running
    case wait(until: Timestamp)
    /// The schedule never fires again.
    case never
  }

  /// However many times were missed while nothing was there to run them, there is one run to catch up.
  package func due(at now: Timestamp, _ record: Record, zone: TimeZoneOffsets = .utc) -> Due {
    if record.isRunning { return .running }
    let latest =
      [record.knownSince, record.lastStarted, record.lastEnded].compactMap(\.self).max() ?? record.knownSince
    // A clock that was put back must not silence the batch until the old time comes round again.
    guard let next = cron.next(after: min(latest, now), zone: zone) else { return .never }
    return next <= now ? .start(scheduled: next) : .wait(until: next)
  }

  /// How much of `maxDuration` a run still has; zero when it must start nothing more.
  package func timeLeft(at now: Timestamp, startedAt start: Timestamp) -> Duration {
    max(.zero, maxDuration - max(.zero, now.since(start)))
  }
}
