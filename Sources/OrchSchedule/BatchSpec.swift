package import OrchDomain

/// A `[[batch]]` or `[[job]]` of schedule.toml: something bounded that is done at set times.
package struct BatchSpec: Hashable, Sendable {
  /// What a run does.
  package enum Work: Hashable, Sendable {
    /// Starts ready tasks.
    case tasks
    /// Runs a program, the first word, without a shell.
    case command([String])
    /// Makes a task of a maintenance template and starts it.
    case maintenance(template: String, scope: String, request: String?)
  }

  package static let defaultMaxTasks = 10
  package static let defaultMaxDuration = Duration.seconds(4 * 3600)
  package static let defaultGrace = Duration.seconds(600)
  /// How late a run may begin and still be on time: less than anybody notices, more than a busy machine needs.
  package static let punctuality = Duration.seconds(900)
  /// How many due times `catchup = "all"` makes up for.
  package static let catchupLimit = 24

  package var name: String
  package var cron: CronExpression
  /// The name of a time zone; nil for that of the machine.
  package var timezone: String?
  package var work = Work.tasks
  /// How many tasks one run starts.
  package var maxTasks: Int
  /// After this wall-clock time a run starts nothing more.
  package var maxDuration: Duration
  /// How long what runs then may go on before it is parked.
  package var grace = BatchSpec.defaultGrace
  /// What one run may spend; nil for the limit of the configuration.
  package var maxCost: MicroUSD?
  /// Only tasks of these modules; empty for all.
  package var modules: [String] = []
  package var agent: String?
  /// Only tasks of at least this priority.
  package var priority = TaskPriority.low
  package var notifyOnComplete: Bool
  package var catchup = Catchup.last
  package var overlap = Overlap.skip
  /// A run begins up to this much later than it is due, always the same for one due time.
  package var jitter = Duration.zero

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

  /// What its due times follow from. When it changes, what was due before by the new one counts as not due.
  package var schedule: String { timezone.map { "\(cron.text) \($0)" } ?? cron.text }

  /// When the run that is due at `due` begins.
  package func start(of due: Timestamp) -> Timestamp {
    let spread = max(0, jitter.wholeMilliseconds)
    guard spread > 0 else { return due }
    var hash = UInt64(bitPattern: due.milliseconds) ^ 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    hash ^= hash >> 32
    return due.advanced(by: .milliseconds(Int64(hash % UInt64(spread + 1))))
  }

  /// How much of `maxDuration` a run still has; zero when it must start nothing more.
  package func timeLeft(at now: Timestamp, startedAt start: Timestamp) -> Duration {
    max(.zero, maxDuration - max(.zero, now.since(start)))
  }
}
