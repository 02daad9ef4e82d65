package import OrchDiagnostics
package import OrchDomain

/// The batches and jobs of a schedule file.
package struct Schedule: Hashable, Sendable {
  /// In the order of the file, batches first; names are unique among both.
  package var batches: [BatchEntry] = []
  package var jobs: [JobEntry] = []

  package init() {}
}

/// What batches and jobs have in common: a name, and times.
package struct ScheduleEntry: Hashable, Sendable {
  package var name = ""
  /// Five fields, separated by one space each, or a word that begins with `@`. Only their number is checked here.
  package var cron = ""
  /// Nil means that of the machine.
  package var timezone: String?
  package var notifyOnComplete = false
  package var catchup = Catchup.last
  package var overlap = Overlap.skip
  package var jitter: Duration = .zero
  package var location: SourceLocation
  /// The place of ``cron``, for what is wrong inside it.
  package var cronLocation: SourceLocation
  /// The place of ``timezone``.
  package var timezoneLocation: SourceLocation

  package init(location: SourceLocation) {
    self.location = location
    cronLocation = location
    timezoneLocation = location
  }
}

/// Something in a schedule file that starts by the clock.
protocol ScheduledByTimes: Sendable {
  var times: ScheduleEntry { get set }
}

/// `[[batch]]`: one run over ready tasks that starts by the clock.
package struct BatchEntry: Hashable, Sendable, ScheduledByTimes {
  package var times: ScheduleEntry
  package var maxTasks = 10
  package var maxDuration: Duration = .seconds(4 * 3600)
  package var grace: Duration = .seconds(600)
  package var maxCost: MicroUSD?
  package var modules: [String] = []
  package var agent: String?
  package var priority = TaskPriority.low

  package init(location: SourceLocation) { times = ScheduleEntry(location: location) }
}

/// `[[job]]`: a program, or a maintenance task, that starts by the clock.
package struct JobEntry: Hashable, Sendable, ScheduledByTimes {
  package var times: ScheduleEntry
  /// The program and its arguments.
  package var command: [String] = []
  /// A name of `claude-orch maintenance list`.
  package var maintenance: String?
  package var scope = "all"
  package var prompt: String?
  package var agent: String?
  package var maxDuration: Duration = .seconds(4 * 3600)
  package var maxCost: MicroUSD?

  package init(location: SourceLocation) { times = ScheduleEntry(location: location) }
}

extension TextRule {
  static let cron = TextRule(expected: "five fields such as \"0 22 * * *\", or a word such as \"@daily\"") { text in
    let words = text.split(whereSeparator: \.isWhitespace)
    return words.count == 5 || words.count == 1 && text.contains("@")
  }
}
