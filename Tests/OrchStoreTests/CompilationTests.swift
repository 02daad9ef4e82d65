import GRDB
import OrchDomain
import OrchStore
import Testing

@Suite("Applying a compilation")
struct CompilationTests {
  static func full() throws -> PlanTask {
    PlanTask(
      id: try TaskID(text: "billing/CLI02"), title: "Tïtle \"x\"\u{1}\n", path: "docs/plans/billing/x.md", phase: 3,
      status: .inProgress, priority: .high,
      dependencies: [
        Dependency(try TaskID(text: "auth/E07"), .explicit), Dependency(try TaskID(text: "billing/CLI01"), .implicit),
      ], needsReview: true, githubIssue: 42, agent: "codex", model: "m", touches: ["a/**", "\"q\\\u{7}\t🙂"],
      verify: ["swift test", "x\ny"], timeout: .seconds(5400), maxCost: MicroUSD(2_500_000), labels: ["l"],
      complexity: .complex, contentHash: .max)
  }

  @Test("What is stored is what was compiled, every field of it")
  func roundTrip() throws {
    let scratch = try Scratch()
    let (store, project) = try scratch.project()
    let task = try Self.full()
    let result = try store.applyCompilation(project, Compilation(task), at: .t(5))
    #expect(result.inserted == [task.id])
    let stored = try #require(try store.task(project, task.id))
    #expect(stored.plan == task)
    #expect(stored.state == .blocked && stored.writtenStatus == .inProgress && stored.addedAt == .t(5))
    #expect(try store.loadGraph(project).first?.dependencies == task.dependencies)
    #expect(try store.loadGraph(project).first?.touches == task.touches)
  }

  @Test("Compiling again without a change touches no row")
  func unchanged() throws {
    let scratch = try Scratch()
    let (store, project) = try scratch.project()
    let compilation = Compilation(
      try Self.full(), try PlanTask("a/E01", status: .complete), try PlanTask("a/E02", after: ["a/E01", "zz/E99"]))
    _ = try store.applyCompilation(project, compilation, at: .t(1))
    let before = store.changedRows
    let pages = try scratch.raw { try Int.fetchOne($0, sql: "PRAGMA data_version") }
    let result = try store.applyCompilation(project, compilation, at: .t(2))
    #expect(result.unchanged == 3 && result.inserted.isEmpty && result.updated.isEmpty && result.removed.isEmpty)
    #expect(store.changedRows == before)
    #expect(pages == (try scratch.raw { try Int.fetchOne($0, sql: "PRAGMA data_version") }))
  }

  static let edits: [(String, @Sendable (inout PlanTask) -> Void)] = [
    ("title", { $0.title = "new" }), ("path", { $0.path = "docs/plans/billing/y.md" }), ("phase", { $0.phase = nil }),
    ("status", { $0.status = .complete }), ("priority", { $0.priority = .low }),
    ("depends_on", { $0.dependencies.removeLast() }), ("needs_review", { $0.needsReview = false }),
    ("github_issue", { $0.githubIssue = nil }), ("agent", { $0.agent = nil }), ("model", { $0.model = "n" }),
    ("touches", { $0.touches = [] }), ("verify", { $0.verify.reverse() }), ("timeout", { $0.timeout = nil }),
    ("max_cost_usd", { $0.maxCost = MicroUSD(1) }), ("labels", { $0.labels = ["l", "m"] }),
    ("complexity", { $0.complexity = .simple }), ("content", { $0.contentHash = 1 }),
  ]

  @Test("An edit of any one field is stored and named in one event", arguments: edits.indices)
  func edited(_ index: Int) throws {
    let (field, edit) = Self.edits[index]
    let scratch = try Scratch()
    let (store, project) = try scratch.project()
    var task = try Self.full()
    _ = try store.applyCompilation(project, Compilation(task, try PlanTask("a/E01")), at: .t(1))
    edit(&task)
    let last = try #require(try store.events(project).last)
    let rows = store.changedRows
    let result = try store.applyCompilation(project, Compilation(task, try PlanTask("a/E01")), at: .t(2))
    #expect(result.updated == [task.id] && result.unchanged == 1)
    #expect(try store.task(project, task.id)?.plan == task)
    let events = try store.events(project, after: last.seq)
    #expect(events.map(\.type) == [.taskChanged] && events.first?.task == task.id)
    #expect(events.first?.data.contains("\"fields\":[\"\(field)\"]") == true)
    // The row, its event, the head of the chain; for the dependency its row.
    #expect(store.changedRows - rows == (field == "depends_on" ? 4 : 3))
  }

  @Test("A plan that disappears is removed with its history kept, and comes back as it was")
  func removed() throws {
    let scratch = try Scratch()
    let (store, project) = try scratch.project()
    let (a, b) = (try PlanTask("a/E01"), try PlanTask("a/E02"))
    _ = try store.applyCompilation(project, Compilation(a, b), at: .t(1))
    try store.transition(project, a.id, from: [.blocked], to: .ready, at: .t(2))
    #expect(try store.applyCompilation(project, Compilation(b), at: .t(3)).removed == [a.id])
    #expect(try store.tasks(project).map(\.id) == [b.id])
    #expect(try store.loadGraph(project).map(\.id) == [b.id])
    #expect(try store.task(project, a.id) == nil)
    #expect(try store.tasks(project, TaskFilter(includesRemoved: true)).count == 2)
    try expectCountersMatch(scratch, store, project)
    let rows = store.changedRows
    #expect(try store.applyCompilation(project, Compilation(b), at: .t(4)).unchanged == 1)
    #expect(store.changedRows == rows)
    #expect(try store.applyCompilation(project, Compilation(a, b), at: .t(5)).restored == [a.id])
    #expect(try store.task(project, a.id)?.state == .ready)
    try expectCountersMatch(scratch, store, project)
  }

