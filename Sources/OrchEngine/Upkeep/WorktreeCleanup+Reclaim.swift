import OrchDomain
import OrchFiles
import OrchGit
import OrchStore

// Making room: worktrees that somebody may still want are taken away, the least useful first, so that they can be
// brought back. Their branches stay, and so do attempts that have not ended: `resume` brings those back by itself.
extension WorktreeCleanup {
  /// Takes worktrees away until there is room below the limits of `[worktree]`; without limits, all that can be spared.
  ///
  /// - Throws: ``EngineError/locked(holder:)`` while a run goes on: any of them may be needed at any moment.
  package func reclaim(dryRun: Bool) async throws -> [Entry] {
    let lock = try ProjectLock(project, purpose: "cleanup worktrees --reclaim")
    defer { lock.release() }
    let candidates = try await candidates()
    try await WorktreeMeasure(project: project).run(busy: Set(candidates.map(\.worktree.path)))
    let sizes = try project.store.read(project.row) { tx throws(StoreError) in try tx.worktreeSizes() }
    let round = (try reclaimed().first?.round ?? 0) + 1
    var excess = try project.view.diskBudget().excess
    var entries: [Entry] = []
    let sorted = candidates.sorted { left, right in
      let (a, b) = (sizes[left.worktree.path], sizes[right.worktree.path])
      return (left.rank, b ?? ByteCount(0), left.worktree.path) < (right.rank, a ?? ByteCount(0), right.worktree.path)
    }
    for item in sorted {
      var entry = Entry(
        path: item.worktree.path, task: item.found.attempt?.task, attempt: item.found.attempt?.number,
        isRemoved: false, reason: "there is room again")
      if excess == nil || excess.map({ $0 > ByteCount(0) }) == true {
        let size = sizes[item.worktree.path] ?? ByteCount(0)
        entry.isRemoved = true
        entry.reason = "frees \(size.shown)"
        if !dryRun { await reclaim(item, round: round, &entry) }
        if entry.isRemoved { excess = excess.map { ByteCount($0.bytes - size.bytes) } }
      }
      entries.append(entry)
    }
    if !dryRun { try await WorktreeMeasure(project: project).run(busy: []) }
    return entries
  }

  /// Brings the worktrees of the last reclaiming back.
  package func undoReclaim() async throws -> [Entry] {
    let lock = try ProjectLock(project, purpose: "cleanup worktrees --undo")
    defer { lock.release() }
    let all = try reclaimed()
    var entries: [Entry] = []
    for item in all where item.round == all.first?.round {
      guard let record = try attempt(item) else { continue }
      let attempt = LiveAttempt(record, turns: [], paths: project.paths)
      var entry = Entry(
        path: attempt.worktree, task: item.task, attempt: item.attempt, isRemoved: false, reason: "it is as it was",
        ref: item.ref)
      do {
        try await Workspace(project: project).restore(attempt, from: item.ref)
        entry.isRestored = true
      } catch {
        entry.reason = "\(error)"
      }
      entries.append(entry)
    }
    return entries
  }

  private struct Candidate {
    var worktree: WorktreeInfo
    var found: Found
    var rank: Int
  }

  private func candidates() async throws -> [Candidate] {
    let directory = try ResolvedPath(project.paths.worktrees).text
    let attempts = try project.store.read(project.row) { tx throws(StoreError) in try tx.attempts() }
    let worktrees = try await project.repository.worktrees().filter {
      $0.path.hasPrefix(directory + "/") && !$0.isMain && !$0.isPrunable
    }
    return try worktrees.compactMap { worktree in
      let found = try owner(of: worktree, among: attempts, directory: directory)
      return WorktreePolicy.usefulness(of: found.owner).map { Candidate(worktree: worktree, found: found, rank: $0) }
    }
  }

  private func reclaim(_ item: Candidate, round: Int, _ entry: inout Entry) async {
    do {
      guard let record = item.found.attempt else { return try await removeEmpty(item.worktree) }
      let workspace = Workspace(project: project)
      let attempt = LiveAttempt(record, turns: [], paths: project.paths)
      guard let ref = try await workspace.preserve(attempt) else { return }
      entry.ref = ref
      let reclaimed = Reclaimed(task: record.task, attempt: record.number, ref: ref, round: round)
      let now = project.clock.now()
      // First the note, so that there is never a worktree gone that nobody can bring back.
      _ = try project.store.write(project.row) { tx throws(StoreError) -> Bool in
        try tx.addReclaimed(reclaimed, at: now)
        try tx.updateAttempt(record.task, record.number) { $0.preservedRef = ref }
        return true
      }
      try await project.repository.removeWorktree(at: item.worktree.path, preservedBy: ref)
      try forget(item.worktree)
    } catch {
      entry.isRemoved = false
      entry.reason = "\(error)"
    }
  }

  private func reclaimed() throws -> [Reclaimed] {
    try project.store.read(project.row) { tx throws(StoreError) in try tx.reclaimed() }
  }

  private func attempt(_ item: Reclaimed) throws -> Attempt? {
    try project.store.read(project.row) { tx throws(StoreError) in try tx.attempt(item.task, item.attempt) }
  }
}

extension Workspace {
  /// Brings the worktree of an attempt back if it was taken away to make room, so that the attempt can go on.
  func restoreIfReclaimed(_ id: TaskID) async throws {
    guard let attempt = try project.attempt(id), !FileTree.exists(attempt.worktree) else { return }
    let items = try project.store.read(project.row) { tx throws(StoreError) in try tx.reclaimed() }
    guard let item = items.first(where: { $0.task == id && $0.attempt == attempt.number }) else { return }
    try await restore(attempt, from: item.ref)
  }

  /// - Throws: When the branch has moved since; nothing has changed then.
  func restore(_ attempt: LiveAttempt, from ref: String) async throws {
    let contents = WorktreeContents(project: project)
    // It may never have gone, when the process that took it away was killed in between.
    if !FileTree.exists(attempt.worktree) {
      try await project.repository.restoreWorktree(at: attempt.worktree, branch: attempt.branch, from: ref)
      try contents.putBackChangedCopies(of: attempt)
      try await contents.provide(to: attempt.worktree)
    }
    _ = try project.store.write(project.row) { tx throws(StoreError) -> Bool in
      try tx.removeReclaimed(attempt.task, attempt: attempt.number)
      return true
    }
  }
}
