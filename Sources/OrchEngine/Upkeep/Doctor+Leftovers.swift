import OrchDomain
import OrchGit
import OrchStore

extension Doctor {
  /// Worktrees and refs that nothing knows any more.
  func leftovers() async -> [Finding] {
    // What cannot be opened has been told already.
    guard FileTree.exists(place.paths.database) else { return [] }
    do {
      let project = try await place.open(clock: clock)
      let entries = try await WorktreeCleanup(project: project).run(all: false, dryRun: true)
      let removable = entries.count(where: \.isRemoved)
      let advice = removable == 0 ? "" : "; `claude-orch cleanup worktrees` removes them"
      let findings = [
        Finding(
          "worktrees", removable == 0 ? .ok : .note,
          "\(entries.count) below \(project.paths.worktrees), \(removable) that no task needs\(advice)")
      ]
      return try await findings + [refs(project), openActs(project)] + drift(project)
    } catch {
      return [Finding("worktrees", .warning, "they cannot be looked at: \(error)")]
    }
  }

  /// What was begun and is not known to be done.
  private func openActs(_ project: OpenProject) async throws -> Finding {
    let acts = try await project.openActs()
    if acts.isEmpty { return Finding("open acts", .ok, "none") }
    let shown = acts.prefix(5).map(\.text).joined(separator: ", ")
    let more = acts.count > 5 ? " and \(acts.count - 5) more" : ""
    if try ProjectLock.holder(project.paths) != nil {
      return Finding("open acts", .ok, "under way: \(shown)\(more)")
    }
    return Finding(
      "open acts", .note,
      "begun and not known to be done: \(shown)\(more); the next `claude-orch start` looks and settles them")
  }

  /// Refs below `refs/orch` are kept for ever; those of unknown tasks are only told.
  private func refs(_ project: OpenProject) async throws -> Finding {
    let prefix = "refs/orch/attempts/"
    let names = try await project.repository.refs(prefix: prefix).map { String($0.name.dropFirst(prefix.count)) }
    let known = Set(
      try project.store.tasks(project.row, TaskFilter(includesRemoved: true)).map { "\($0.id.module)/\($0.id.code)" })
    let orphans = names.filter { name in
      !known.contains(name.split(separator: "/").prefix(2).joined(separator: "/"))
    }
    guard let first = orphans.first else {
      return Finding("kept attempts", .ok, "\(names.count.counted("ref")) below \(prefix)")
    }
    return Finding(
      "kept attempts", .note,
      "\(orphans.count) of \(names.count) refs below \(prefix) belong to no known task, such as \(first); they hold "
        + "work, "
        + "and `git update-ref -d` deletes one")
  }
}
