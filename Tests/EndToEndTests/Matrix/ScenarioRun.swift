import Foundation
import OrchDomain
import OrchStore
import Synchronization
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What is killed in a run of a scenario, and where.
enum Disturbance: Sendable, CustomStringConvertible {
  case none
  /// The orchestrator, at a crash point.
  case orchestrator(String)
  /// An agent, after its first commit: `core-E01.1.2` is the second turn of the first attempt.
  case agent(String)
  /// Orchestrator and agent together.
  case both(String)

  var description: String {
    switch self {
    case .none: "undisturbed"
    case .orchestrator(let point): "orchestrator killed \(point)"
    case .agent(let turn): "agent killed in \(turn)"
    case .both(let turn): "orchestrator and agent killed in \(turn)"
    }
  }
}

/// What a run of a scenario has left.
struct ScenarioEnd: Sendable {
  struct Step: Sendable {
    var transition: String
    /// The turn that begins with it, as the name of its agent; nil when none does.
    var turn: String?
    /// Whether the state stayed the same and only a new reason was recorded.
    var isRepetition: Bool {
      let ends = transition.split(separator: ">")
      return ends.first == ends.last
    }
  }

  var states: [String: String]
  var tree: String
  var steps: [Step]
  var attempts: [String: Int]
  var merged: [String: Int]
  var branches: [String]
  /// Refs of kept attempts.
  var kept: [String]
}

/// The program that runs at the moment.
private final class RunningProgram: Sendable {
  let pid = Mutex<pid_t?>(nil)
}

/// One run of a scenario with one disturbance.
struct ScenarioRun: Sendable {
  let scenario: Scenario
  let disturbance: Disturbance

  struct Problem: Error, CustomStringConvertible {
    var description: String
  }

  /// Nobody was killed, so the run says nothing.
  struct Missed: Error, CustomStringConvertible {
    var description: String
  }

  /// - Throws: ``Problem`` when something that holds after every run does not; ``Missed`` when nobody was killed.
  func end() async throws -> ScenarioEnd {
    let shop = try scenario.workshop()
    let running = RunningProgram()
    let killer = try agentKiller(shop, running)
    defer { killer?.cancel() }
    var point: String? = if case .orchestrator(let name) = disturbance { name } else { nil }
    var wasStartKilled = false
    for step in scenario.steps {
      switch step {
      case .world(let body): try body(shop)
      case .run(let words):
        let output = try await run(shop, words, at: [point], running)
        guard output.status == -SIGKILL else { continue }
        wasStartKilled = true
        point = nil
        _ = try await run(shop, words, at: [], running)
      case .killed(let own, let words):
        var output = try await run(shop, words, at: [point, own], running)
        if let name = point, output.err.contains("crash point: \(name)\n") {
          point = nil
          if name != own { output = try await run(shop, words, at: [own], running) }
        } else if !output.err.contains("crash point: ") {
          // Killed together with an agent.
          wasStartKilled = wasStartKilled || output.status == -SIGKILL
          output = try await run(shop, words, at: [own], running)
        }
        guard output.err.contains("crash point: \(own)\n") || output.err.contains("crash point: ") else {
          let steps = try steps(of: shop).map(\.transition)
          throw Problem(description: "the scenario's own point '\(own)' was never reached: \(output) after \(steps)")
        }
      }
    }
    if let point { throw Missed(description: "'\(point)' was never reached") }
    killer?.cancel()
    let end = try await check(shop)
    // Whoever was gone before anybody could look was not killed: such a run proves nothing.
    if try await killer?.value == false { throw Missed(description: "the agent was gone") }
    if case .both = disturbance, !wasStartKilled { throw Missed(description: "no orchestrator ran beside the agent") }
    return end
  }

  private func run(
    _ shop: Workshop, _ words: [String], at points: [String?], _ running: RunningProgram
  ) async throws -> Output {
    let names = points.compactMap { $0 }.joined(separator: ";")
    let program = try shop.launch(words, adding: names.isEmpty ? [:] : ["ORCH_CRASH_AT": names])
    running.pid.withLock { $0 = program.pid }
    let output = try await program.output()
    running.pid.withLock { $0 = nil }
    return output
  }

