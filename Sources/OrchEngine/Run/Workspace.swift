import OrchConfig
import OrchAgents
import OrchDomain
import OrchGit
import OrchProcess
import OrchStore

/// Makes the worktree of an attempt, and takes it away when nothing in it can be lost.
struct Workspace: Sendable {
  let project: OpenProject

  /// Makes the worktree and its branch, and sets it up. Every part may be repeated: no agent has worked in it yet.
  ///
  /// What an earlier attempt left on the branch is made reachable below `refs/orch/attempts` first.
  /// - Returns: The attempt with the worktree that it got.
  func prepare(_ attempt: LiveAttempt) async throws -> LiveAttempt {
    var attempt = attempt
    let known = try await project.repository.worktree(at: attempt.worktree)
    if known.map({ isMade($0, for: attempt) }) != true {
      // One that is still locked was being made when the run before was killed, so it is completed.
      if known?.isLocked != true { try await makeRoomForBranch(attempt) }
      attempt = try await pool.assign(attempt)
      try await pool.fill(attempt)
      project.crashPoints.reached(.worktreeAdded)
    }
    try AttemptSurroundings(project: project).reservePorts(attempt)
    try await contents.provide(to: attempt.worktree)
    try await contents.setUp(attempt)
    return attempt
  }

  private var pool: WorktreePool { WorktreePool(project: project) }
  private var contents: WorktreeContents { WorktreeContents(project: project) }

  private func isMade(_ worktree: WorktreeInfo, for attempt: LiveAttempt) -> Bool {
    guard case .branch(attempt.branch, _) = worktree.head else { return false }
    return !worktree.isPrunable && !worktree.isLocked
  }

  /// An attempt's branch has one name for all attempts, so the branch of the one before steps aside.
  private func makeRoomForBranch(_ attempt: LiveAttempt) async throws {
    let (id, repository) = (attempt.task, project.repository)
    let earlier = max(1, attempt.number - 1)
    guard let tip = try await repository.commitID(ofRef: "refs/heads/\(id.branch)") else { return }
    var wasCheckedOut = false
    for worktree in try await repository.worktrees() {
      guard case .branch(let name, _) = worktree.head, name == id.branch else { continue }
      guard worktree.path.hasPrefix(project.paths.worktrees + "/") else {
        if worktree.isPrunable { continue }
        let isOurs = worktree.path.hasPrefix(project.place.config.worktreeDir + "/")
        throw EngineError.unavailable(
          "branch '\(id.branch)' is checked out in \(worktree.path)"
            + (isOurs
              ? ", which was made when this repository was at another path; keep what you need of it, then `git "
                + "worktree remove` it and `claude-orch retry \(id)`"
              : "; switch that checkout to another branch, then `claude-orch retry \(id)`"))
      }
      wasCheckedOut = true
      // Its files may be gone; what git remembers of it holds the branch all the same.
      let kept =
        worktree.isPrunable
        ? try await keepTip(tip, of: id, attempt: earlier)
        : try await keep(worktree.path, of: id, attempt: earlier)
      try await pool.putAway(worktree.path, keptAs: kept)
    }
    // Made by this attempt just before the run was killed: nothing is on it yet.
    if !wasCheckedOut && tip == attempt.baseCommit { return }
    let kept = try await keepTip(tip, of: id, attempt: earlier)
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
        project.crashPoints.reached(.attemptPreserved)
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
    try await AttemptSandbox(project: project).collect(attempt)
    if FileTree.exists(attempt.worktree),
      let known = try await project.repository.worktree(at: attempt.worktree), !known.isPrunable, !known.isWarm
    {
      try contents.keepChangedCopies(of: attempt)
      return try await keep(attempt.worktree, of: attempt.task, attempt: attempt.number)
    }
    let ref = attempt.task.attemptRef(attempt.number)
    guard let tip = try await project.repository.commitID(ofRef: "refs/heads/\(attempt.branch)") else {
      return try await project.repository.commitID(ofRef: ref) == nil ? nil : ref
    }
    return try await keepTip(tip, of: attempt.task, attempt: attempt.number)
  }

