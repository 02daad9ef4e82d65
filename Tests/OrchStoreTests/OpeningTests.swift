import Foundation
import GRDB
import OrchDomain
import Synchronization
import Testing

@testable import OrchStore

@Suite("Opening a database file")
struct OpeningTests {
  static let goldens = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Goldens").path

  static func golden(_ version: Int) throws -> String {
    try String(contentsOfFile: goldens + "/schema-\(version).sql", encoding: .utf8)
  }

  static func dump(_ scratch: Scratch) throws -> String {
    try scratch.raw { db throws in
      try String.fetchAll(
        db,
        sql: """
          SELECT sql || ';' FROM sqlite_master WHERE sql IS NOT NULL
          ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 ELSE 2 END, name
          """
      ).joined(separator: "\n\n") + "\n"
    }
  }

  /// Both ways to open a file for writing, which nobody can tell apart by what they do.
  static let writing = [Store.Access.readWrite, .brief]

  @Test("Whoever writes waits for the disk only where it was asked to, and seldom to tidy up", arguments: writing)
  func settings(_ access: Store.Access) throws {
    let scratch = try Scratch()
    let store = try Store(path: scratch.path, access: access)
    #expect(try store.synchronous() == 1)
    #expect(try store.setting("wal_autocheckpoint") == 4000)
  }

