import OrchAgents
import OrchDomain
import OrchGit
import OrchStore

/// Finds out which branches of attempts under way do not merge with each other.
///
/// What an agent has not committed is not seen, nor what it commits in a sandbox before the end of its turn.
struct ConflictForecast: Sendable {
  let project: OpenProject
  private var matrix = ConflictMatrix()
  /// What was looked at last.
  private var seen: [Branch] = []

  /// The branch of an attempt that is under way.
  struct Branch: Hashable, Sendable {
    var task: TaskID
    var startedAt: Timestamp
    var head: String
  }

  init(project: OpenProject) { self.project = project }

  /// Looks at what has changed since the last time, and records what it finds.
  mutating func update() async throws {
    let branches = try await branches()
    guard branches != seen || !matrix.isComplete else { return }
    let found = try await matrix.update(
      branches.map(\.head), base: try await project.baseCommit(), in: project.repository)
    seen = branches
    let typed = TypedMerge(project: project)
    try project.setConflicts(
      found.compactMap { conflict in
        let (earlier, later) = (branches[conflict.first], branches[conflict.second])
        guard !conflict.files.allSatisfy(typed.covers) else { return nil }
        return ForeseenConflict(
          later: later.task, earlier: earlier.task, laterHead: later.head, earlierHead: earlier.head,
          files: conflict.files)
      })
  }

  /// Those with commits of their own, in the order in which their attempts began.
  private func branches() async throws -> [Branch] {
    let heads = Dictionary(
      try await project.repository.refs(prefix: "refs/heads/feat/").map { ($0.name, $0.commit) }
    ) { first, _ in first }
    return try project.openAttempts().compactMap { attempt in
      guard let head = heads["refs/heads/\(attempt.branch ?? attempt.task.branch)"], head != attempt.baseCommit else {
        return nil
      }
      return Branch(task: attempt.task, startedAt: attempt.startedAt, head: head)
    }.sorted { ($0.startedAt, $0.task) < ($1.startedAt, $1.task) }
  }
}

extension OpenProject {
  /// Attempts of tasks that are on their way to the base branch.
  fileprivate func openAttempts() throws -> [Attempt] {
    try store.read(row) { tx throws(StoreError) in
      var open: [Attempt] = []
      for attempt in try tx.openAttempts() where try tx.task(attempt.task)?.state.isActive == true {
        open.append(attempt)
      }
      return open
    }
  }

  fileprivate func setConflicts(_ conflicts: [ForeseenConflict]) throws {
    let old = try store.read(row) { tx throws(StoreError) in try tx.conflicts() }
    guard Set(old) != Set(conflicts) else { return }
    try write { tx throws(StoreError) in try tx.setConflicts(conflicts, at: clock.now()) }
  }

  /// Branches of others that began before the task's, and do not merge with it.
  func neighbours(of id: TaskID) throws -> [PromptFacts.Neighbour] {
    try store.read(row) { tx throws(StoreError) in
      var found: [PromptFacts.Neighbour] = []
      for conflict in try tx.conflicts() where conflict.later == id {
        guard try tx.task(conflict.earlier)?.state.isActive == true else { continue }
        found.append(.init(task: conflict.earlier, commit: conflict.earlierHead, files: conflict.files))
      }
      return found
    }
  }
}
