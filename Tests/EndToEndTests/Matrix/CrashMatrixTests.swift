import Foundation
import OrchDomain
import Testing

/// Product.md, promise 4, over the state machine itself: every transition that `TaskState` allows is gone through, and
/// killed at, or named in ``Unreachable`` with its reason.
///
/// `ORCH_MATRIX=full` kills at every one of them; `ORCH_MATRIX=NAME` does that for one scenario. Without it a part is
/// run that visits every scenario.
@Suite(.serialized, .timeLimit(.minutes(30))) struct CrashMatrixTests {
  private static let wanted = ProcessInfo.processInfo.environment["ORCH_MATRIX"] ?? ""
  /// Runs at the same time; most of each is waiting.
  private static let width = 4

  /// One run of the matrix.
  private struct Cell: Sendable {
    var scenario: Scenario
    var disturbance: Disturbance
    var calm: ScenarioEnd
  }

  @Test func everyTransitionIsSurvived() async throws {
    let began = ContinuousClock.now
    let scenarios = Scenario.all.filter { ["", "full", $0.name].contains(Self.wanted) }
    let calm = try await together(scenarios) { scenario in
      (scenario, try await ScenarioRun(scenario: scenario, disturbance: .none).end())
    }
    let visited = Set(calm.flatMap { $0.1.steps.map(\.transition) })
    if scenarios.count == Scenario.all.count { expectAllVisited(visited) }
    let all = cells(calm)
    // Every seventh: enough to meet every scenario and each kind of kill.
    let chosen = Self.wanted.isEmpty ? all.enumerated().filter { $0.offset % 7 == 3 }.map(\.element) : all
    let tries = try await together(chosen) { cell in try await survive(cell) }
    #expect(tries.count == chosen.count, "every point was killed at")
    print(
      "crash matrix: \(visited.count) transitions, \(all.count) kill points, \(tries.count) killed, "
        + "\(tries.count { $0 > 1 }) of them only when tried again, and \(calm.count) undisturbed runs in "
        + "\((ContinuousClock.now - began).components.seconds) s")
  }

  /// Runs a cell until its point was really killed at, and compares the end.
  ///
  /// - Returns: How often it had to be run.
  private func survive(_ cell: Cell) async throws -> Int {
    var number = 1
    while true {
      do {
        let end = try await ScenarioRun(scenario: cell.scenario, disturbance: cell.disturbance).end()
        try compare(end, cell)
        return number
      } catch let missed as ScenarioRun.Missed {
        guard number < 3 else { throw missed }
        number += 1
      }
    }
  }

  /// A transition is killed at in the cheapest scenario that goes through it; agents, in the turn that begins with it.
  private func cells(_ calm: [(Scenario, ScenarioEnd)]) -> [Cell] {
    var seen: Set<String> = []
    var cells: [Cell] = []
    let cost = { (run: (Scenario, ScenarioEnd)) in run.1.steps.count + 6 * run.0.steps.count }
    for (scenario, end) in calm.sorted(by: { (cost($0), $0.0.name) < (cost($1), $1.0.name) }) {
      for step in end.steps where !step.isRepetition && seen.insert(step.transition).inserted {
        var disturbances: [Disturbance] = ["before", "after"].map { .orchestrator("\($0) \(step.transition)") }
        if let turn = step.turn, scenario.hasPatientAgents { disturbances += [.agent(turn), .both(turn)] }
        cells += disturbances.map { Cell(scenario: scenario, disturbance: $0, calm: end) }
      }
      for point in scenario.acts {
        cells.append(Cell(scenario: scenario, disturbance: .orchestrator("act \(point)"), calm: end))
      }
    }
    return cells
  }

  private func expectAllVisited(_ visited: Set<String>) {
    for from in TaskState.allCases {
      for to in from.successors.sorted(by: { $0.rawValue < $1.rawValue }) where from != to {
        let name = "\(from.rawValue)>\(to.rawValue)"
        let excuse = Unreachable.reason(from, to)
        #expect(
          visited.contains(name) != (excuse != nil),
          "\(name): \(excuse.map { "is gone through, though \($0)" } ?? "no scenario goes through it")")
      }
    }
  }

  /// The end is that of the undisturbed run. Only killing an agent costs an attempt.
  private func compare(_ end: ScenarioEnd, _ cell: Cell) throws {
    let calm = cell.calm
    var differences: [String] = []
    if end.tree != calm.tree { differences.append("tree \(end.tree) instead of \(calm.tree)") }
    if end.merged != calm.merged { differences.append("merged \(end.merged) instead of \(calm.merged)") }
    if end.branches != calm.branches { differences.append("branches \(end.branches) instead of \(calm.branches)") }
    if case .orchestrator = cell.disturbance {
      if end.attempts != calm.attempts { differences.append("attempts \(end.attempts) instead of \(calm.attempts)") }
      if end.kept != calm.kept { differences.append("kept \(end.kept) instead of \(calm.kept)") }
    }
    if !differences.isEmpty { throw ScenarioRun.Problem(description: differences.joined(separator: "; ")) }
  }

  /// Several at a time, in order. What goes wrong is recorded and the others go on.
  private func together<Item: Sendable, Result: Sendable>(
    _ items: [Item], _ body: @escaping @Sendable (Item) async throws -> Result
  ) async throws -> [Result] {
    var results: [Int: Result] = [:]
    try await withThrowingTaskGroup(of: (Int, Swift.Result<Result, any Error>).self) { group in
      var next = 0
      func add() {
        guard next < items.count else { return }
        let (index, item) = (next, items[next])
        next += 1
        group.addTask {
          do {
            return (index, .success(try await body(item)))
          } catch {
            return (index, .failure(error))
          }
        }
      }
      for _ in 0..<Self.width { add() }
      while let (index, result) = try await group.next() {
        switch result {
        case .success(let value): results[index] = value
        case .failure(let error):
          let item = items[index]
          let name = (item as? Cell).map { "\($0.scenario.name), \($0.disturbance)" } ?? (item as? Scenario)?.name
          Issue.record("\(name ?? ""): \(error)")
        }
        add()
      }
    }
    return results.sorted { $0.key < $1.key }.map(\.value)
  }
}