  /// Waits for the agent that is to be killed, kills it, and lets whoever comes after it go on.
  ///
  /// - Returns: Whether it was there to be killed.
  private func agentKiller(_ shop: Workshop, _ running: RunningProgram) throws -> Task<Bool, any Error>? {
    let (name, isBoth): (String, Bool)
    switch disturbance {
    case .none, .orchestrator: return nil
    case .agent(let turn): (name, isBoth) = (turn, false)
    case .both(let turn): (name, isBoth) = (turn, true)
    }
    let here = "\(shop.scratch.path)/matrix/\(name)"
    try shop.write("\(here).hold", "")
    return Task {
      while !shop.exists("\(here).pid") || (isBoth && running.pid.withLock { $0 == nil }) {
        do { try await Task.sleep(for: .milliseconds(5)) } catch { return false }
      }
      let agent = pid_t(try shop.read("\(here).pid").trimmingCharacters(in: .whitespacesAndNewlines))
      if isBoth { running.pid.withLock { pid in if let pid { kill(pid, SIGKILL) } } }
      let wasThere = agent.map { kill($0, SIGKILL) == 0 } ?? false
      try FileManager.default.removeItem(atPath: "\(here).hold")
      return wasThere
    }
  }

  /// What holds after every run, whatever was killed.
  private func check(_ shop: Workshop) async throws -> ScenarioEnd {
    let states = try await shop.states()
    guard states == scenario.ends else { throw Problem(description: "ended with \(states), wanted \(scenario.ends)") }
    let strays = try await shop.strays()
    guard strays.isEmpty else { throw Problem(description: "left \(strays)") }
    let chain = try shop.inStore { store, project in try store.verifyChain(project) }
    guard case .intact = chain else { throw Problem(description: "\(chain)") }
    try checkCommits(shop)
    try checkChanges(shop)
    return try end(of: shop, states)
  }

  /// Every commit that an agent has made can be reached from a ref.
  private func checkCommits(_ shop: Workshop) throws {
    let file = "\(shop.scratch.path)/matrix/commits"
    guard shop.exists(file) else { return }
    let reachable = Set(try shop.git("rev-list", "--all").split(separator: "\n"))
    for commit in try shop.read(file).split(separator: "\n") where !reachable.contains(commit) {
      throw Problem(description: "commit \(commit) is lost")
    }
  }

  /// Every landed change is on the base branch with the tree that was tested, and 🟢 stands nowhere else.
  private func checkChanges(_ shop: Workshop) throws {
    let merged = try shop.changes().filter { $0.state == .merged }
    guard Set(merged.map(\.headCommit)).count == merged.count else {
      throw Problem(description: "one head landed twice: \(merged)")
    }
    for change in merged {
      guard let commit = change.landingCommit, let tested = change.testedTree, try shop.tree(commit) == tested,
        try shop.git("merge-base", commit, "main") == commit
      else { throw Problem(description: "\(change.task) has not landed as it was tested") }
    }
    for (id, state) in scenario.ends {
      let plan = try shop.git("show", "main:\(Plan(id).path)")
      guard plan.contains("status: complete\n") == (state == "complete") else {
        throw Problem(description: "\(id) is \(state), and its plan says \(plan.prefix(60))")
      }
    }
  }

  private func steps(of shop: Workshop) throws -> [ScenarioEnd.Step] {
    let events = try shop.inStore { store, project in try store.events(project, after: 0, limit: 100_000) }
    return try events.filter { $0.type == .taskState }.map { event in
      let data = try JSON(event.data)
      let name = event.task.map { $0.description.replacing("/", with: "-") } ?? ""
      return ScenarioEnd.Step(
        transition: "\(data["from"].string)>\(data["to"].string)",
        turn: data["turn"].int.map { "\(name).\(event.attempt ?? 0).\($0)" })
    }
  }

  private func end(of shop: Workshop, _ states: [String: String]) throws -> ScenarioEnd {
    let merged = try shop.changes().filter { $0.state == .merged }.map(\.task.description)
    return ScenarioEnd(
      states: states, tree: try shop.tree(), steps: try steps(of: shop),
      attempts: Dictionary(uniqueKeysWithValues: try scenario.ends.keys.map { ($0, try shop.attempts($0).count) }),
      merged: Dictionary(merged.map { ($0, 1) }, uniquingKeysWith: +),
      branches: try shop.git("for-each-ref", "--format=%(refname)", "refs/heads").split(separator: "\n")
        .map(String.init),
      kept: try shop.git("for-each-ref", "--format=%(refname)", "refs/orch/attempts").split(separator: "\n")
        .map(String.init))
  }
}
