import OrchConfig
import OrchDomain
import OrchFiles
import OrchGit
import OrchGitHub
import OrchProcess
import OrchStore

extension Doctor {
  /// Where the store, the repository and GitHub tell different stories. While somebody drives the project, what is
  /// under way looks the same, so only what has landed is looked at.
  func drift(_ project: OpenProject) async throws -> [Finding] {
    var findings = try await landed(project)
    if try ProjectLock.holder(project.paths) == nil {
      findings += try await branches(project)
      findings += try queue(project)
      findings += try attempts(project)
      findings += try await goneWorktrees(project)
      findings += await pulls(project)
    }
    return findings.isEmpty ? [Finding("drift", .ok, "the store and the repository agree")] : findings
  }

  private func landed(_ project: OpenProject) async throws -> [Finding] {
    try await LandingAudit(project: project).run().findings.map { found in
      Finding(
        "landed", .error,
        "change #\(found.change.number) (\(found.change.task)): \(found.problem); `claude-orch audit verify` looks at "
          + "all of them")
    }
  }

  /// Branches of changes that are not where the store says, and branches of tasks that have nothing under way.
  private func branches(_ project: OpenProject) async throws -> [Finding] {
    let heads = "refs/heads/"
    let changes = try project.unfinishedChanges()
    let open = try project.store.read(project.row) { tx throws(StoreError) in try tx.openAttempts() }
    let tasks = try project.store.tasks(project.row, TaskFilter(includesRemoved: true))
    var tips: [String: String] = [:]
    for ref in try await project.repository.refs(prefix: heads) {
      tips[String(ref.name.dropFirst(heads.count))] = ref.commit
    }
    let atWork = Set(tasks.filter { [.preparing, .running, .fixing].contains($0.state) }.map(\.id))
    var findings: [Finding] = []
    for change in changes where !atWork.contains(change.task) && change.landingCommit == nil {
      let who = "change #\(change.number) (\(change.task))"
      guard let tip = tips[change.branch] else {
        findings.append(
          Finding(
            "change", .error,
            "\(who): branch '\(change.branch)' is gone; `git branch \(change.branch) \(change.headCommit)` brings it "
              + "back"))
        continue
      }
      guard tip != change.headCommit else { continue }
      findings.append(
        Finding(
          "change", .error,
          "\(who): branch '\(change.branch)' is at \(tip.prefix(12)), but \(change.headCommit.prefix(12)) is recorded; "
            + "`git log \(change.headCommit.prefix(12))..\(change.branch)` shows the difference"))
    }
    let needed = Set(changes.map(\.task) + open.map(\.task))
    for task in tasks where !needed.contains(task.id) && tips[task.id.branch] != nil {
      findings.append(
        Finding(
          "branch", .note,
          "'\(task.id.branch)' belongs to no open change; `git branch -d \(task.id.branch)` deletes it when it is "
            + "merged"))
    }
    return findings
  }

  /// Changes that are to land, of tasks that are somewhere else.
  private func queue(_ project: OpenProject) throws -> [Finding] {
    try project.store.read(project.row) { tx throws(StoreError) -> [Finding] in
      var findings: [Finding] = []
      for change in try tx.changes([.approved, .landing]) {
        guard let state = try tx.task(change.task, includingRemoved: true)?.state,
          ![.approved, .landing, .parked, .stuck].contains(state)
        else { continue }
        findings.append(
          Finding(
            "queue", .error,
            "change #\(change.number) (\(change.task)) is \(change.state.rawValue), but its task is \(state.rawValue), "
              + "so it never lands; `claude-orch reset \(change.task)` begins anew and keeps its work"))
      }
      return findings
    }
  }

  /// Attempts that nobody works at, or that have lost their worktree.
  private func attempts(_ project: OpenProject) throws -> [Finding] {
    let open = try project.store.read(project.row) { tx throws(StoreError) in try tx.openAttempts() }
    var findings: [Finding] = []
    for attempt in try open.compactMap({ try project.attempt($0.task) }) {
      guard let turn = attempt.latestTurn else { continue }
      let who = "\(attempt.task), attempt \(attempt.number)"
      if turn.endedAt == nil, case .lost(let why) = project.supervisor.state(in: turn.directory(project.paths)) {
        findings.append(
          Finding(
            "attempt", .warning,
            "\(who): nobody watches its agent any more (\(why)), and nobody drives the project; `claude-orch start` "
              + "goes on"))
      }
      if let worktree = attempt.record.worktree, !FileTree.exists(worktree) {
        findings.append(
          Finding(
            "attempt", .warning,
            "\(who): its worktree \(worktree) is gone; `claude-orch retry \(attempt.task)` begins a new attempt"))
      }
    }
    return findings
  }

  private func goneWorktrees(_ project: OpenProject) async throws -> [Finding] {
    try await project.goneWorktrees().map { worktree in
      Finding(
        "worktree", .warning,
        "\(worktree.path) is gone and git still remembers it; `claude-orch doctor --fix` makes it forget")
    }
  }

  /// Pull requests that are not as recorded.
  private func pulls(_ project: OpenProject) async -> [Finding] {
    guard let connection = project.connection else { return [] }
    do {
      let changes = try project.unfinishedChanges().filter { $0.forge == "github" && $0.forgeNumber != nil }
      guard !changes.isEmpty else { return [] }
      let open = try await connection.client.openPulls()
      return changes.compactMap { change in
        let who = "change #\(change.number) (\(change.task)): pull request \(change.forgeNumber ?? 0)"
        guard let pull = open.first(where: { $0.number == change.forgeNumber }) else {
          return Finding(
            "pull request", .error, "\(who) is closed, merged or missing on GitHub; `claude-orch start` takes it over")
        }
        guard pull.head != change.headCommit else { return nil }
        return Finding(
          "pull request", .error,
          "\(who) is at \(pull.head.prefix(12)) on GitHub, but \(change.headCommit.prefix(12)) is recorded; "
            + "`claude-orch start` looks at it")
      }
    } catch {
      return [Finding("pull request", .warning, "GitHub cannot be asked: \(error); `claude-orch doctor` asks again")]
    }
  }

  /// A daemon that was killed leaves its file behind.
  func handshake() -> [Finding] {
    do {
      guard let found = try DaemonHandshake.read(in: place.config.stateDir), !found.isAlive else { return [] }
      return [
        Finding(
          "daemon", .warning,
          "\(DaemonHandshake.path(in: place.config.stateDir)) is of a daemon that is gone; `claude-orch doctor --fix` "
            + "removes it")
      ]
    } catch {
      return [Finding("daemon", .warning, "\(error)")]
    }
  }
}

extension OpenProject {
  fileprivate func unfinishedChanges() throws -> [Change] {
    let states = Set(Change.State.allCases.filter { !$0.isFinished })
    return try store.read(row) { tx throws(StoreError) in try tx.changes(states) }
  }

  /// Worktrees of ours whose files are gone, and which git still remembers.
  func goneWorktrees() async throws -> [WorktreeInfo] {
    let directory = try ResolvedPath(paths.worktrees).text
    return try await repository.worktrees().filter {
      $0.isPrunable && !$0.isMain && !$0.isLocked && $0.path.hasPrefix(directory + "/")
    }
  }
}