  @Test("A new file belongs to its owner only, is in WAL mode and carries our mark and version", arguments: writing)
  func creates(_ access: Store.Access) throws {
    let scratch = try Scratch()
    let store = try scratch.store(access)
    let mode = try FileManager.default.attributesOfItem(atPath: scratch.path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    try scratch.raw { db throws in
      #expect(try String.fetchOne(db, sql: "PRAGMA journal_mode") == "wal")
      #expect(try Int.fetchOne(db, sql: "PRAGMA user_version") == Store.schemaVersion)
      #expect(try Int.fetchOne(db, sql: "PRAGMA application_id") == 0x4F52_4348)
    }
    #expect(try store.projects().isEmpty)
  }

  @Test("Several that make the same file at once all find it theirs")
  func createsTogether() throws {
    for _ in 0..<30 {
      let scratch = try Scratch()
      let failures = Mutex<[String]>([])
      DispatchQueue.concurrentPerform(iterations: 8) {
        do { _ = try scratch.store(Self.writing[$0 % 2]) } catch { failures.withLock { $0.append("\(error)") } }
      }
      #expect(failures.withLock { $0 } == [])
    }
  }

  @Test("Every version has the schema that it was released with: another one is a new step")
  func released() throws {
    let scratch = try Scratch()
    var found = ""
    for migration in Migration.all {
      try scratch.raw { db throws in try db.execute(sql: migration.sql) }
      found += "\(migration.version) \(SHA256.hex(try Self.dump(scratch).utf8))\n"
    }
    let path = Self.goldens + "/schemas.txt"
    if ProcessInfo.processInfo.environment["ORCH_UPDATE_GOLDENS"] == "1" {
      try found.write(toFile: path, atomically: true, encoding: .utf8)
      Issue.record("golden written; only a new line may be added to it, review it and run again")
    }
    #expect(found == (try String(contentsOfFile: path, encoding: .utf8)))
  }

  @Test(
    "A file of every released version opens, keeps its rows and gets the current schema", arguments: 1...1, writing)
  func migrates(_ version: Int, _ access: Store.Access) throws {
    let scratch = try Scratch()
    let rows = try String(contentsOfFile: Self.goldens + "/rows-\(version).sql", encoding: .utf8)
    try scratch.raw { db throws in
      try db.execute(sql: "PRAGMA journal_mode = WAL")
      try db.execute(sql: try Self.golden(version))
      try db.execute(sql: rows)
      try db.execute(sql: "PRAGMA application_id = \(0x4F52_4348); PRAGMA user_version = \(version)")
    }
    let store = try scratch.store(access)
    let new = try Scratch()
    try new.store().close()
    #expect(try Self.dump(scratch) == (try Self.dump(new)))
    let project = try #require(try store.projects().first)
    #expect(project.root == "/old/repo")
    let task = try #require(try store.task(project.id, TaskID(text: "billing/E02")))
    #expect(task.state == .parked && task.heldState == .running && task.status == .inProgress)
    #expect(task.plan.dependencies == [Dependency(try TaskID(text: "billing/E01"), .implicit)])
    #expect(task.plan.touches == ["src/**", "a \"b\".md"])
    #expect(try store.counts(project.id).states == [.complete: 1, .parked: 1])
    #expect(try store.verifyChain(project.id) == .intact(events: 2))
    try expectCountersMatch(scratch, store, project.id)
  }

  @Test("Opening again changes nothing in the file", arguments: writing)
  func reopens(_ access: Store.Access) throws {
    let scratch = try Scratch()
    try scratch.store().close()
    let before = try Data(contentsOf: URL(filePath: scratch.path))
    let store = try scratch.store(access)
    #expect(store.changedRows == 0)
    try store.close()
    #expect(try Data(contentsOf: URL(filePath: scratch.path)) == before)
  }

  @Test(
    "A file that is not ours is reported and left as it is, byte for byte", arguments: ["text", "foreign", "newer"])
  func leavesOthers(_ kind: String) throws {
    let scratch = try Scratch()
    switch kind {
    case "text":
      try String(repeating: "not a database\n", count: 200).write(
        toFile: scratch.path, atomically: true, encoding: .utf8)
    case "foreign": try scratch.raw { db in try db.execute(sql: "CREATE TABLE tasks (id TEXT)") }
    default:
      try scratch.store().close()
      try scratch.raw { db in try db.execute(sql: "PRAGMA user_version = 99") }
    }
    let before = try Data(contentsOf: URL(filePath: scratch.path))
    let expected: StoreError =
      switch kind {
      case "text": .notADatabase(path: scratch.path)
      case "foreign": .foreign(path: scratch.path)
      default: .newerSchema(path: scratch.path, found: 99, known: Store.schemaVersion)
      }
    for access in Self.writing + [.readOnly, .looking] {
      #expect(throws: expected) { try scratch.store(access) }
    }
    #expect(try Data(contentsOf: URL(filePath: scratch.path)) == before)
    #expect("\(expected)".contains(scratch.path))
  }

  @Test("A place where no file can be is an error that names it, and read-only access creates nothing")
  func refuses() throws {
    let scratch = try Scratch()
    #expect(throws: StoreError.missing(path: scratch.path)) { try Store(path: scratch.path, access: .readOnly) }
    #expect(throws: StoreError.missing(path: scratch.path)) { try Store(path: scratch.path, access: .looking) }
    #expect(!FileManager.default.fileExists(atPath: scratch.path))
    #expect(throws: StoreError.cannotOpen(path: scratch.directory, reason: "it is not a regular file")) {
      try Store(path: scratch.directory)
    }
    let nowhere = scratch.directory + "/no/such/x.db"
    for access in Self.writing {
      #expect(throws: StoreError.cannotOpen(path: nowhere, reason: "No such file or directory")) {
        try Store(path: nowhere, access: access)
      }
    }
  }

  @Test("Who looks sees each commit of another connection, all of a state at once, and leaves the file as it was")
  func looks() throws {
    let scratch = try Scratch()
    let (store, project) = try scratch.project()
    let looking = try Store(path: scratch.path, access: .looking)
    for number in 1...3 {
      try looking.read(project) { tx in
        let before = try tx.counts().total
        let plans = try (1...number).map { try PlanTask("a/E0\($0)") }
        _ = try store.applyCompilation(
          project, Compilation(tasks: plans.map { CompiledTask($0) }), at: .t(Int64(number)))
        #expect(try tx.counts().total == before)
      }
      #expect(try looking.counts(project).total == number)
    }
    try store.close()
    let before = try Data(contentsOf: URL(filePath: scratch.path))
    let last = try Store(path: scratch.path, access: .looking)
    #expect(try last.counts(project).total == 3)
    #expect(try Data(contentsOf: URL(filePath: scratch.path)) == before)
  }

  @Test("Who is there briefly writes as anybody: whole transactions, keys that hold, states with their events")
  func writesBriefly() throws {
    let scratch = try Scratch()
    let (brief, project) = try scratch.project(.brief)
    let full = try scratch.store()
    _ = try brief.applyCompilation(project, Compilation(try PlanTask("a/E01")), at: .t(1))
    try full.transition(project, TaskID(text: "a/E01"), from: [.blocked], to: .ready, at: .t(2))
    try brief.transition(project, TaskID(text: "a/E01"), from: [.ready], to: .blocked, at: .t(3))
    let before = (brief.changedRows, try full.changeToken())
    #expect(throws: StoreError.abandoned("CancellationError()")) {
      try brief.write(project) { tx in
        try tx.setPaused(TaskID(text: "a/E01"), true, at: .t(4))
        throw CancellationError()
      }
    }
    #expect(throws: StoreError.self) {
      try brief.write(project) { tx in
        try tx.run("INSERT INTO dependencies VALUES (?, 'no/E01', 'a/E01', 'explicit')", [project.number])
      }
    }
    #expect(try full.changeToken() == before.1 && brief.changedRows > before.0)
    #expect(try full.tasks(project) == brief.tasks(project))
    #expect(try full.task(project, TaskID(text: "a/E01"))?.isPaused == false)
    #expect(try brief.verifyChain(project) == .intact(events: 4))
    try expectCountersMatch(scratch, brief, project)
    try brief.write(project, durability: .full) { _ in }
    #expect(try brief.synchronous() == 2)
    try brief.close()
    #expect(throws: StoreError.self) { try brief.tasks(project) }
  }

  @Test("Read-only access reads everything and writes nothing", arguments: [Store.Access.readOnly, .looking])
  func readOnly(_ access: Store.Access) throws {
    let scratch = try Scratch()
    let (store, project) = try scratch.project()
    _ = try store.applyCompilation(project, Compilation(try PlanTask("a/E01")), at: .t(1))
    let reader = try Store(path: scratch.path, access: access)
    #expect(try reader.counts(project).total == 1)
    #expect(try reader.tasks(project) == store.tasks(project))
    #expect(try reader.project(root: "/repo")?.id == project)
    for _ in 0..<2 {
      #expect(throws: StoreError.readOnly(path: scratch.path)) {
        try reader.read(project) { tx in try tx.setPaused(TaskID(text: "a/E01"), true, at: .t(2)) }
      }
    }
    #expect(throws: StoreError.readOnly(path: scratch.path)) {
      try reader.transition(project, TaskID(text: "a/E01"), from: [.blocked], to: .ready, at: .t(2))
    }
    #expect(throws: StoreError.readOnly(path: scratch.path)) {
      try store.read(project) { tx in try tx.setPaused(TaskID(text: "a/E01"), true, at: .t(2)) }
    }
    #expect(try store.task(project, TaskID(text: "a/E01"))?.isPaused == false)
  }

  @Test("A damaged page is reported as damage, a damaged value too, and neither traps")
  func damage() throws {
    let scratch = try Scratch()
    let (store, project) = try scratch.project()
    let tasks = try (1...300).map { CompiledTask(try PlanTask("a/E\($0)", title: String(repeating: "x", count: 200))) }
    _ = try store.applyCompilation(project, Compilation(tasks: tasks), at: .t(1))
    try scratch.raw { db in try db.execute(sql: "UPDATE tasks SET state = 'dancing' WHERE id = 'a/E05'") }
    #expect(throws: StoreError.damaged(path: scratch.path, detail: "state holds 'dancing'")) {
      try store.loadGraph(project)
    }
    try store.close()
    var bytes = try Data(contentsOf: URL(filePath: scratch.path))
    for index in stride(from: 4096 * 4, to: bytes.count, by: 4096) {
      bytes.replaceSubrange(index..<(index + 64), with: Data(repeating: 0xEE, count: 64))
    }
    try bytes.write(to: URL(filePath: scratch.path))
    let error = #expect(throws: StoreError.self) { try scratch.store().tasks(project) }
    guard case .damaged = error else {
      Issue.record("not reported as damage: \(String(describing: error))")
      return
    }
  }

  @Test("A full disk takes the change back and says so", arguments: writing)
  func fullDisk(_ access: Store.Access) throws {
    let scratch = try Scratch()
    let (store, project) = try scratch.project(access)
    _ = try store.applyCompilation(project, Compilation(try PlanTask("a/E01")), at: .t(1))
    try store.limitPages()
    let many = try (1...2000).map { CompiledTask(try PlanTask("b/E\($0)", title: String(repeating: "x", count: 400))) }
    #expect(throws: StoreError.full(path: scratch.path)) {
      try store.applyCompilation(project, Compilation(tasks: many), at: .t(2))
    }
    #expect(try store.tasks(project).map(\.id.description) == ["a/E01"])
    #expect(try store.verifyChain(project) == .intact(events: 2))
  }

  @Test("Ten processes that create the same file at once all get it", .timeLimit(.minutes(15)))
  func createTogether() async throws {
    let scratch = try Scratch()
    let ids = try await withThrowingTaskGroup(of: ProjectID.self) { group in
      for _ in 0..<10 {
        group.addTask { try scratch.store().project(root: "/repo", name: "repo", at: .t(0)).id }
      }
      return try await group.reduce(into: Set<ProjectID>()) { $0.insert($1) }
    }
    #expect(ids.count == 1)
    let store = try scratch.store()
    #expect(try store.verifyChain(try #require(ids.first)) == .intact(events: 1))
  }
}
