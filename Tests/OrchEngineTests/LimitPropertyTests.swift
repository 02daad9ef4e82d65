import Foundation
import OrchDomain
import OrchRandom
import OrchStore
import Testing

@testable import OrchEngine

/// Limits in every order, with the real policy, the real cool-downs and the real store.
@Suite("Limits, restarts and successes in any order") struct LimitPropertyTests {
  /// One task in its only attempt.
  struct Worker {
    let id: TaskID
    let model: String?
    var wake: Timestamp?
    var isComplete = false
  }

  /// A world with a clock of its own.
  final class World {
    var random: SplitMix64
    var now = Timestamp(milliseconds: 1_700_000_000_000)
    let path: String
    var store: Store
    let project: ProjectID
    var workers: [Worker] = []
    let paths: ProjectPaths
    var limitCount = 0

    init(seed: UInt64) throws {
      random = SplitMix64(seed: seed)
      let folder = FileManager.default.temporaryDirectory.path + "/orch-limits-" + UUID().uuidString
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      path = folder
      store = try Store(path: folder + "/orchestrator.db")
      project = try store.project(root: "/repo", name: "repo", at: now).id
      paths = ProjectPaths(home: folder, root: "/repo")
      let count = Int.random(in: 1...5, using: &random)
      for number in 1...count {
        workers.append(Worker(id: TaskID(module: "a", number: number), model: [nil, "big"][number % 2]))
      }
      let tasks = workers.map { CompiledTask(PlanTask(id: $0.id, title: "T", path: "p\($0.id.number).md")) }
      _ = try store.applyCompilation(project, Compilation(tasks: tasks), at: now)
      for worker in workers {
        _ = try store.write(project) { tx throws(StoreError) in
          try tx.beginAttempt(worker.id, agent: "first", at: now) {
            $0.model = worker.model
            $0.session = "session of \(worker.id)"
            $0.runID = "run of \(worker.id)"
          }
        }
        try beginTurn(worker.id, .start)
      }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func beginTurn(_ id: TaskID, _ reason: TurnReason) throws {
      _ = try store.write(project) { tx throws(StoreError) in
        try tx.beginTurn(id, attempt: 1, purpose: reason.rawValue, at: now)
      }
    }

    func attempt(_ id: TaskID) throws -> LiveAttempt {
      try store.read(project) { tx throws(StoreError) in
        guard let record = try tx.latestAttempt(of: id) else { throw .unknownTask(id) }
        return LiveAttempt(record, turns: try tx.turns(of: id, attempt: record.number), paths: paths)
      }
    }

    /// Everything in memory is forgotten.
    func restart() throws {
      try store.close()
      store = try Store(path: path + "/orchestrator.db")
    }

    /// A reset that a vendor may name: none, soon, in hours, in the past, or absurd.
    func reset() -> Timestamp? {
      switch Int.random(in: 0..<5, using: &random) {
      case 0: nil
      case 1: now.advanced(by: .seconds(Int.random(in: 1...90, using: &random)))
      case 2: now.advanced(by: .seconds(Int.random(in: 600...604_800, using: &random)))
      case 3: now.advanced(by: .seconds(-Int.random(in: 0...10_000_000, using: &random)))
      default: now.advanced(by: .seconds(Int.random(in: 700_000...900_000_000_000, using: &random)))
      }
    }

    /// The turn of a worker ends at a limit, as the loops handle it.
    func limit(_ index: Int) throws {
      limitCount += 1
      let id = workers[index].id
      let failure: FailureClass = Bool.random(using: &random) ? .rateLimit : .overloaded
      let live = try attempt(id)
      let turn = try #require(live.latestTurn)
      var facts = TurnFacts(
        task: id, agent: live.record.agent, model: live.record.model,
        claim: .failed(failure, evidence: "limit", retryAt: reset()), turn: live.countedTurns, attempt: live.number)
      facts.inARow = live.endsInARow(with: failure, before: turn) + 1
      facts.canResume = true
      facts.seed = live.seed(turn)
      facts.cooldown = try store.read(project) { tx throws(StoreError) in try tx.cooldowns() }
        .first { $0.agent == facts.agent && $0.model == facts.model }
      let limits = TurnLimits(turns: 1, attempts: 1, backoff: .seconds(1))
      let cooldown = try #require(TurnPolicy.cooldown(after: facts, limits: limits, now: now))
      _ = try store.write(project) { tx throws(StoreError) in
        try tx.endTurn(id, attempt: 1, turn.number, exit: "exit status 1", outcome: failure.rawValue, at: now)
        try tx.setCooldown(cooldown, at: now)
        return true
      }
      guard case .park(failure, _, let until) = TurnPolicy.afterAgent(facts, limits: limits, now: now) else {
        Issue.record("a limit was counted: \(TurnPolicy.afterAgent(facts, limits: limits, now: now))")
        return
      }
      #expect(until > now, "nobody asks again at once")
      #expect(until.since(now) <= Cooldown.longest + .seconds(60), "nobody waits for ever")
      workers[index].wake = until
    }

    /// The worker wakes and goes on in its session.
    func resume(_ index: Int) throws {
      now = max(now, workers[index].wake ?? now)
      workers[index].wake = nil
      try beginTurn(workers[index].id, .resumed)
    }

    func succeed(_ index: Int) throws {
      let id = workers[index].id
      let live = try attempt(id)
      let turn = try #require(live.latestTurn)
      #expect(live.countedTurns == 1, "a limited turn was counted")
      _ = try store.write(project) { tx throws(StoreError) in
        try tx.endTurn(id, attempt: 1, turn.number, exit: "exit status 0", outcome: "claims_done", at: now)
        try tx.clearCooldowns(at: now) { cooldown in
          cooldown.covers(live.record.agent, live.record.model) && cooldown.isOver(afterTurnFrom: turn.startedAt)
        }
        return true
      }
      workers[index].isComplete = true
    }
  }

  @Test("No limit burns a retry or loses a session", arguments: UInt64(0)..<60)
  func anyOrder(_ seed: UInt64) throws {
    let world = try World(seed: seed)
    for _ in 0..<80 {
      world.now = world.now.advanced(by: .seconds(Int.random(in: 0...600, using: &world.random)))
      let open = world.workers.indices.filter { !world.workers[$0].isComplete }
      guard let index = open.randomElement(using: &world.random) else { break }
      switch Int.random(in: 0..<10, using: &world.random) {
      case 0: try world.restart()
      case 1 where world.workers[index].wake == nil: try world.succeed(index)
      case _ where world.workers[index].wake != nil: try world.resume(index)
      default: try world.limit(index)
      }
    }
    for index in world.workers.indices where !world.workers[index].isComplete {
      if world.workers[index].wake != nil { try world.resume(index) }
      try world.succeed(index)
    }
    for worker in world.workers {
      let attempts = try world.store.read(world.project) { tx throws(StoreError) in try tx.attempts(of: worker.id) }
      #expect(attempts.count == 1)
      #expect(attempts.first?.session == "session of \(worker.id)")
      #expect(try world.attempt(worker.id).turns.allSatisfy { $0.session == "session of \(worker.id)" })
    }
    let left = try world.store.read(world.project) { tx throws(StoreError) in try tx.cooldowns() }
    #expect(
      left.allSatisfy { cooldown in cooldown.since > Timestamp(milliseconds: 0) && cooldown.guesses <= world.limitCount
      })
  }
}
