import OrchDomain
import OrchEngine
import OrchSchedule
import OrchStore

/// What came of a night: what landed with its proof, what waits for whom, what failed and why, what it cost.
struct Report {
  /// One row of a table of what was used.
  struct Row: Hashable {
    var name: String
    var turns: Int
    var usage: Usage
  }

  let project: String
  let log: NightLog
  /// The tree that passed the gate, by the number of the change.
  let tested: [Int: String]
  let total: Row
  /// Each sorted by cost, the dearest first; days by date.
  let tasks: [Row]
  let agents: [Row]
  let models: [Row]
  let days: [Row]
  /// Limits of today and of the work that is under way; empty for a night that is over.
  let levels: [BudgetLevel]
  /// Notices that did not arrive; empty for a night that is over.
  let unsent: [StoredNotice]
  let parked: [NightLog.Standing]
  /// Those that the most work waits for first.
  let needsYou: [NightLog.Standing]
  let failed: [NightLog.Standing]
  /// How many unfinished tasks cannot begin before each of these.
  let unblocks: [TaskID: Int]
  let zone: TimeZoneOffsets

  static func read(
    _ view: ProjectView, since: Timestamp?, until: Timestamp? = nil, clock: EngineClock
  ) throws -> Report {
    let log = NightLog(
      try view.look { tx in try tx.events(of: NightLog.types) }, since: since, until: until)
    let uses = try view.look { tx in try tx.turnUses(since: since) }.filter { use in
      until.map { until in use.endedAt.map { $0 <= until } ?? false } ?? true
    }
    let changes = try view.look { tx in try tx.changes() }
    return Report(
      project: view.place.root.split(separator: "/").last.map(String.init) ?? view.place.root, log: log, uses: uses,
      days: try view.look { tx in try tx.spendings(.day) },
      levels: until == nil ? try BudgetBook(view, clock: clock).levels() : [],
      unsent: until == nil ? try view.look { tx in try tx.undeliveredNotices(since: since) } : [],
      tested: Dictionary(changes.compactMap { change in change.testedTree.map { (change.number, $0) } }) { $1 },
      graph: try view.store.loadGraph(view.row), zone: clock.zone,
      dayOf: { clock.day(of: $0 ?? clock.now()).budgetKey })
  }

  /// - Parameters:
  ///   - uses: Of the turns that ended in the time of the log, or have not ended.
  ///   - days: What every day has used; the first and the last one count as a whole.
  ///   - dayOf: The key of the day of a moment; of today for nil.
  init(
    project: String, log: NightLog, uses: [TurnUse], days: [Spending], levels: [BudgetLevel],
    unsent: [StoredNotice] = [], tested: [Int: String],
    graph: [GraphTask], zone: TimeZoneOffsets, dayOf: (Timestamp?) -> String
  ) {
    let (first, last) = (log.since.map(dayOf), log.until.map(dayOf))
    self.project = project
    self.log = log
    self.tested = tested
    self.levels = levels
    self.unsent = unsent
    self.zone = zone
    total = Self.rows(uses) { _ in "total" }.first ?? Row(name: "total", turns: 0, usage: .zero)
    tasks = Self.rows(uses) { $0.task.description }
    agents = Self.rows(uses, by: \.agent)
    models = Self.rows(uses) { $0.model ?? "(chosen by the agent)" }
    let shown = days.filter { day in (first.map { day.key >= $0 } ?? true) && (last.map { day.key <= $0 } ?? true) }
    self.days = shown.map { day in
      Row(name: day.key, turns: uses.count { dayOf($0.endedAt) == day.key }, usage: day.spent)
    }
    let standing = log.standing.values.sorted { $0.task < $1.task }
    let unblocks = Self.unblocks(standing.map(\.task), graph)
    self.unblocks = unblocks
    parked = standing.filter { $0.state == .parked }
    failed = standing.filter { $0.state == .failed }
    needsYou = standing.filter {
      $0.state == .inReview || $0.state == .stuck || $0.state == .approved && $0.reason != nil
    }
    .sorted { (unblocks[$1.task] ?? 0, $0.since, $0.task) < (unblocks[$0.task] ?? 0, $1.since, $1.task) }
  }

  private static func rows(_ uses: [TurnUse], by name: (TurnUse) -> String) -> [Row] {
    Dictionary(grouping: uses, by: name).map { name, uses in
      Row(name: name, turns: uses.count, usage: uses.reduce(.zero) { $0.adding($1.usage) })
    }.sorted { ($1.usage.cost, $0.name) < ($0.usage.cost, $1.name) }
  }

  /// For each task how many unfinished ones wait for it, directly or behind others.
  private static func unblocks(_ tasks: [TaskID], _ graph: [GraphTask]) -> [TaskID: Int] {
    var dependents: [TaskID: [TaskID]] = [:]
    for task in graph where task.state != .complete {
      for dependency in task.dependencies { dependents[dependency.id, default: []].append(task.id) }
    }
    var result: [TaskID: Int] = [:]
    for task in tasks {
      var seen: Set<TaskID> = [task]
      var open = [task]
      while let next = open.popLast() {
        for dependent in dependents[next] ?? [] where seen.insert(dependent).inserted { open.append(dependent) }
      }
      result[task] = seen.count - 1
    }
    return result
  }

  /// Landed tasks an hour; nil for a time without a beginning, or none at all.
  func throughput(until now: Timestamp) -> Double? {
    guard let since = log.since else { return nil }
    let hours = (log.until ?? now).since(since).inSeconds / 3600
    return hours > 0 ? Double(log.landed.count) / hours : nil
  }

  /// What the runs that told a forecast were expected to cost, and what they cost.
  var forecast: (expected: MicroUSD, spent: MicroUSD, runs: Int)? {
    let told = log.runs.filter { $0.forecastCost != nil }
    guard !told.isEmpty else { return nil }
    return (
      told.reduce(.zero) { $0 + ($1.forecastCost ?? .zero) }, told.reduce(.zero) { $0 + $1.cost }, told.count
    )
  }
}
