import Foundation
import GRDB
import OrchDomain
import OrchStore
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("A killed process", .timeLimit(.minutes(15)))
struct CrashTests {
  /// Every event about the task must be found in the task, and the other way round.
  static func expectConsistent(_ scratch: Scratch) throws -> Int {
    let store = try scratch.store()
    let project = try #require(try store.project(root: "/repo")).id
    let task = try #require(try store.task(project, TaskID(text: "a/E01")))
    let events = try store.events(project, limit: .max, task: task.id).filter { $0.type == .taskState }
    if let last = events.last { #expect(last.data.contains("\"to\":\"\(task.state.rawValue)\"")) }
    #expect(try store.verifyChain(project) == .intact(events: 2 + events.count))
    try expectCountersMatch(scratch, store, project)
    return events.count
  }

  /// Changes states for ever.
  static func work(_ path: String) throws {
    let store = try Store(path: path)
    let project = try store.project(root: "/repo", name: "repo", at: .t(0)).id
    let task = try PlanTask("a/E01")
    while true {
      for (from, to) in [(TaskState.blocked, TaskState.ready), (.ready, .blocked)] {
        do {
          try store.transition(project, task.id, from: [from], to: to, at: .t(2))
        } catch {
          guard case .stale = error else { throw error }
        }
      }
    }
  }

  @Test(
    "Killed anywhere while it writes, it leaves each state with its event or neither",
    arguments: [2000, 7000, 23_000, 61_000])
  func anywhere(_ microseconds: Int) async throws {
    let scratch = try Scratch()
    let (store, project) = try scratch.project()
    _ = try store.applyCompilation(project, Compilation(try PlanTask("a/E01")), at: .t(1))
    try store.close()
    let path = scratch.path
    for _ in 0..<2 {
      await #expect(processExitsWith: .signal(SIGALRM)) { [path = path as String, microseconds = microseconds as Int] in
        // The timer kills this process wherever it is, as `kill -9` would: nothing catches the signal.
        var timer = itimerval(
          it_interval: timeval(), it_value: timeval(tv_sec: 0, tv_usec: numericCast(20_000 + microseconds)))
        #if canImport(Glibc)
          setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &timer, nil)
        #else
          setitimer(ITIMER_REAL, &timer, nil)
        #endif
        try CrashTests.work(path)
      }
      _ = try Self.expectConsistent(scratch)
    }
  }

  @Test("Killed in the middle of a transaction, nothing of it is there, and the next one goes on")
  func middle() async throws {
    let scratch = try Scratch()
    let (store, project) = try scratch.project()
    _ = try store.applyCompilation(project, Compilation(try PlanTask("a/E01")), at: .t(1))
    let path = scratch.path
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let store = try Store(path: path)
      let project = try store.project(root: "/repo", name: "repo", at: .t(0)).id
      let task = try #require(TaskID("a/E01"))
      try store.transition(project, task, from: [.blocked], to: .ready, at: .t(2))
      try store.write(project) { tx throws in
        try tx.transition(task, from: [.ready], to: .queued, at: .t(3))
        // Much more than the cache holds, so that some of it is in the WAL already.
        let more = try (1...3000).map {
          CompiledTask(try PlanTask("b/E\($0)", title: String(repeating: "x", count: 9000)))
        }
        _ = try tx.applyCompilation(Compilation(tasks: more), at: .t(3))
        _ = kill(getpid(), SIGKILL)
      }
    }
    #expect(try store.task(project, TaskID(text: "a/E01"))?.state == .ready)
    #expect(try store.counts(project).total == 1)
    #expect(try Self.expectConsistent(scratch) == 1)
    try store.transition(project, TaskID(text: "a/E01"), from: [.ready], to: .queued, at: .t(4))
    #expect(try Self.expectConsistent(scratch) == 2)
  }
}