  /// Preserves an attempt that needs no agent any more, and takes its worktree and its branch away. May be repeated.
  func retire(_ attempt: LiveAttempt) async throws {
    await throwAway(project.paths.reviewWorktree(attempt.task))
    let repository = project.repository
    let kept = try await preserve(attempt)
    if try await repository.worktree(at: attempt.worktree) != nil {
      let ref = if let kept { kept } else { try await refOfBase() }
      try await pool.putAway(attempt.worktree, keptAs: ref)
      project.crashPoints.reached(.worktreeRemoved)
    }
    // The home, the temporary files and the git directory that it had to itself: what counts has been fetched.
    let run = project.paths.run(attempt.task, attempt: attempt.number)
    for name in ["sandbox", "sandbox-review"] { try FileTree.removeIfPresent("\(run)/\(name)") }
    try AttemptSurroundings(project: project).sweep()
    // A later attempt may have the branch by now.
    guard let kept, try project.attempt(attempt.task)?.number == attempt.number,
      let tip = try await repository.commitID(ofRef: "refs/heads/\(attempt.branch)")
    else { return }
    try await repository.deleteBranch(attempt.branch, at: tip, preservedBy: kept)
    project.crashPoints.reached(.branchDeleted)
  }

  /// Takes a checkout away in which nobody works: what is in it is no work of anybody.
  ///
  /// Trouble is told and nothing else: the checkout is used again, or `cleanup worktrees` takes it away.
  func throwAway(_ checkout: String) async {
    do {
      guard let known = try await project.repository.worktree(at: checkout), !known.isMain else { return }
      try await removeEmpty(checkout)
    } catch {
      project.observer(.diagnostic("\(checkout) is kept: \(error)"))
    }
  }

  /// Brings a checkout in which nobody works to the base, which then holds all that is in it, and removes it.
  func removeEmpty(_ checkout: String) async throws {
    try await project.repository.checkOutDetached(at: checkout, commit: try await project.baseCommit())
    try await project.repository.removeWorktree(at: checkout, preservedBy: try await refOfBase())
  }

  /// A ref of ours at the base, for what holds nothing beside it.
  func refOfBase() async throws -> String {
    let ref = "refs/orch/base"
    let base = try await project.baseCommit()
    let old = try await project.repository.commitID(ofRef: ref)
    if old != base {
      try await project.repository.updateRef(ref, to: base, expecting: old, message: "claude-orch: follow the base")
    }
    return ref
  }

  /// Gives a checkout of the gate's own what the worktree of an attempt has.
  ///
  /// - Returns: The set-up as a red stage, when it failed.
  func makeReady(_ place: Gate.Place, for task: TaskID) async throws -> Gate.Red? {
    try await contents.provide(to: place.directory)
    guard let result = try await contents.runSetUp(in: place, for: task), !result.passed else { return nil }
    let stage = GateStage(
      name: VerifySettings.setupStage, commands: project.settings.worktree.setup,
      commandTimeout: project.settings.verify.timeout)
    return Gate.Red(stage: stage, result: result)
  }
}

/// Why a worktree could not be made ready.
enum WorkspaceError: Error, Hashable, CustomStringConvertible {
  case setUpFailed(String, log: String, output: String)
  case noPorts(Int, first: Int, last: Int)

  var description: String {
    switch self {
    case .setUpFailed(let summary, let log, let output):
      "[worktree] setup: \(summary)" + (RedLines.first(of: output).split(separator: "\n").first.map { ": \($0)" } ?? "")
        + "; its output is in \(log)"
    case .noPorts(let count, let first, let last):
      "no \(count) consecutive ports are free between \(first) and \(last); attempts that are parked keep theirs. "
        + "Widen [worktree] first_port and last_port, or lower ports_per_attempt"
    }
  }
}
