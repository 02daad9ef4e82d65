import GRDB
import OrchDomain
import OrchRandom
import OrchStore
import Testing

@Suite("Random histories")
struct PropertyTests {
  /// Does something random to a project; what the store refuses is part of the history.
  static func step(_ store: Store, _ project: ProjectID, _ random: inout SplitMix64, at: Timestamp) throws {
    let codes = (1...60).map { "m\($0 % 3)/E\($0)" }
    let task = try TaskID(text: codes[Int.random(in: 0..<60, using: &random)])
    switch Int.random(in: 0..<10, using: &random) {
    case 0...1:
      var tasks: [CompiledTask] = []
      for code in codes where Int.random(in: 0..<4, using: &random) > 0 {
        let status = TaskStatus.allCases[Int.random(in: 0..<3, using: &random)]
        let title = "v\(Int.random(in: 0..<2, using: &random))"
        let other = codes[Int.random(in: 0..<60, using: &random)]
        let state = TaskState.allCases[Int.random(in: 0..<TaskState.allCases.count, using: &random)]
        tasks.append(
          CompiledTask(try PlanTask(code, status: status, after: [other], title: title), initialState: state))
      }
      let broken: Set<String> = Bool.random(using: &random) ? ["docs/plans/\(task.module)/\(task.code).md"] : []
      _ = try store.applyCompilation(project, Compilation(tasks: tasks, brokenPaths: broken), at: at)
    case 2...6:
      let to = TaskState.allCases[Int.random(in: 0..<TaskState.allCases.count, using: &random)]
      try store.transition(project, task, from: Set(TaskState.allCases), to: to, reason: "r", at: at)
    case 7:
      let status = TaskStatus.allCases[Int.random(in: 0..<3, using: &random)]
      try store.write(project) { try $0.setWrittenStatus(task, status, seen: .notStarted, at: at) }
    case 8:
      _ = try store.write(project) { try $0.createChange(task, attempt: 1, forge: "local", at: at) { $0.title = "t" } }
    default:
      let to = Change.State.allCases[Int.random(in: 0..<6, using: &random)]
      let number = Int.random(in: 1...8, using: &random)
      // Half of these transactions fail after they have changed something.
      let fails = Bool.random(using: &random)
      try store.write(project) { tx throws in
        try tx.updateChange(number, from: Set(Change.State.allCases), to: to, at: at)
        if fails { throw StoreError.abandoned("on purpose") }
      }
    }
  }

  @Test(
    "After any history the counters equal a count by hand, and the log is whole",
    arguments: 1...25 as ClosedRange<UInt64>)
  func counters(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let scratch = try Scratch()
    let (store, project) = try scratch.project()
    var refused = 0
    for time in 1...60 {
      do {
        try Self.step(store, project, &random, at: .t(Int64(time)))
      } catch is StoreError {
        refused += 1
      }
      if time % 10 == 0 { try expectCountersMatch(scratch, store, project) }
    }
    #expect(refused > 0 && refused < 60)
    guard case .intact = try store.verifyChain(project) else {
      Issue.record("the chain is broken")
      return
    }
    try scratch.raw { db throws in
      #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM pragma_foreign_key_check") == 0)
      #expect(try String.fetchOne(db, sql: "PRAGMA integrity_check") == "ok")
    }
  }

  @Test("Every list and event value comes back from its text", arguments: 1...20 as ClosedRange<UInt64>)
  func texts(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let scratch = try Scratch()
    let (store, project) = try scratch.project()
    let pool = Array("ab\"\\\n\r\t\u{0}\u{1}\u{1f}\u{7f}é🙂\u{2028},[]{}").map(String.init)
    var task = try PlanTask("a/E01")
    task.touches = (0..<Int.random(in: 0..<6, using: &random)).map { _ in
      (0..<Int.random(in: 0..<8, using: &random)).map { _ in pool[Int.random(in: 0..<pool.count, using: &random)] }
        .joined()
    }
    _ = try store.applyCompilation(project, Compilation(task), at: .t(1))
    #expect(try store.task(project, task.id)?.plan.touches == task.touches)
    let touches = task.touches
    try store.write(project) { tx in _ = try tx.appendEvent("x", data: ["l": EventValue(touches)], at: .t(2)) }
    // SQLite's own reader of JSON must see the same strings.
    let seen = try scratch.raw { db throws in
      try String.fetchAll(
        db, sql: "SELECT e.value FROM events, json_each(events.data, '$.l') AS e WHERE events.type = 'x' ORDER BY e.key"
      )
    }
    // SQLite ends a text at a NUL.
    #expect(seen == touches.map { String($0.prefix { $0 != "\u{0}" }) } || touches.contains { $0.contains("\u{0}") })
  }
}
