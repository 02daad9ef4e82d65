import OrchDomain
import OrchStore
import Testing

@Suite("Attempts, changes, budgets, requests")
struct RecordTests {
  static func prepared(_ scratch: Scratch) throws -> (Store, ProjectID, TaskID) { try StateTests.prepared(scratch) }

  @Test("An attempt and its turns come back as they were recorded, and a task has one open attempt at a time")
  func attempts() throws {
    let scratch = try Scratch()
    let (store, project, task) = try Self.prepared(scratch)
    let begun = try store.write(project) { tx throws in
      try tx.beginAttempt(task, agent: "claude-code", at: .t(2)) {
        $0.model = "m"
        $0.session = "s"
        $0.branch = "feat/a-E01"
        $0.worktree = "/w"
        $0.runDirectory = "/r"
        $0.runID = "id"
        $0.batch = 7
        $0.baseCommit = "b"
        $0.planHash = .max
        $0.phase = "preparing"
      }
    }
    #expect(try store.read(project) { try $0.attempt(task, 1) } == begun)
    #expect(throws: StoreError.attemptGoesOn(task, number: 1)) {
      try store.write(project) { try $0.beginAttempt(task, agent: "x", at: .t(3)) }
    }
    try store.write(project) { tx throws in
      let turn = try tx.beginTurn(task, attempt: 1, purpose: "start", at: .t(3)) { $0.runDirectory = "/r/1" }
      #expect(turn.session == "s" && turn.number == 1)
      try tx.updateTurn(task, attempt: 1, 1) {
        $0.pid = .max
        $0.processStart = .max
      }
      try tx.endTurn(task, attempt: 1, 1, exit: "0", outcome: "gate_red", evidence: "/log", at: .t(4))
      _ = try tx.beginTurn(task, attempt: 1, purpose: "fix", at: .t(5)) { $0.feedbackPath = "/f" }
    }
    let turns = try store.read(project) { try $0.turns(of: task, attempt: 1) }
    #expect(turns.map(\.purpose) == ["start", "fix"] && turns[0].pid == .max && turns[0].processStart == .max)
    #expect(turns[0].endedAt == .t(4) && turns[0].evidence == "/log" && turns[1].feedbackPath == "/f")
    #expect(try store.read(project) { try $0.openAttempts() }.map(\.turn) == [2])
    let rows = store.changedRows
    try store.write(project) { _ = try $0.updateAttempt(task, 1) { $0.phase = "preparing" } }
    #expect(store.changedRows == rows)
    let ended = try store.write(project) { tx throws in
      try tx.endAttempt(task, 1, outcome: .failed, failureClass: .gate, detail: "red", at: .t(6)) {
        $0.preservedRef = "refs/orch/attempts/a-E01/1"
      }
    }
    #expect(try store.read(project) { try $0.attempt(task, 1) } == ended)
    #expect(ended.outcome == .failed && ended.endedAt == .t(6) && ended.turn == 2)
    #expect(throws: StoreError.attemptHasEnded(task, number: 1)) {
      try store.write(project) { try $0.endAttempt(task, 1, outcome: .complete, at: .t(7)) }
    }
    let second = try store.write(project) { try $0.beginAttempt(task, agent: "x", at: .t(8)) }
    #expect(try second.number == 2 && store.task(project, task)?.attempts == 2)
    #expect(try store.read(project) { try $0.attempts() }.map(\.number) == [1, 2])
    #expect(try store.verifyChain(project) != .intact(events: 0))
  }

  @Test("Reading a stream again charges nothing twice; every budget sees the difference")
  func usage() throws {
    let scratch = try Scratch()
    let (store, project, task) = try Self.prepared(scratch)
    let half = Usage(
      cost: MicroUSD(400_000), tokens: TokenUsage(input: 10, cacheWrite: 20, cacheRead: 30, output: 40), seconds: 5)
    let all = Usage(
      cost: MicroUSD(1_000_000), tokens: TokenUsage(input: 11, cacheWrite: 22, cacheRead: 33, output: 44), seconds: 9)
    let at = Timestamp.t(86_400_000 * 3)
    try store.write(project) { tx throws in
      _ = try tx.beginAttempt(task, agent: "x", at: at)
      _ = try tx.beginTurn(task, attempt: 1, purpose: "start", at: at)
      try tx.recordUsage(task, attempt: 1, turn: 1, total: half, run: "r", at: at)
      try tx.recordUsage(task, attempt: 1, turn: 1, total: all, run: "r", at: at)
    }
    let rows = store.changedRows
    try store.write(project) { try $0.recordUsage(task, attempt: 1, turn: 1, total: all, run: "r", at: at) }
    #expect(store.changedRows == rows)
    try store.read(project) { tx throws in
      #expect(try tx.attempt(task, 1)?.usage == all)
      #expect(try tx.turn(task, attempt: 1, 1)?.usage == all)
      let payers: [(BudgetScope, String)] = [
        (.project, ""), (.task, "a/E01"), (.day, "1970-01-04"), (.run, "r"),
      ]
      for (scope, key) in payers { #expect(try tx.spending(scope, key)?.spent == all, "\(scope)") }
      #expect(try tx.spendings(.day).count == 1)
    }
  }

  @Test("What is set aside for a turn stays until the turn ends, and goes with its attempt")
  func reservations() throws {
    let scratch = try Scratch()
    let (store, project, task) = try Self.prepared(scratch)
    let amount = BudgetAmount(cost: MicroUSD(500_000), tokens: 7, seconds: 3)
    let used = Usage(cost: MicroUSD(100), tokens: TokenUsage(input: 1), seconds: 2)
    try store.write(project) { tx throws in
      _ = try tx.beginAttempt(task, agent: "x", at: .t(1))
      _ = try tx.beginTurn(task, attempt: 1, purpose: "start", at: .t(2))
      #expect(try tx.openTurns().isEmpty, "nothing is set aside yet")
      try tx.reserve(amount, task: task, attempt: 1, turn: 1)
      try tx.recordUsage(task, attempt: 1, turn: 1, total: used, at: .t(3))
      #expect(try tx.openTurns().map(\.number) == [1])
      #expect(try tx.openTurns().map(\.reserved) == [amount] && tx.openTurns().map(\.used) == [used])
      _ = try tx.endTurn(task, attempt: 1, 1, exit: nil, outcome: nil, at: .t(4))
      #expect(try tx.openTurns().isEmpty)
      #expect(try tx.recentTurns(agent: "x") == [used] && tx.recentTurns(agent: "y").isEmpty)
      _ = try tx.beginTurn(task, attempt: 1, purpose: "gate", at: .t(5))
      try tx.reserve(amount, task: task, attempt: 1, turn: 2)
      #expect(try tx.openTurns().map(\.number) == [2])
      try tx.endAttempt(task, 1, outcome: .cancelled, at: .t(6))
      #expect(try tx.openTurns().isEmpty)
    }
    #expect(throws: StoreError.unknownTurn(task, attempt: 1, number: 9)) {
      try store.write(project) { try $0.reserve(amount, task: task, attempt: 1, turn: 9) }
    }
  }

  @Test("A notice is taken once for each limit, and an attempt's last progress is kept")
  func noticesAndProgress() throws {
    let scratch = try Scratch()
    let (store, project, task) = try Self.prepared(scratch)
    try store.write(project) { tx throws in
      #expect(try tx.takeNotice(.day, "1970-01-01", .cost, percent: 80, limit: 5, at: .t(1)))
      #expect(try !tx.takeNotice(.day, "1970-01-01", .cost, percent: 80, limit: 5, at: .t(2)))
      #expect(try tx.takeNotice(.day, "1970-01-01", .cost, percent: 80, limit: 6, at: .t(2)), "another limit")
      _ = try tx.beginAttempt(task, agent: "x", at: .t(1))
      #expect(try tx.progressMark(task, attempt: 1) == nil)
      for head in [nil, "abc"] {
        let mark = ProgressMark(head: head, used: Usage(cost: MicroUSD(3), seconds: 1), at: .t(4))
        try tx.setProgressMark(mark, task: task, attempt: 1)
        #expect(try tx.progressMark(task, attempt: 1) == mark)
      }
    }
  }

  @Test("A use beyond every bound stops at the largest number and traps nowhere")
  func absurdUsage() throws {
    let scratch = try Scratch()
    let (store, project, task) = try Self.prepared(scratch)
    let absurd = Usage(
      cost: MicroUSD(.max), tokens: TokenUsage(input: .max, cacheWrite: .max, cacheRead: .max, output: .max),
      seconds: .max)
    try store.write(project) { tx throws in
      _ = try tx.beginAttempt(task, agent: "x", at: .t(1))
      for _ in 0..<2 { try tx.addUsage(task, attempt: 1, absurd, at: .t(2)) }
    }
    #expect(try store.read(project) { try $0.spending(.task, "a/E01") }?.spent == absurd)
  }

  @Test("A change comes back as it was recorded, goes only legal ways, and a task has one unfinished change")
  func changes() throws {
    let scratch = try Scratch()
    let (store, project, task) = try Self.prepared(scratch)
    let evidence = Evidence(rule: "r", category: .security, file: "f", line: 3, excerpt: "\"é\"")
    let created = try store.write(project) { tx throws in
      try tx.createChange(task, attempt: 1, forge: "github", at: .t(2)) {
        $0.title = "t"
        $0.body = "b\n"
        $0.branch = "feat/a-E01"
        $0.baseBranch = "main"
        $0.baseCommit = "1"
        $0.headCommit = "2"
        $0.verdict = Verdict(category: .security, needsHuman: true, evidence: [evidence])
        $0.forgeNumber = 12
        $0.url = "https://x"
      }
    }
    #expect(try store.read(project) { try $0.change(1) } == created && created.state == .open)
    #expect(throws: StoreError.changeIsOpen(task, number: 1)) {
      try store.write(project) { try $0.createChange(task, attempt: 1, forge: "local", at: .t(3)) { _ in } }
    }
    try store.write(project) {
      try $0.updateChange(1, from: [.open], to: .approved, at: .t(3)) { $0.approvedBy = "me" }
    }
    #expect(throws: StoreError.staleChange(number: 1, expected: [.open], actual: .approved)) {
      try store.write(project) { try $0.updateChange(1, from: [.open], to: .rejected, at: .t(4)) }
    }
    let landing = try store.write(project, durability: .full) { tx in
      try tx.updateChange(1, from: [.approved], to: .landing, at: .t(4)) {
        $0.landingCommit = "c"
        $0.landingBase = "b"
        $0.testedTree = "t"
      }
    }
    #expect(try store.read(project) { try $0.unfinishedChange(of: task) } == landing)
    try store.write(project) {
      try $0.updateChange(1, from: [.landing], to: .merged, at: .t(5)) { $0.landedTree = "t" }
    }
    #expect(throws: StoreError.illegalChange(number: 1, from: .merged, to: .open)) {
      try store.write(project) { try $0.updateChange(1, from: [.merged], to: .open, at: .t(6)) }
    }
    #expect(
      try store.write(project) { try $0.createChange(task, attempt: 2, forge: "local", at: .t(7)) { _ in } }.number == 2
    )
    #expect(try store.read(project) { try $0.changes([.merged]) }.map(\.number) == [1])
    #expect(try store.read(project) { try $0.changes([.open, .landing]) }.map(\.number) == [2])
    #expect(try store.read(project) { try $0.changes(of: task) }.count == 2)
    #expect(try store.counts(project).changes == [.merged: 1, .open: 1])
    try store.write(project) { try $0.updateChange(2, from: [.open], to: .closed, at: .t(8)) }
    _ = try store.write(project) { try $0.createChange(task, attempt: 2, forge: "local", at: .t(9)) { _ in } }
    #expect(throws: StoreError.changeIsOpen(task, number: 3)) {
      try store.write(project) { try $0.updateChange(2, from: [.closed], to: .open, at: .t(10)) }
    }
  }

  @Test("Every request is taken exactly once, however many take", .timeLimit(.minutes(15)))
  func requests() async throws {
    let scratch = try Scratch()
    let (store, project, task) = try Self.prepared(scratch)
    for index in 0..<40 { try store.postRequest(project, .retry, task: task, argument: "\(index)", at: .t(2)) }
    let taken = try await withThrowingTaskGroup(of: [Int64].self) { group in
      for taker in 0..<4 {
        group.addTask {
          let own = try Store(path: scratch.path)
          var mine: [Int64] = []
          if taker == 0 { return try own.write(project) { try $0.takeRequests(at: .t(3)) }.map(\.seq) }
          for request in try own.read(project, { try $0.pendingRequests() }) {
            do {
              try own.write(project) { _ = try $0.takeRequest(request.seq, outcome: "done", at: .t(3)) }
              mine.append(request.seq)
            } catch StoreError.requestTaken {
              continue
            }
          }
          return mine
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(taken.sorted() == Array(1...40))
    #expect(try store.read(project) { try $0.pendingRequests() }.isEmpty)
    #expect(try store.read(project) { try $0.request(1) }?.handledAt == .t(3))
  }

  @Test("Gates, tiers, batches, pauses and plan files: the last word counts, and saying it twice writes nothing")
  func small() throws {
    let scratch = try Scratch()
    let (store, project, task) = try Self.prepared(scratch)
    let gate = GateResult(
      tree: "t", gate: "g", passed: true, ranAt: .t(2), duration: .milliseconds(1500), logPath: "/l", detail: "d")
    let file = PlanFile(path: "docs/a.md", inode: .max, size: 9, modified: -1, hash: .max, unit: Array(0...255))
    let batch = try store.write(project) { tx throws in
      try tx.recordGate(gate, stage: "test", task: task, attempt: 1, at: .t(2))
      try tx.updatePlanFiles(
        changed: [file, PlanFile(path: "b", inode: 1, size: 0, modified: 0, hash: 0, unit: [])], removed: [])
      let batch = try #require(try tx.beginBatch(name: "night", logPath: "/b", at: .t(2)))
      return try tx.updateBatch(batch.id, endedAt: .t(3)) {
        $0.outcome = "done"
        $0.complete = 3
        $0.cost = MicroUSD(7)
      }
    }
    for tier in [1, 2] { try store.write(project) { try $0.setTier("a", tier, at: .t(3)) } }
    try store.write(project) { try $0.setPaused(task, true, at: .t(3)) }
    let rows = store.changedRows
    try store.write(project) { tx throws in
      try tx.updatePlanFiles(changed: [file], removed: ["no such"])
      try tx.setTier("a", 2, at: .t(4))
      try tx.setTier("b", nil, at: .t(4))
      try tx.setPaused(task, true, at: .t(4))
      try tx.setProjectPaused(false, at: .t(4))
      try tx.setWrittenStatus(task, .notStarted, seen: .notStarted, at: .t(4))
    }
    #expect(store.changedRows == rows)
    try store.write(project) { try $0.updatePlanFiles(changed: [], removed: ["b"]) }
    try store.read(project) { tx throws in
      #expect(try tx.gateResult(tree: "t", gate: "g") == gate && tx.gateResult(tree: "t", gate: "h") == nil)
      #expect(try tx.planFiles() == [file] && tx.tiers() == ["a": 2])
      #expect(try tx.batches() == [batch] && batch.endedAt == .t(3) && batch.complete == 3)
      #expect(try tx.task(task)?.isPaused == true)
    }
  }
}
