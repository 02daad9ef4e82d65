import OrchAgents
import OrchDomain
import OrchGit
import OrchStore

/// Finds out which branches that have not landed do not merge with each other, from merges in memory.
///
/// A pair is looked at once for the two commits that it has; branches that change no file in common are not merged at
/// all. What an agent has not committed is not seen, nor what it commits in a sandbox before the end of its turn.
struct ConflictForecast: Sendable {
  let project: OpenProject
  /// The files in which two commits conflict, none when they merge.
  private var known: [Pair: [String]] = [:]
  /// What commits change since they left the base.
  private var changed: [String: Set<String>] = [:]
  /// The heads that were looked at last.
  private var seen: [Branch] = []
  /// More are looked at in the next round.
  private static let mergesAtOnce = 200
  private static let shownFiles = 20

  private struct Pair: Hashable {
    var a: String
    var b: String
  }

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
    guard branches != seen else { return }
    changed = changed.filter { head, _ in branches.contains { $0.head == head } }
    let base = try await project.baseCommit()
    for branch in branches where changed[branch.head] == nil {
      let fork = try await project.repository.mergeBase(base, branch.head)
      changed[branch.head] = Set(try await project.repository.changedPaths(from: fork, to: branch.head))
    }
    var left = Self.mergesAtOnce
    var now: [Pair: [String]] = [:]
    var found: [ForeseenConflict] = []
    for (index, later) in branches.enumerated() {
      for earlier in branches[..<index] {
        let pair = Pair(a: earlier.head, b: later.head)
        guard let files = try await conflict(pair, &left) else { continue }
        now[pair] = files
        guard !files.isEmpty else { continue }
        found.append(
          ForeseenConflict(
            later: later.task, earlier: earlier.task, laterHead: later.head, earlierHead: earlier.head, files: files))
      }
    }
    known = now
    seen = left > 0 ? branches : []
    try project.setConflicts(found)
  }

  /// - Returns: nil when there was no room to look.
  private func conflict(_ pair: Pair, _ left: inout Int) async throws -> [String]? {
    if let files = known[pair] { return files }
    guard let one = changed[pair.a], let other = changed[pair.b], !one.isDisjoint(with: other) else { return [] }
    guard left > 0 else { return nil }
    left -= 1
    guard case .conflict(let conflicts) = try await project.repository.merge(ours: pair.a, theirs: pair.b) else {
      return []
    }
    return Array(Set(conflicts.map(\.path)).sorted().prefix(Self.shownFiles))
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
