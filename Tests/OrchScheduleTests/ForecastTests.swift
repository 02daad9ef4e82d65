import OrchDomain
import OrchRandom
import OrchSchedule
import Testing

@Suite struct ForecastTests {
  static func estimate(_ minutes: [String: Int]) -> (TaskID) -> TaskEstimate {
    { id in
      TaskEstimate(
        duration: .seconds(60 * (minutes[id.description] ?? 10)),
        cost: CostRange(low: MicroUSD(1), likely: MicroUSD(2), high: MicroUSD(3)), basis: .fallback)
    }
  }

  static func lines(_ forecast: Forecast) -> [String] {
    forecast.entries.map { "\($0.task) \($0.start.text)-\($0.end.text) wave \($0.wave)" }
  }

  @Test("Slots, dependencies and durations give starts, waves, critical path, total and cost")
  func simulates() throws {
    let frontier = Frontier([
      try task("a/E01"), try task("a/E02", after: ["a/E01"]), try task("a/E03", after: ["a/E02"]),
      try task("b/E01"), try task("c/E01", after: ["a/E01", "b/E01"]), try task("d/E01", phase: .complete),
    ])
    let forecast = Forecast(frontier, slots: 2, estimate: Self.estimate(["b/E01": 30, "a/E03": 5]))
    #expect(
      Self.lines(forecast) == [
        "a/E01 0s-10m wave 1", "b/E01 0s-30m wave 1", "a/E02 10m-20m wave 2", "a/E03 20m-25m wave 3",
        "c/E01 30m-40m wave 2",
      ])
    #expect(forecast.total == .seconds(2400))
    #expect(forecast.criticalPath.map(\.description) == ["b/E01", "c/E01"])
    #expect(forecast.criticalDuration == .seconds(2400))
    #expect(forecast.waves.map { $0.map(\.description) } == [["a/E01", "b/E01"], ["a/E02", "c/E01"], ["a/E03"]])
    #expect(forecast.cost == CostRange(low: MicroUSD(5), likely: MicroUSD(10), high: MicroUSD(15)))
    #expect(forecast.unscheduled.isEmpty)
    let one = Forecast(frontier, slots: 0, estimate: Self.estimate(["b/E01": 30, "a/E03": 5]))
    #expect(one.total == .seconds(65 * 60) && one.criticalDuration == .seconds(2400))
  }

  @Test("Limits, holds, pauses, tiers, files and running tasks count as they would at work")
  func respectsRules() throws {
    var frontier = Frontier([
      try task("a/E01", touches: ["src/"], phase: .running), try task("a/E02", touches: ["src/x"]),
      try task("b/E01", tier: 1), try task("h/E01", phase: .held(Hold(.stuck, "?", holdsTouches: false))),
      try task("h/E02", after: ["h/E01"]),
    ])
    var forecast = Forecast(frontier, slots: 3, estimate: Self.estimate([:]))
    #expect(Self.lines(forecast) == ["a/E01 0s-10m wave 1", "a/E02 10m-20m wave 1"])
    #expect(forecast.entries.map(\.isRunning) == [true, false])
    #expect(forecast.unscheduled.map(\.description) == ["b/E01", "h/E01", "h/E02"])
    frontier.complete(try id("h/E01"))
    forecast = Forecast(frontier, slots: 3, estimate: Self.estimate([:]))
    #expect(
      Self.lines(forecast) == [
        "a/E01 0s-10m wave 1", "h/E02 0s-10m wave 1", "a/E02 10m-20m wave 1", "b/E01 20m-30m wave 2",
      ])
    forecast = Forecast(frontier, slots: 3, limit: 1, estimate: Self.estimate([:]))
    #expect(Self.lines(forecast).count == 2)
    frontier.pauseAll()
    #expect(Forecast(frontier, slots: 3, estimate: Self.estimate([:])).entries.count == 1)
    #expect(Forecast(Frontier([]), slots: 3, estimate: Self.estimate([:])).total == .zero)
  }

  @Test("Absurd estimates neither hang nor overflow", arguments: [Duration.zero, .seconds(-9), .seconds(Int64.max)])
  func absurd(duration: Duration) throws {
    let frontier = Frontier([try task("a/E01"), try task("a/E02", after: ["a/E01"])])
    let forecast = Forecast(frontier, slots: .max, limit: .max) { _ in
      TaskEstimate(
        duration: duration, cost: CostRange(low: .zero, likely: .zero, high: MicroUSD(.max)), basis: .fallback)
    }
    #expect(forecast.entries.count == 2)
    #expect(forecast.total > .zero)
    #expect(forecast.cost.high == MicroUSD(.max))
  }

  @Test("What runs already waits for nothing, also when its dependency was reopened")
  func runningBehindRunning() throws {
    let frontier = Frontier([
      try task("a/E01", phase: .running), try task("a/E02", after: ["a/E01"], phase: .running),
      try task("a/E03", after: ["a/E02"]),
    ])
    let forecast = Forecast(frontier, slots: 3, estimate: Self.estimate(["a/E01": 5, "a/E02": 3, "a/E03": 1]))
    #expect(forecast.total == .seconds(300))
    #expect(forecast.criticalPath.map(\.description) == ["a/E01"])
    #expect(forecast.criticalDuration == .seconds(300))
  }

  @Test("A simulated schedule breaks no rule", arguments: 0..<100)
  func property(seed: Int) {
    var world = FrontierPropertyTests.World(seed: seed)
    let slots = 1 + world.random.below(3)
    var minutes: [TaskID: Int] = [:]
    for id in world.names { minutes[id] = 1 + world.random.below(9) }
    let forecast = Forecast(world.frontier, slots: slots) { id in
      TaskEstimate(duration: .seconds(60 * (minutes[id] ?? 1)), cost: .zero, basis: .fallback)
    }
    let end = Dictionary(uniqueKeysWithValues: forecast.entries.map { ($0.task, $0) })
    #expect(forecast.entries.count + forecast.unscheduled.count == world.frontier.incompleteCount)
    for entry in forecast.entries where !entry.isRunning {
      let atOnce = forecast.entries.filter { $0.start <= entry.start && $0.end > entry.start }
      #expect(atOnce.count <= slots)
      for dependency in world.model.tasks[entry.task]?.dependencies ?? [] {
        guard let before = end[dependency] else {
          #expect(world.model.isComplete(dependency))
          continue
        }
        #expect(before.end <= entry.start && before.wave < entry.wave)
      }
    }
    #expect(forecast.criticalDuration <= forecast.total)
    let path = forecast.criticalPath
    #expect(
      path.reduce(Duration.zero) { $0 + .seconds(60 * (minutes[$1] ?? 0)) } == forecast.criticalDuration)
  }

  @Test("Estimates are medians of the module, then the complexity, then the project, then the fallback")
  func history() throws {
    func sample(_ text: String, _ complexity: TaskComplexity?, _ minutes: Int, _ cents: Int64) throws
      -> WorkHistory.Sample
    {
      .init(
        task: try id(text), complexity: complexity, duration: .seconds(60 * minutes), cost: MicroUSD(cents * 10_000))
    }
    let samples = [
      try sample("a/E01", .simple, 10, 100), try sample("a/E02", .simple, 600, 9_000),
      try sample("a/E03", nil, 12, 120),
      try sample("b/E01", .simple, 1, 10),
    ]
    let history = WorkHistory(samples)
    let module = history.estimate(try id("a/E09"), complexity: .simple)
    #expect(module.duration == .seconds(720) && module.basis == .module(3))
    #expect(module.cost.likely == MicroUSD(usd: 1.2))
    #expect(history.estimate(try id("b/E09"), complexity: .simple).basis == .complexity(3))
    #expect(history.estimate(try id("b/E09"), complexity: .complex).basis == .project(4))
    #expect(WorkHistory(Array(samples.prefix(2))).estimate(try id("a/E09")) == .fallback)
    #expect(WorkHistory(samples.reversed()) == history)
  }
}
