import OrchConfig
import OrchDomain
import OrchGit
import OrchStore

/// Worktrees that wait, cleaned, for the next attempt: docs/decisions/0022-warm-worktrees.md.
///
/// Which worktree is whose is in the store: an attempt that has not ended owns the one that it names. Which ones wait
/// is marked in git's own directory, so that a lost database never makes work look like leftovers.
struct WorktreePool: Sendable {
  let project: OpenProject

  private var size: Int { project.settings.worktree.poolSize }

  /// Decides where an attempt works: in a worktree that waits, else in a new one at a free place of the pool.
  ///
  /// One transaction, because several attempts are prepared at once. Asked again, it gives the same answer.
  func assign(_ attempt: LiveAttempt) async throws -> LiveAttempt {
    guard size > 0, !ProjectPaths.isWarm(attempt.worktree) else { return attempt }
    let warm = Set(try await project.repository.worktrees().filter(\.isWarm).compactMap { Self.number($0.path) })
    let present = Set(try FileTree.names(in: project.paths.worktrees).compactMap(Self.number)).subtracting(warm)
    let (paths, task, number) = (project.paths, attempt.task, attempt.number)
    let record = try project.store.write(project.row) { tx throws(StoreError) in
      var taken = present
      for other in try tx.attempts() {
        guard let place = other.worktree.flatMap(Self.number) else { continue }
        // Put away just before the run was killed, and not noted any more.
        if other.endedAt != nil, warm.contains(place) {
          try tx.updateAttempt(other.task, other.number) { $0.worktree = nil }
        } else {
          taken.insert(place)
        }
      }
      let place = warm.subtracting(taken).min() ?? (1...).first { !taken.contains($0) } ?? 1
      return try tx.updateAttempt(task, number) { $0.worktree = paths.warmWorktree(place) }
    }
    return LiveAttempt(record, turns: attempt.turns, paths: project.paths)
  }

  /// Makes the assigned worktree stand on the attempt's branch at its base.
  func fill(_ attempt: LiveAttempt) async throws {
    let repository = project.repository
    let known = try await repository.worktree(at: attempt.worktree)
    guard known?.isWarm == true, known?.isPrunable == false else {
      try FileTree.removeIfPresent(WorktreeContents.setUpNote(attempt.worktree))
      return try await repository.addWorktree(
        at: attempt.worktree, branch: attempt.branch, from: attempt.baseCommit,
        forPool: ProjectPaths.isWarm(attempt.worktree))
    }
    try await repository.reuseWorktree(at: attempt.worktree, branch: attempt.branch, from: attempt.baseCommit)
  }

  /// Takes a worktree away whose content `ref` keeps: into the pool when there is room, else for good.
  func putAway(_ path: String, keptAs ref: String) async throws {
    let repository = project.repository
    if ProjectPaths.isWarm(path), FileTree.exists(path), try await waiting().filter({ $0 != path }).count < size {
      try await repository.restWorktree(at: path, preservedBy: ref)
    } else {
      try await repository.removeWorktree(at: path, preservedBy: ref)
      try FileTree.removeIfPresent(WorktreeContents.setUpNote(path))
    }
    try release(path)
  }

  /// The worktrees that wait for an attempt.
  func waiting() async throws -> [String] {
    let owned = Set(
      try project.store.read(project.row) { tx throws(StoreError) in try tx.openAttempts() }.compactMap(\.worktree))
    return try await project.repository.worktrees().filter { $0.isWarm && !owned.contains($0.path) }.map(\.path)
  }

  /// A place of the pool belongs to no attempt any more.
  func release(_ path: String) throws {
    guard ProjectPaths.isWarm(path) else { return }
    _ = try project.store.write(project.row) { tx throws(StoreError) -> Bool in
      for attempt in try tx.attempts() where attempt.worktree == path {
        try tx.updateAttempt(attempt.task, attempt.number) { $0.worktree = nil }
      }
      return true
    }
  }

  private static func number(_ path: String) -> Int? {
    guard ProjectPaths.isWarm(path), let name = path.split(separator: "/").last else { return nil }
    return name.split(separator: "-").last.flatMap { Int($0) }
  }
}
