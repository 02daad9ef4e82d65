import OrchConfig
import OrchAgents
import OrchDomain
import OrchGit
import OrchProcess
import OrchStore

/// Makes the worktree of an attempt, and takes it away when nothing in it can be lost.
struct Workspace: Sendable {
  let project: OpenProject

  /// Makes the worktree and its branch; does nothing when both are there already.
  ///
  /// What an earlier attempt left on the branch is made reachable below `refs/orch/attempts` first.
  func prepare(_ attempt: LiveAttempt) async throws {
    let id = attempt.task
    if try await isReady(attempt) { return }
    try await makeRoomForBranch(id, before: attempt.number)
    try await project.repository.addWorktree(at: attempt.worktree, branch: id.branch, from: attempt.baseCommit)
    try linkAndCopy(into: attempt.worktree)
    try await setUp(attempt)
  }

  private func isReady(_ attempt: LiveAttempt) async throws -> Bool {
    let known = try await project.repository.worktrees().first { $0.path == attempt.worktree }
    guard let known, case .branch(let name, _) = known.head, name == attempt.branch, !known.isPrunable else {
      return false
    }
    return true
  }

  /// An attempt's branch has one name for all attempts, so the branch of the one before steps aside.
  private func makeRoomForBranch(_ id: TaskID, before number: Int) async throws {
    let repository = project.repository
    guard let tip = try await repository.commitID(ofRef: "refs/heads/\(id.branch)") else { return }
    for worktree in try await repository.worktrees() {
      guard case .branch(let name, _) = worktree.head, name == id.branch, !worktree.isPrunable else { continue }
      guard worktree.path.hasPrefix(project.paths.worktrees + "/") else {
        throw EngineError.unavailable(
          "branch '\(id.branch)' is checked out in \(worktree.path); switch that checkout to another branch, then "
            + "`claude-orch retry \(id)`")
      }
      let kept = try await keep(worktree.path, of: id, attempt: max(1, number - 1))
      try await repository.removeWorktree(at: worktree.path, preservedBy: kept)
    }
    let kept = try await keepTip(tip, of: id, attempt: max(1, number - 1))
    try await repository.deleteBranch(id.branch, at: tip, preservedBy: kept)
  }

  /// Makes a commit reachable below `refs/orch/attempts`, unless it is already.
  private func keepTip(_ tip: String, of id: TaskID, attempt number: Int) async throws -> String {
    let repository = project.repository
    let kept = try await repository.refs(prefix: "refs/orch/attempts/\(id.module)/\(id.code)/")
    for ref in kept where try await repository.isAncestor(tip, of: ref.commit) { return ref.name }
    let taken = Set(kept.map(\.name))
    let name = freeName(id.attemptRef(number)) { taken.contains($0) }
    try await repository.updateRef(name, to: tip, expecting: nil, message: "claude-orch: keep an earlier branch")
    return name
  }

  /// Keeps tip and uncommitted state of a worktree. A ref that holds an earlier state stays; the new one goes beside.
  private func keep(_ path: String, of id: TaskID, attempt number: Int) async throws -> String {
    var copy = 1
    while true {
      let ref = id.attemptRef(number) + (copy == 1 ? "" : ".\(copy)")
      do {
        _ = try await project.repository.snapshot(
          worktree: path, to: ref, message: "Attempt \(number) at \(id)", at: project.clock.now())
        return ref
      } catch {
        guard case .raced = error, copy < 1000 else { throw error }
        copy += 1
      }
    }
  }

  private func freeName(_ name: String, isTaken: (String) -> Bool) -> String {
    var copy = 1
    var candidate = name
    while isTaken(candidate) {
      copy += 1
      candidate = "\(name).\(copy)"
    }
    return candidate
  }

  /// Preserves tip and uncommitted state below `refs/orch/attempts`, whatever becomes of the worktree.
  ///
  /// - Returns: The ref; nil when there is nothing to keep.
  func preserve(_ attempt: LiveAttempt) async throws -> String? {
    if FileTree.exists(attempt.worktree),
      try await project.repository.worktrees().contains(where: { $0.path == attempt.worktree && !$0.isPrunable })
    {
      return try await keep(attempt.worktree, of: attempt.task, attempt: attempt.number)
    }
    let ref = attempt.task.attemptRef(attempt.number)
    guard let tip = try await project.repository.commitID(ofRef: "refs/heads/\(attempt.branch)") else {
      return try await project.repository.commitID(ofRef: ref) == nil ? nil : ref
    }
    return try await keepTip(tip, of: attempt.task, attempt: attempt.number)
  }

  /// Preserves an attempt that needs no agent any more, and takes its worktree and its branch away.
  func retire(_ attempt: LiveAttempt) async throws {
    guard let ref = try await preserve(attempt) else { return }
    if try await project.repository.worktrees().contains(where: { $0.path == attempt.worktree }) {
      try await project.repository.removeWorktree(at: attempt.worktree, preservedBy: ref)
    }
    if let tip = try await project.repository.commitID(ofRef: "refs/heads/\(attempt.branch)") {
      try await project.repository.deleteBranch(attempt.branch, at: tip, preservedBy: ref)
    }
  }

  /// Gives a checkout what the repository does not hold, as `[worktree]` says.
  func linkAndCopy(into worktree: String) throws {
    for directory in project.settings.worktree.symlinkDirs {
      try FileTree.linkIfPresent(directory, from: project.root, to: worktree)
    }
    for file in project.settings.worktree.copyFiles {
      try FileTree.copyIfPresent(file, from: project.root, to: worktree)
    }
  }

  private func setUp(_ attempt: LiveAttempt) async throws {
    let commands = project.settings.worktree.setup
    guard !commands.isEmpty else { return }
    let result = try await GateRunner(supervisor: project.supervisor, clock: project.clock).run(
      GateRunner.Request(
        commands: commands, directory: attempt.worktree,
        environment: project.gateEnvironment(for: attempt.task, worktree: attempt.worktree, base: attempt.baseCommit),
        timeout: project.settings.verify.timeout,
        logDirectory: "\(project.paths.run(attempt.task, attempt: attempt.number))/setup",
        runID: "\(attempt.runID)-setup"))
    guard result.passed else { throw WorkspaceError.setUpFailed(result.summary, log: result.logDirectory) }
  }
}

/// Why a worktree could not be made ready.
enum WorkspaceError: Error, Hashable, CustomStringConvertible {
  case setUpFailed(String, log: String)

  var description: String {
    switch self {
    case .setUpFailed(let summary, let log): "[worktree] setup: \(summary); its output is in \(log)"
    }
  }
}