  @Test("One broken file removes nothing: its task stays, not sound, until it compiles again")
  func broken() throws {
    let scratch = try Scratch()
    let (store, project) = try scratch.project()
    let (a, b) = (try PlanTask("a/E01"), try PlanTask("a/E02"))
    _ = try store.applyCompilation(project, Compilation(a, b), at: .t(1))
    let bad = Compilation(b, broken: [a.path])
    #expect(try store.applyCompilation(project, bad, at: .t(2)).updated == [a.id])
    #expect(try store.task(project, a.id)?.isSound == false)
    let rows = store.changedRows
    #expect(try store.applyCompilation(project, bad, at: .t(3)).unchanged == 2)
    #expect(store.changedRows == rows)
    #expect(try store.applyCompilation(project, Compilation(a, b), at: .t(4)).updated == [a.id])
    #expect(try store.task(project, a.id)?.isSound == true)
  }

  @Test("Two plans with one id are refused as a whole", arguments: [true, false])
  func duplicate(_ known: Bool) throws {
    let scratch = try Scratch()
    let (store, project) = try scratch.project()
    if known { _ = try store.applyCompilation(project, Compilation(try PlanTask("a/E01")), at: .t(1)) }
    let before = try store.tasks(project)
    #expect(throws: StoreError.duplicateTask(try TaskID(text: "a/E01"))) {
      try store.applyCompilation(
        project, Compilation(try PlanTask("a/E01"), try PlanTask("b/E01"), try PlanTask("a/E01", title: "x")), at: .t(2)
      )
    }
    #expect(try store.tasks(project) == before)
  }

  @Test("A first sync of many tasks names every one of them once in the log, in groups")
  func many() throws {
    let scratch = try Scratch()
    let (store, project) = try scratch.project()
    let tasks = try (1...1234).map { CompiledTask(try PlanTask("a/E\($0)", after: $0 > 1 ? ["a/E\($0 - 1)"] : [])) }
    _ = try store.applyCompilation(project, Compilation(tasks: tasks), at: .t(1))
    let events = try store.events(project).filter { $0.type == .tasksAdded }
    #expect(events.count == 3)
    let named = events.flatMap { $0.data.split(separator: "\"").filter { $0.contains("/") } }
    #expect(named.map(String.init) == tasks.map(\.task.id.description))
    #expect(try store.tasks(project).map(\.plan) == tasks.map(\.task))
    #expect(try store.loadGraph(project).map(\.dependencies) == tasks.map(\.task.dependencies))
    try expectCountersMatch(scratch, store, project)
  }

  @Test("Drift tells what to write, what a person asks, and nothing else")
  func drift() throws {
    let scratch = try Scratch()
    let (store, project) = try scratch.project()
    var (a, b, c) = (try PlanTask("a/E01"), try PlanTask("a/E02"), try PlanTask("a/E03"))
    _ = try store.applyCompilation(project, Compilation(a, b, c), at: .t(1))
    #expect(try store.read(project) { try $0.statusDrift() }.isEmpty)
    for state in [TaskState.ready, .queued, .preparing] {
      try store.transition(project, a.id, from: Set(TaskState.allCases), to: state, at: .t(2))
    }
    b.status = .complete
    _ = try store.applyCompilation(project, Compilation(a, b, c), at: .t(3))
    let drift = try store.read(project) { try $0.statusDrift() }
    #expect(drift.map(\.task) == [a.id, b.id])
    #expect(drift[0].actual == .inProgress && drift[0].markdown == .notStarted && drift[0].written == .notStarted)
    #expect(drift[1].actual == .notStarted && drift[1].markdown == .complete && drift[1].written == .notStarted)
    // Somebody has read an edit between the writer's look and its record: the edit stays to be settled.
    try store.write(project) { try $0.setWrittenStatus(b.id, .notStarted, seen: .inProgress, at: .t(4)) }
    #expect(try store.read(project) { try $0.statusDrift() } == drift)
    try store.write(project) { try $0.setWrittenStatus(a.id, .inProgress, seen: .notStarted, at: .t(4)) }
    a.status = .inProgress
    c.status = .notStarted
    // The compiler reads our own write: that is no change of the plan.
    let rows = store.changedRows
    #expect(try store.applyCompilation(project, Compilation(a, b, c), at: .t(5)).unchanged == 3)
    #expect(store.changedRows == rows)
    #expect(try store.read(project) { try $0.statusDrift() }.map(\.task) == [b.id])
  }

  @Test("Questions about a few tasks use an index that holds only those")
  func indexes() throws {
    let scratch = try Scratch()
    let (store, project) = try scratch.project()
    let (sql, arguments) = Store.liveSQL()
    #expect(try store.queryPlan(sql, arguments).contains("tasks_live"))
    #expect(try store.queryPlan(Store.driftSQL, [project.number]).contains("tasks_drift"))
  }
}
