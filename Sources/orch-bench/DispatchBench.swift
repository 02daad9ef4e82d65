import OrchDomain
import OrchProcess
import OrchSchedule
import OrchStore

/// Drives every open task of a store to `complete` with a program that does nothing, eight at a time.
///
/// Every task goes through all eight steps of its life, and every step appends its event to the hash chain. The end of
/// one task, what it makes ready and what starts in its place are one transaction. Each program runs in its own session
/// with three streams of its own, by the runner that also runs gates and git. Left out are worktrees, agents, gates and
/// git: a no-op has none.
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
    var ended: TaskID?
    try await withThrowingTaskGroup(of: TaskID.self) { group in
      repeat {
        var opened: [TaskID] = []
        if let ended {
          running -= 1
          done += 1
          frontier.complete(ended)
          for dependent in dependents[ended] ?? [] {
            missing[dependent, default: 0] -= 1
            if missing[dependent] == 0 { opened.append(dependent) }
          }
        }
        let taken = frontier.take(Self.slots - running)
        try record(ended: ended, opening: opened, beginning: taken)
        for id in taken {
          running += 1
          group.addTask {
            _ = try await CommandRunner().run(command)
            return id
          }
        }
        ended = try await group.next()
      } while ended != nil
    }
    let seconds = watch.milliseconds
    let counts = try graph.store.counts(graph.project)
    let isDone = counts.states[.complete] == counts.total && done == graph.open.count
    print(Stopwatch.text(seconds), done, isDone ? "complete" : "INCOMPLETE")
  }

  private func record(ended: TaskID?, opening: [TaskID], beginning: [TaskID]) throws {
    let now = Timestamp(milliseconds: 0)
    let ending: [TaskState] = [.running, .verifying, .publishing, .approved, .landing, .complete]
    let starting: [TaskState] = [.ready, .queued, .preparing, .running]
    _ = try graph.store.write(graph.project) { tx throws(StoreError) -> Bool in
      if let ended {
        for (from, to) in zip(ending, ending.dropFirst()) { try tx.transition(ended, from: [from], to: to, at: now) }
      }
      for id in opening { try tx.transition(id, from: [.blocked], to: .ready, at: now) }
      for id in beginning {
        for (from, to) in zip(starting, starting.dropFirst()) { try tx.transition(id, from: [from], to: to, at: now) }
      }
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
