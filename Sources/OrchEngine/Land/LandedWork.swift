import OrchConfig
import OrchDomain
import OrchGit
import OrchPlan
import OrchReview
import OrchStore

/// What tasks landed in the last days, for the guard against lost lines.
struct LandedWork: Sendable {
  let project: OpenProject

  /// Evidence that a change takes away what another task landed, and that its plan does not say so.
  ///
  /// - Parameters:
  ///   - base: The commit whose policy says how long work is watched.
  ///   - plan: The plan as it was when the attempt began; a branch cannot allow itself anything.
  func lostLines(in files: [FileDiff], of task: StoredTask, at base: String, plan: String) async throws -> [Evidence] {
    let days = try await ReviewPolicySource(project: project).review(at: base).lostLinesDays
    guard days > 0 else { return [] }
    let paths = Set(files.filter { $0.kind != .added }.map { $0.oldPath ?? $0.path })
    guard !paths.isEmpty else { return [] }
    let landings = try await recent(days, touching: paths, besides: task.id)
    guard !landings.isEmpty else { return [] }
    let source = PlanSource(path: task.plan.path, bytes: try FileTree.read(plan))
    let removals = PlanReader.removals(source, root: project.settings.plans.dir)
    return LostLines.judge(
      LostLines.Change(files), of: task.id.description, landings: landings,
      supersedes: Set(removals.supersedes.map(\.description)),
      removes: removals.removes.map { Glob($0) })
  }

  private func recent(
    _ days: Int, touching paths: Set<String>, besides id: TaskID
  ) async throws -> [LostLines.Landing] {
    let since = project.clock.now().advanced(by: .seconds(-86_400 * days))
    let changes = try project.store.read(project.row) { tx throws(StoreError) in try tx.changes([.merged]) }
    var landings: [LostLines.Landing] = []
    for change in changes where change.task != id && change.updatedAt > since {
      // One that somebody merged elsewhere has no commit of ours.
      guard let commit = change.landingCommit, try await project.repository.commitID(ofRef: commit) != nil,
        let before = try await project.before(change, landedAs: commit),
        !paths.isDisjoint(with: try await project.repository.changedPaths(from: before, to: commit))
      else { continue }
      let files = try await project.repository.diff(from: before, to: commit)
      landings.append(
        LostLines.Landing(
          name: change.task.description, when: String(change.updatedAt.rfc3339.prefix(10)),
          LostLines.Change(files.filter { paths.contains($0.path) })))
    }
    return landings
  }
}

extension OpenProject {
  /// The commit that a landed change was put on. What GitHub merged may stand on another one than was meant.
  fileprivate func before(_ change: Change, landedAs commit: String) async throws -> String? {
    if let base = change.landingBase, try await repository.isAncestor(base, of: commit) { return base }
    return try await repository.commit(commit).parents.first
  }
}
