import OrchDomain
import OrchProcess
import OrchSchedule
import OrchStore

/// Drives every open task of a store to `complete` with a program that does nothing, eight at a time.
///
/// Every task goes through all states of its life and every step appends its event to the hash chain: what starts
/// together is one transaction, and so is what ended together with all that it makes ready. Between the two, the
/// program runs in its own session with three streams of its own, by the runner that also runs gates and git. Left out
/// are worktrees, agents, gates and git: a no-op has none.
struct DispatchBench {
  private let graph: StoredGraph
  private let program: String
  private static let slots = 8

  init(database: String, program: String) throws {
    graph = try StoredGraph(database: database)
    self.program = program
  }

  func run() async throws {
    let watch = Stopwatch()
    var frontier = graph.frontier
    var missing = openDependencies()
    let dependents = dependents()
    let command = Command(executable: program)
    var running = 0
    var done = 0
    try await withThrowingTaskGroup(of: TaskID.self) { group in
      while true {
        let taken = frontier.take(Self.slots - running)
        if !taken.isEmpty { try begin(taken) }
        for id in taken {
          running += 1
          group.addTask {
            _ = try await CommandRunner().run(command)
            return id
          }
        }
        guard let id = try await group.next() else { break }
        running -= 1
        done += 1
        frontier.complete(id)
        var opened: [TaskID] = []
        for dependent in dependents[id] ?? [] {
          missing[dependent, default: 0] -= 1
          if missing[dependent] == 0 { opened.append(dependent) }
        }
        try finish(id, opening: opened)
      }
    }
    let seconds = watch.milliseconds
    let counts = try graph.store.counts(graph.project)
    let isDone = counts.states[.complete] == counts.total && done == graph.open.count
    print(Stopwatch.text(seconds), done, isDone ? "complete" : "INCOMPLETE")
  }

  private func begin(_ ids: [TaskID]) throws {
    let now = Timestamp(milliseconds: 0)
    _ = try graph.store.write(graph.project) { tx throws(StoreError) -> Bool in
      for id in ids {
        try tx.transition(id, from: [.ready], to: .queued, at: now)
        try tx.transition(id, from: [.queued], to: .preparing, at: now)
        try tx.transition(id, from: [.preparing], to: .running, at: now)
      }
      return true
    }
  }

  private func finish(_ id: TaskID, opening: [TaskID]) throws {
    let now = Timestamp(milliseconds: 0)
    let steps: [TaskState] = [.running, .verifying, .publishing, .approved, .landing, .complete]
    _ = try graph.store.write(graph.project) { tx throws(StoreError) -> Bool in
      for (from, to) in zip(steps, steps.dropFirst()) { try tx.transition(id, from: [from], to: to, at: now) }
      for dependent in opening { try tx.transition(dependent, from: [.blocked], to: .ready, at: now) }
      return true
    }
  }

  private func openDependencies() -> [TaskID: Int] {
    let open = Set(graph.open.map(\.id))
    return Dictionary(
      uniqueKeysWithValues: graph.open.map { task in (task.id, task.dependencies.count { open.contains($0.id) }) })
  }

  private func dependents() -> [TaskID: [TaskID]] {
    var result: [TaskID: [TaskID]] = [:]
    for task in graph.open {
      for dependency in task.dependencies { result[dependency.id, default: []].append(task.id) }
    }
    return result
  }
}
