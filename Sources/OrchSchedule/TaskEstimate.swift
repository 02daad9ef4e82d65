package import OrchDomain

/// What one task will probably take.
package struct TaskEstimate: Hashable, Sendable {
  /// Where the numbers come from.
  package enum Basis: Hashable, Sendable {
    /// This many runs of tasks of the same module.
    case module(Int)
    /// This many runs of tasks of the same complexity.
    case complexity(Int)
    /// This many runs of any task.
    case project(Int)
    /// There is no history to speak of.
    case fallback
  }

  package var duration: Duration
  package var cost: CostRange
  package var basis: Basis

  package init(duration: Duration, cost: CostRange, basis: Basis) {
    self.duration = duration
    self.cost = cost
    self.basis = basis
  }

  /// 30 minutes and 2 USD, between 0.50 and 6 USD: of the order of one agent run on an ordinary task, and wide on
  /// purpose. Used until there is history.
  package static let fallback = TaskEstimate(
    duration: .seconds(1800),
    cost: CostRange(low: MicroUSD(500_000), likely: MicroUSD(2_000_000), high: MicroUSD(6_000_000)), basis: .fallback)
}

/// An amount of money that is not known exactly.
package struct CostRange: Hashable, Sendable {
  package var low: MicroUSD
  package var likely: MicroUSD
  package var high: MicroUSD

  package init(low: MicroUSD, likely: MicroUSD, high: MicroUSD) {
    self.low = low
    self.likely = likely
    self.high = high
  }

  package static let zero = CostRange(low: .zero, likely: .zero, high: .zero)

  /// The ends are added too, so a sum of many is wider than it needs to be, never narrower.
  package static func + (a: CostRange, b: CostRange) -> CostRange {
    CostRange(low: a.low + b.low, likely: a.likely + b.likely, high: a.high + b.high)
  }
}

/// The runs of the past, ready to estimate the future from.
///
/// The estimate of a task is the median duration and the median cost, with the quartiles as range, of at least three
/// runs of its module; else of its complexity; else of at least three runs of the project; else the fallback. Medians,
/// because one agent that hung all night must not move the forecast.
package struct WorkHistory: Hashable, Sendable {
  /// All attempts that it took to complete one task.
  package struct Sample: Hashable, Sendable {
    package var task: TaskID
    package var complexity: TaskComplexity?
    package var duration: Duration
    package var cost: MicroUSD

    package init(task: TaskID, complexity: TaskComplexity? = nil, duration: Duration, cost: MicroUSD) {
      self.task = task
      self.complexity = complexity
      self.duration = duration
      self.cost = cost
    }
  }

  package static let fewestSamples = 3

  private var modules: [String: TaskEstimate] = [:]
  private var complexities: [TaskComplexity: TaskEstimate] = [:]
  private let project: TaskEstimate?

  package init(_ samples: [Sample]) {
    for (module, group) in Dictionary(grouping: samples, by: \.task.module) {
      modules[module] = WorkHistory.estimate(group, .module(group.count))
    }
    for (complexity, group) in Dictionary(grouping: samples, by: \.complexity) {
      if let complexity { complexities[complexity] = WorkHistory.estimate(group, .complexity(group.count)) }
    }
    project = WorkHistory.estimate(samples, .project(samples.count))
  }

  package func estimate(_ task: TaskID, complexity: TaskComplexity? = nil) -> TaskEstimate {
    modules[task.module] ?? complexity.flatMap { complexities[$0] } ?? project ?? .fallback
  }

  private static func estimate(_ samples: [Sample], _ basis: TaskEstimate.Basis) -> TaskEstimate? {
    guard samples.count >= fewestSamples else { return nil }
    let durations = samples.map(\.duration).sorted()
    let costs = samples.map(\.cost).sorted()
    let last = samples.count - 1
    return TaskEstimate(
      duration: durations[last / 2],
      cost: CostRange(low: costs[last / 4], likely: costs[last / 2], high: costs[last - last / 4]), basis: basis)
  }
}
