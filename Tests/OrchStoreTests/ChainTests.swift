import GRDB
import OrchDomain
import OrchStore
import Testing

@Suite("The chain of events")
struct ChainTests {
  static let attacks: [(name: String, sql: String, broken: Int64?)] = [
    ("a changed text", "UPDATE events SET data = '{}' WHERE seq = 3", 3),
    ("a changed time", "UPDATE events SET at = at + 1 WHERE seq = 3", 3),
    ("a changed type", "UPDATE events SET type = 'x' WHERE seq = 3", 3),
    ("a changed task", "UPDATE events SET task = 'a/E02' WHERE seq = 3", 3),
    ("an added attempt", "UPDATE events SET attempt = 1 WHERE seq = 3", 3),
    ("a changed hash", "UPDATE events SET hash = prev_hash WHERE seq = 3", 3),
    ("a deleted row", "DELETE FROM events WHERE seq = 3", 4),
    ("a deleted first row", "DELETE FROM events WHERE seq = 1", 2),
    ("a deleted last row", "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)", nil),
    ("a deleted log", "DELETE FROM events", nil),
    (
      "two exchanged rows",
      "UPDATE events SET seq = -seq WHERE seq IN (3, 4); UPDATE events SET seq = 7 + seq WHERE seq < 0", 3
    ),
    (
      "a row sent to another project",
      "INSERT INTO projects (id, root, name, created_at) VALUES (9, 'x', 'x', 0);"
        + "UPDATE events SET project_id = 9 WHERE seq = 3", 4
    ),
  ]

  static func log(_ scratch: Scratch) throws -> (Store, ProjectID) {
    let (store, project) = try scratch.project()
    let task = try PlanTask("a/E01")
    _ = try store.applyCompilation(project, Compilation(task), at: .t(1))
    for (index, state) in [TaskState.ready, .queued, .preparing, .running].enumerated() {
      try store.transition(project, task.id, from: Set(TaskState.allCases), to: state, at: .t(Int64(index) + 2))
    }
    return (store, project)
  }

  @Test("Any change to the log is found", arguments: attacks.indices)
  func detects(_ index: Int) throws {
    let attack = Self.attacks[index]
    let scratch = try Scratch()
    let (store, project) = try Self.log(scratch)
    #expect(try store.verifyChain(project) == .intact(events: 6))
    try scratch.raw { db throws in
      try db.execute(sql: "DROP TRIGGER events_are_kept; DROP TRIGGER events_are_fixed")
      try db.execute(sql: attack.sql)
    }
    guard case .broken(let seq, _) = try store.verifyChain(project) else {
      Issue.record("\(attack.name) was not found")
      return
    }
    #expect(seq == attack.broken, "\(attack.name)")
  }

  @Test(
    "The database itself refuses to change or delete an event",
    arguments: ["UPDATE events SET at = 0", "DELETE FROM events"])
  func appendOnly(_ sql: String) throws {
    let scratch = try Scratch()
    let (store, project) = try Self.log(scratch)
    #expect(throws: DatabaseError.self) { try scratch.raw { db in try db.execute(sql: sql) } }
    #expect(try store.verifyChain(project) == .intact(events: 6))
  }

  @Test("Events are read in order, from where one left off, for all tasks or for one")
  func reads() throws {
    let scratch = try Scratch()
    let (store, project) = try Self.log(scratch)
    let all = try store.events(project)
    #expect(all.map(\.seq) == [1, 2, 3, 4, 5, 6])
    #expect(try store.events(project, after: 2, limit: 2).map(\.seq) == [3, 4])
    #expect(try store.events(project, task: TaskID(text: "a/E01")).map(\.seq) == [2, 3, 4, 5, 6])
    #expect(try store.events(project, task: TaskID(text: "a/E02")).isEmpty)
    #expect(try store.read(project) { try $0.latestEvents(limit: 2) }.map(\.seq) == [5, 6])
    #expect(try store.events(project, limit: -1).isEmpty)
  }
}
