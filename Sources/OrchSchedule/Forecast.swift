package import OrchDomain

/// What `start` would do, simulated with the same decisions.
package struct Forecast: Hashable, Sendable {
  /// One task that would run.
  package struct Entry: Hashable, Sendable {
    package let task: TaskID
    /// From now; zero for what runs already.
    package let start: Duration
    package let end: Duration
    /// From 1. A task is one wave behind the last of what it waits for, counting lower tiers; slots do not matter.
    package let wave: Int
    package let isRunning: Bool
    package let estimate: TaskEstimate
  }

  /// In the order of starting.
  package let entries: [Entry]
  /// Incomplete tasks that would not start: held, paused, behind those, or over the limit. Ordered by id.
  package let unscheduled: [TaskID]
  /// The chain of planned tasks that takes longest whatever the number of slots, the first task first.
  package let criticalPath: [TaskID]
  /// How long the critical path takes; `total` is never less.
  package let criticalDuration: Duration
  /// From now until the last task ends.
  package let total: Duration
  package let cost: CostRange

  /// The tasks of each wave in the order of starting.
  package var waves: [[TaskID]] {
    var result = [[TaskID]](repeating: [], count: entries.map(\.wave).max() ?? 0)
    for entry in entries { result[entry.wave - 1].append(entry.task) }
    return result
  }

  /// - Parameters:
  ///   - slots: How many tasks run at once, running ones included; at least 1.
  ///   - limit: How many tasks are started at most; nil for all.
  ///   - estimate: What a task takes; for a running one, what is left. Below 1 ms counts as 1 ms, above 10 years as
  ///     10 years.
  package init(
    _ frontier: Frontier, slots: Int, limit: Int? = nil, estimate: (TaskID) -> TaskEstimate
  ) {
    var simulation = Simulation(frontier, slots: max(1, slots), limit: max(0, limit ?? Int.max))
    simulation.run(estimate)
    entries = simulation.entries
    unscheduled = simulation.unscheduled
    criticalPath = simulation.criticalPath
    criticalDuration = .milliseconds(simulation.criticalLength)
    total = entries.map(\.end).max() ?? .zero
    cost = entries.reduce(.zero) { $0 + $1.estimate.cost }
  }
}

/// Time passing over a copy of a frontier.
private struct Simulation {
  /// What is kept about a task that was started.
  private struct Plan {
    var wave: Int
    /// The longest chain of planned tasks that ends with this one, in milliseconds.
    var length: Int64
    var before: Int32
  }

  private struct Ending: Comparable {
    let time: Int64
    let node: Int32
    static func < (a: Ending, b: Ending) -> Bool { a.time != b.time ? a.time < b.time : a.node < b.node }
  }

  private var frontier: Frontier
  private let slots: Int
  private let limit: Int
  private var now: Int64 = 0
  private var endings: [Ending] = []
  private var plans: [Int32: Plan] = [:]
  private var lastOfPath: Int32 = -1
  private var tierWave: (tier: Int, base: Int, top: Int) = (.min, 0, 0)
  private(set) var entries: [Forecast.Entry] = []

  init(_ frontier: Frontier, slots: Int, limit: Int) {
    self.frontier = frontier
    self.slots = slots
    self.limit = limit
  }

  mutating func run(_ estimate: (TaskID) -> TaskEstimate) {
    for id in frontier.running {
      if let node = frontier.index(of: id) { begin(node, isRunning: true, estimate(id)) }
    }
    var left = limit
    var taken: [Int32] = []
    while true {
      taken.removeAll(keepingCapacity: true)
      frontier.take(min(left, slots - endings.count), into: &taken)
      left -= taken.count
      for node in taken { begin(node, isRunning: false, estimate(frontier.id(at: node))) }
      guard let next = endings.first else { return }
      now = next.time
      while let ended = endings.first, ended.time == now {
        endings.removeFirst()
        frontier.complete(at: ended.node)
      }
    }
  }

  private mutating func begin(_ node: Int32, isRunning: Bool, _ estimate: TaskEstimate) {
    let length = max(1, min(estimate.duration, .seconds(315_576_000)).wholeMilliseconds)
    let plan = plan(node, length, isRunning: isRunning)
    plans[node] = plan
    if lastOfPath < 0 || plan.length > (plans[lastOfPath]?.length ?? 0) { lastOfPath = node }
    let ending = Ending(time: now + length, node: node)
    // As many as there are slots, so a sorted array is enough.
    endings.insert(ending, at: endings.firstIndex { ending < $0 } ?? endings.count)
    entries.append(
      Forecast.Entry(
        task: frontier.id(at: node), start: .milliseconds(now), end: .milliseconds(ending.time), wave: plan.wave,
        isRunning: isRunning, estimate: estimate))
  }

  private mutating func plan(_ node: Int32, _ length: Int64, isRunning: Bool) -> Plan {
    let tier = frontier.tierValue(of: node)
    if tier > tierWave.tier { tierWave = (tier, tierWave.top, tierWave.top) }
    var plan = Plan(wave: tierWave.base + 1, length: length, before: -1)
    // What runs already waits for nothing, also when a dependency was added or reopened since it was started.
    for dependency in isRunning ? [] : frontier.dependencies(of: node) {
      guard let other = plans[dependency] else { continue }
      plan.wave = max(plan.wave, other.wave + 1)
      let total = other.length + length
      if total > plan.length {
        plan.length = total
        plan.before = dependency
      }
    }
    tierWave.top = max(tierWave.top, plan.wave)
    return plan
  }

  var unscheduled: [TaskID] { frontier.incomplete.filter { frontier.index(of: $0).map { plans[$0] == nil } ?? true } }

  var criticalLength: Int64 { plans[lastOfPath]?.length ?? 0 }

  var criticalPath: [TaskID] {
    var path: [TaskID] = []
    var node = lastOfPath
    while let plan = plans[node] {
      path.append(frontier.id(at: node))
      node = plan.before
    }
    return path.reversed()
  }
}
