import GRDB
import OrchDomain
import OrchStore
import Testing

@Suite("Task states")
struct StateTests {
  static func prepared(_ scratch: Scratch) throws -> (Store, ProjectID, TaskID) {
    let (store, project) = try scratch.project()
    let task = try PlanTask("a/E01")
    _ = try store.applyCompilation(project, Compilation(task), at: .t(1))
    return (store, project, task.id)
  }

  @Test("A change needs the state that the caller saw; a stale one says what it is now and changes nothing")
  func stale() throws {
    let scratch = try Scratch()
    let (store, project, task) = try Self.prepared(scratch)
    #expect(try store.transition(project, task, from: [.blocked, .ready], to: .ready, at: .t(2)) == .blocked)
    let rows = store.changedRows
    #expect(throws: StoreError.stale(task, expected: [.blocked], actual: .ready)) {
      try store.transition(project, task, from: [.blocked], to: .ready, at: .t(3))
    }
    #expect(throws: StoreError.illegalTransition(task, from: .ready, to: .landing)) {
      try store.transition(project, task, from: [.ready], to: .landing, at: .t(3))
    }
    #expect(throws: StoreError.unknownTask(try TaskID(text: "a/E09"))) {
      try store.transition(project, TaskID(text: "a/E09"), from: [.ready], to: .queued, at: .t(3))
    }
    #expect(store.changedRows == rows)
  }

  @Test("Every pair of states is allowed exactly when the domain says so", arguments: TaskState.allCases)
  func pairs(_ from: TaskState) throws {
    let scratch = try Scratch()
    let (store, project) = try scratch.project()
    let plans = try TaskState.allCases.indices.map { try PlanTask("a/E\($0)") }
    _ = try store.applyCompilation(
      project, Compilation(tasks: plans.map { CompiledTask($0, initialState: from) }), at: .t(1))
    for (plan, to) in zip(plans, TaskState.allCases) {
      let allowed = from == to || from.successors.contains(to)
      var happened = true
      do {
        try store.transition(project, plan.id, from: [from], to: to, at: .t(2))
      } catch {
        #expect(error == .illegalTransition(plan.id, from: from, to: to))
        happened = false
      }
      #expect(happened == allowed, "\(from) to \(to)")
      #expect(try store.task(project, plan.id)?.state == (allowed ? to : from))
    }
    try expectCountersMatch(scratch, store, project)
  }

  @Test("Parked and stuck remember what they interrupted; what belonged to them goes with them")
  func held() throws {
    let scratch = try Scratch()
    let (store, project, task) = try Self.prepared(scratch)
    let all = Set(TaskState.allCases)
    for state in [TaskState.ready, .queued, .preparing, .running] {
      try store.transition(project, task, from: all, to: state, at: .t(2))
    }
    try store.transition(
      project, task, from: [.running], to: .parked, reason: "limit", parkedUntil: .t(99), failureClass: .rateLimit,
      attempt: 1, at: .t(3))
    var stored = try #require(try store.task(project, task))
    #expect(stored.heldState == .running && stored.parkedUntil == .t(99) && stored.failureClass == .rateLimit)
    #expect(stored.reason == "limit" && stored.status == .inProgress)
    let event = try #require(try store.events(project, task: task).last)
    let data = """
      {"failure_class":"rate_limit","from":"running","parked_until":99,"reason":"limit","to":"parked"}
      """
    #expect(event.data == data && event.attempt == 1 && event.type == .taskState)
    try store.transition(project, task, from: [.parked], to: .stuck, reason: "why", parkedUntil: .t(5), at: .t(4))
    stored = try #require(try store.task(project, task))
    #expect(stored.heldState == .running && stored.parkedUntil == nil && stored.failureClass == nil)
    try store.transition(project, task, from: [.stuck], to: .running, at: .t(5))
    stored = try #require(try store.task(project, task))
    #expect(stored.heldState == nil && stored.reason == nil)
  }

  @Test("What a transaction did before it throws is taken back, with its events and counters")
  func rollback() throws {
    struct Own: Error {}
    let scratch = try Scratch()
    let (store, project, task) = try Self.prepared(scratch)
    let events = try store.events(project)
    #expect(throws: StoreError.abandoned("Own()")) {
      try store.write(project) { tx throws in
        try tx.transition(task, from: [.blocked], to: .ready, at: .t(2))
        _ = try tx.beginAttempt(task, agent: "script", at: .t(2))
        #expect(try tx.counts().states == [.ready: 1])
        throw Own()
      }
    }
    #expect(try store.task(project, task)?.state == .blocked)
    #expect(try store.events(project) == events)
    #expect(try store.counts(project).states == [.blocked: 1])
    try store.transition(project, task, from: [.blocked], to: .ready, at: .t(3))
    #expect(try store.verifyChain(project) == .intact(events: events.count + 1))
  }

  @Test("Of many processes that want the same change exactly one gets it", .timeLimit(.minutes(15)))
  func oneWins() async throws {
    let scratch = try Scratch()
    let (store, project, task) = try Self.prepared(scratch)
    let rounds = 20
    var wins = 0
    for round in 0..<rounds {
      let (from, to): (TaskState, TaskState) = round % 2 == 0 ? (.blocked, .ready) : (.ready, .blocked)
      wins += try await withThrowingTaskGroup(of: Bool.self) { group in
        for _ in 0..<4 {
          group.addTask {
            do {
              try Store(path: scratch.path).transition(project, task, from: [from], to: to, at: .t(2))
              return true
            } catch StoreError.stale {
              return false
            }
          }
        }
        return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
    }
    #expect(wins == rounds)
    #expect(try store.verifyChain(project) == .intact(events: 2 + rounds))
  }

  @Test("A process that holds the lock makes others wait, then fail with a reason, and lose nothing")
  func busy() throws {
    let scratch = try Scratch()
    let (store, project, task) = try Self.prepared(scratch)
    let impatient = try Store(path: scratch.path, busyTimeout: .milliseconds(20))
    try store.write(project) { tx throws in
      try tx.setPaused(task, true, at: .t(2))
      #expect(throws: StoreError.busy(path: scratch.path)) {
        try impatient.transition(project, task, from: [.blocked], to: .ready, at: .t(2))
      }
      // Readers never wait.
      #expect(try impatient.task(project, task)?.isPaused == false)
    }
    let token = try impatient.changeToken()
    #expect(try impatient.task(project, task)?.isPaused == true)
    try impatient.transition(project, task, from: [.blocked], to: .ready, at: .t(3))
    #expect(try impatient.changeToken() == token)
    try store.transition(project, task, from: [.ready], to: .queued, at: .t(4))
    #expect(try impatient.changeToken() != token)
  }

  @Test("A landing intent is on disk before the call returns, progress need not be", arguments: [1, 5])
  func durability(_ rounds: Int) throws {
    let scratch = try Scratch()
    let (store, project, task) = try Self.prepared(scratch)
    #expect(try store.synchronous() == 1)
    for round in 0..<rounds {
      try store.write(project, durability: .full) { try $0.setPaused(task, round % 2 == 0, at: .t(2)) }
      #expect(try store.synchronous() == 2)
    }
    try store.write(project) { try $0.setPaused(task, rounds % 2 == 0, at: .t(3)) }
    #expect(try store.synchronous() == 1)
  }

  @Test("Projects in one file never mix")
  func projects() throws {
    let scratch = try Scratch()
    let (store, one) = try scratch.project()
    let two = try store.project(root: "/other", name: "other", at: .t(0)).id
    let task = try PlanTask("a/E01", after: ["a/E00"])
    for project in [one, two] { _ = try store.applyCompilation(project, Compilation(task), at: .t(1)) }
    let untouched = try store.tasks(two)
    try store.transition(one, task.id, from: [.blocked], to: .ready, at: .t(2))
    try store.write(one) { tx in
      _ = try tx.beginAttempt(task.id, agent: "script", at: .t(3))
      let turn = try tx.beginTurn(task.id, attempt: 1, purpose: "start", at: .t(3))
      try tx.recordUsage(task.id, attempt: 1, turn: turn.number, total: Usage(cost: MicroUSD(5)), at: .t(3))
      _ = try tx.createChange(task.id, attempt: 1, forge: "local", at: .t(3)) { $0.title = "x" }
      try tx.recordGate(
        GateResult(tree: "t", gate: "g", passed: true, ranAt: .t(3), duration: .seconds(1)), stage: "test", at: .t(3))
      try tx.postRequest(.stop, at: .t(3))
      try tx.setTier("a", 2, at: .t(3))
      try tx.setProjectPaused(true, at: .t(3))
      try tx.updatePlanFiles(
        changed: [PlanFile(path: "p", inode: .max, size: 1, modified: 2, hash: .max, unit: [1])], removed: [])
      _ = try tx.beginBatch(name: "night", at: .t(3))
    }
    _ = try store.applyCompilation(one, Compilation(), at: .t(4))
    #expect(try store.tasks(two) == untouched)
    try store.read(two) { tx throws in
      #expect(try tx.attempts().isEmpty && tx.openAttempts().isEmpty && tx.changes().isEmpty)
      #expect(try tx.gateResult(tree: "t", gate: "g") == nil && tx.pendingRequests().isEmpty && tx.tiers().isEmpty)
      #expect(try tx.planFiles().isEmpty && tx.batches().isEmpty && tx.spending(.project) == nil)
      #expect(try tx.isProjectPaused() == false)
      #expect(try tx.events().map(\.type) == [.projectAdded, .taskAdded])
    }
    for project in [one, two] { try expectCountersMatch(scratch, store, project) }
    #expect(try store.verifyChain(two) == .intact(events: 2))
    #expect(try store.projects().map(\.root) == ["/repo", "/other"])
  }
}
