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
      return try await findings + refs(project) + [openActs(project)] + drift(project)
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

  /// What is ours below `refs/orch` beside attempts: see `Workspace`, `SharedBase`, `GitHubForge` and OrchGit.
  private static let ownRefs = ["refs/orch/base", "refs/orch/forge/", "refs/orch/pushed/", "refs/orch/rescued/"]

  /// Refs below `refs/orch` are kept for ever; those of unknown tasks, and others, are only told.
  private func refs(_ project: OpenProject) async throws -> [Finding] {
    let prefix = "refs/orch/attempts/"
    let all = try await project.repository.refs(prefix: "refs/orch/").map(\.name)
    let strange = all.filter { name in !name.hasPrefix(prefix) && !Self.ownRefs.contains { name.hasPrefix($0) } }
    let more = strange.first.map { first in
      Finding(
        "refs", .note,
        "\(strange.count.counted("ref")) below refs/orch/ not ours, such as \(first); `git update-ref -d` deletes one")
    }
    let names = all.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    let known = Set(
      try project.store.tasks(project.row, TaskFilter(includesRemoved: true)).map { "\($0.id.module)/\($0.id.code)" })
    let orphans = names.filter { name in
      !known.contains(name.split(separator: "/").prefix(2).joined(separator: "/"))
    }
    let kept =
      orphans.first.map { first in
        Finding(
          "kept attempts", .note,
          "\(orphans.count) of \(names.count) refs below \(prefix) belong to no known task, such as \(first); they "
            + "hold work, and `git update-ref -d` deletes one")
      } ?? Finding("kept attempts", .ok, "\(names.count.counted("ref")) below \(prefix)")
    return [kept] + [more].compactMap(\.self)
  }
}
