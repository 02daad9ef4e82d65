import GRDB
import OrchDomain
import OrchStore
import Testing

@Suite("Taking old events away")
struct CompactionTests {
  /// A log of 26 events: one second apart, five rounds of states of one task.
  private static func log(_ scratch: Scratch) throws -> (Store, ProjectID, TaskID) {
    let (store, project) = try scratch.project()
    let task = try PlanTask("a/E01")
    _ = try store.applyCompilation(project, Compilation(task), at: .t(1))
    for index in 0..<24 {
      try store.transition(
        project, task.id, from: Set(TaskState.allCases), to: index % 2 == 0 ? .ready : .blocked,
        at: .t(Int64(index) + 2))
    }
    return (store, project, task.id)
  }

  private static func compact(_ store: Store, _ project: ProjectID, before second: Int64) throws -> Int {
    try store.write(project) { tx in try tx.compactEvents(before: .t(second), at: .t(100)) }
  }

  @Test("A log that was cut twice is proved from its first kept event to its last")
  func twice() throws {
    let scratch = try Scratch()
    let (store, project, task) = try Self.log(scratch)
    #expect(try store.verifyChain(project) == .intact(events: 26))
    #expect(try store.read(project) { try $0.countCompactable(before: .t(10)) } == 10)
    #expect(try Self.compact(store, project, before: 10) == 10)
    #expect(try store.verifyChain(project) == .intact(events: 17, dropped: 10))
    #expect(try Self.compact(store, project, before: 10) == 0)
    try store.transition(project, task, from: [.blocked], to: .ready, at: .t(101))
    #expect(try Self.compact(store, project, before: 20) == 10)
    #expect(try store.verifyChain(project) == .intact(events: 9, dropped: 20))
    #expect(try store.events(project).first?.at == .t(20))
    #expect(try store.events(project).last?.type == .logCompacted)
  }

  @Test("Any change to a log that was cut is found, also that more was cut")
  func attacks() throws {
    for sql in [
      "UPDATE events SET at = at + 1 WHERE seq = 15", "DELETE FROM events WHERE seq = 11",
      "DELETE FROM events WHERE seq <= 15; DELETE FROM event_checkpoints;"
        + "INSERT INTO event_checkpoints SELECT 1, 15, 15, prev_hash FROM events WHERE seq = 16",
      "DELETE FROM event_checkpoints", "UPDATE event_checkpoints SET events = events + 1",
    ] {
      let scratch = try Scratch()
      let (store, project, _) = try Self.log(scratch)
      _ = try Self.compact(store, project, before: 10)
      try scratch.raw { db in
        for name in try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'") {
          try db.execute(sql: "DROP TRIGGER \(name)")
        }
        try db.execute(sql: sql)
      }
      guard case .broken = try store.verifyChain(project) else {
        Issue.record("not found: \(sql)")
        continue
      }
    }
  }

  @Test(
    "The database refuses to take away what no checkpoint covers, and checkpoints that fit nothing",
    arguments: [
      "DELETE FROM events WHERE seq = 20", "DELETE FROM event_checkpoints", "UPDATE event_checkpoints SET events = 0",
      "INSERT INTO event_checkpoints VALUES (1, 20, 20, 'x')",
    ])
  func refuses(_ sql: String) throws {
    let scratch = try Scratch()
    let (store, project, _) = try Self.log(scratch)
    _ = try Self.compact(store, project, before: 10)
    #expect(throws: DatabaseError.self) { try scratch.raw { db in try db.execute(sql: sql) } }
    #expect(try store.verifyChain(project) == .intact(events: 17, dropped: 10))
  }

  @Test("Events of the latest attempt of work under way stay, however old they are")
  func underWay() throws {
    let scratch = try Scratch()
    let (store, project, task) = try Self.log(scratch)
    try store.write(project) { tx in
      try tx.transition(task, from: [.blocked], to: .ready, at: .t(29))
      try tx.transition(task, from: [.ready], to: .queued, at: .t(30))
      _ = try tx.beginAttempt(task, agent: "a", at: .t(31)) { _ in }
    }
    try store.transition(project, task, from: Set(TaskState.allCases), to: .stuck, at: .t(40))
    _ = try Self.compact(store, project, before: 1_000)
    let kept = try store.events(project)
    #expect(kept.first?.type == .attemptStarted)
    #expect(kept.count == 3)
  }

  @Test("A younger event before an older one, as after a clock that jumped, keeps both")
  func clockJump() throws {
    let scratch = try Scratch()
    let (store, project, task) = try Self.log(scratch)
    try store.transition(project, task, from: Set(TaskState.allCases), to: .ready, at: .t(500))
    try store.transition(project, task, from: Set(TaskState.allCases), to: .blocked, at: .t(50))
    #expect(try Self.compact(store, project, before: 100) == 26)
    #expect(try store.events(project).map(\.at).prefix(2) == [.t(500), .t(50)])
  }

  @Test("Fewer than are worth it stay")
  func notWorthIt() throws {
    let scratch = try Scratch()
    let (store, project, _) = try Self.log(scratch)
    #expect(try store.write(project) { tx in try tx.compactEvents(before: .t(10), least: 11, at: .t(100)) } == 0)
    #expect(try store.verifyChain(project) == .intact(events: 26))
  }
}
