import OrchConfig
package import OrchDomain
import OrchFiles
import OrchGit
import OrchStore

/// Removes worktrees that no task needs any more, each only after what is in it was made reachable by a ref.
package struct WorktreeCleanup: Sendable {
  /// One worktree, or one leftover beside them, and what became of it.
  package struct Entry: Hashable, Sendable {
    package var path: String
    package var task: TaskID?
    package var attempt: Int?
    package var isRemoved: Bool
    /// Whether it was brought back.
    package var isRestored = false
    /// Why it was removed or kept.
    package var reason: String
    /// The ref under which its content is kept; nil while it is not removed, and when there was nothing in it.
    package var ref: String?
  }

  let project: OpenProject

  package init(project: OpenProject) { self.project = project }

  /// - Parameters:
  ///   - all: Also worktrees of tasks that failed, are stuck or parked, and the gate's.
  ///   - dryRun: Says what would be removed and changes nothing.
  package func run(all: Bool, dryRun: Bool) async throws -> [Entry] {
    var lock: ProjectLock?
    defer { lock?.release() }
    var isDriven = try dryRun && ProjectLock.holder(project.paths) != nil
    do {
      lock = dryRun ? nil : try ProjectLock(project, purpose: "cleanup worktrees")
    } catch EngineError.locked {
      // What the other process cannot need is removed all the same, even if it has ended since: the next may begin.
      isDriven = true
    }
    let directory = try ResolvedPath(project.paths.worktrees).text
    let worktrees = try await project.repository.worktrees().filter { $0.path.hasPrefix(directory + "/") && !$0.isMain }
    let attempts = try project.store.read(project.row) { tx throws(StoreError) in try tx.attempts() }
    var entries: [Entry] = []
    var warm = 0
    for worktree in worktrees.sorted(by: { $0.path < $1.path }) {
      var found = try owner(of: worktree, among: attempts, directory: directory)
      if case .warm = found.owner {
        warm += 1
        found.owner = .warm(isSurplus: warm > project.settings.worktree.poolSize)
      }
      var entry = Entry(
        path: worktree.path, task: found.attempt?.task, attempt: found.attempt?.number, isRemoved: false, reason: "")
      switch WorktreePolicy.fate(of: WorktreePolicy.Facts(owner: found.owner, isDriven: isDriven), all: all) {
      case .keep(let reason): entry.reason = reason
      case .remove(let reason):
        entry.reason = reason
        entry.isRemoved = true
        if !dryRun { await remove(worktree, found, &entry) }
      }
      entries.append(entry)
    }
    return try entries + leftovers(in: directory, known: Set(worktrees.map(\.path)), isDriven: isDriven, dryRun: dryRun)
  }

  struct Found {
    var owner: WorktreePolicy.Facts.Owner
    var attempt: Attempt?
  }

  func owner(of worktree: WorktreeInfo, among attempts: [Attempt], directory: String) throws -> Found {
    let name = worktree.path.dropFirst(directory.count + 1)
    if ProjectPaths.isGateWorktree(name) || name.hasPrefix(ProjectPaths.reviewPrefix) {
      return Found(owner: .gate)
    }
    let owners = attempts.filter { $0.worktree?.hasSuffix("/\(name)") == true }
    // What is in the pool holds nothing, unless an attempt is just being given it.
    if worktree.isWarm, owners.allSatisfy({ $0.endedAt != nil }) { return Found(owner: .warm(isSurplus: false)) }
    guard let attempt = owners.last else { return Found(owner: .nobody) }
    let latest = attempts.filter { $0.task == attempt.task }.map(\.number).max()
    let state = try project.store.task(project.row, attempt.task)?.state
    return Found(
      owner: .attempt(
        attempt.task, attempt.number, state: state, hasEnded: attempt.endedAt != nil,
        isLatest: latest == attempt.number), attempt: attempt)
  }

  private func remove(_ worktree: WorktreeInfo, _ found: Found, _ entry: inout Entry) async {
    do {
      switch found.owner {
      case .gate, .warm: try await removeEmpty(worktree)
      case .nobody, .attempt: entry.ref = try await removeWork(worktree, found.attempt)
      }
    } catch {
      entry.isRemoved = false
      entry.reason = "\(error)"
    }
  }

  /// Nobody works there, so it is brought to the base, which holds all that is then in it.
  func removeEmpty(_ worktree: WorktreeInfo) async throws {
    let base = try await project.baseCommit()
    if !worktree.isPrunable { try await project.repository.checkOutDetached(at: worktree.path, commit: base) }
    let ref = try await Workspace(project: project).refOfBase()
    try await project.repository.removeWorktree(at: worktree.path, preservedBy: ref)
    try forget(worktree)
  }

  func forget(_ worktree: WorktreeInfo) throws {
    try FileTree.removeIfPresent(WorktreeContents.setUpNote(worktree.path))
    try WorktreePool(project: project).release(worktree.path)
  }

  private func removeWork(_ worktree: WorktreeInfo, _ attempt: Attempt?) async throws -> String {
    guard let attempt else {
      let ref = try await rescue(worktree)
      try await project.repository.removeWorktree(at: worktree.path, preservedBy: ref)
      return ref
    }
    let workspace = Workspace(project: project)
    let live = LiveAttempt(attempt, turns: [], paths: project.paths)
    let kept = try await workspace.preserve(live)
    try await Reconciler(project: project).retire(try intendRemoval(of: attempt, preserved: kept))
    if let kept { return kept }
    return try await workspace.refOfBase()
  }

  /// A task whose attempt has lost its worktree begins a new one when it goes on.
  private func intendRemoval(of attempt: Attempt, preserved: String?) throws -> Intent {
    let now = project.clock.now()
    return try project.store.write(project.row) { tx throws(StoreError) in
      if attempt.endedAt == nil {
        try tx.endAttempt(
          attempt.task, attempt.number, outcome: .cancelled, detail: "its worktree was cleaned up", at: now
        ) { $0.preservedRef = preserved }
      }
      return try tx.makeIntent(.retire, attempt.task, attempt: attempt.number, at: now)
    }
  }

  /// Keeps what nobody knows anything about.
  private func rescue(_ worktree: WorktreeInfo) async throws -> String {
    let name = BatchInstallation.unitName(worktree.path.split(separator: "/").last.map(String.init) ?? "worktree")
    var number = 1
    while true {
      let ref = "refs/orch/rescued/\(name)/\(number)"
      do {
        return try await rescue(worktree, to: ref)
      } catch {
        guard case .raced? = error as? GitError, number < 1000 else { throw error }
        number += 1
      }
    }
  }

  private func rescue(_ worktree: WorktreeInfo, to ref: String) async throws -> String {
    if !worktree.isPrunable {
      _ = try await project.repository.snapshot(
        worktree: worktree.path, to: ref, message: "What was in \(worktree.path)", at: project.clock.now())
      return ref
    }
    guard let tip = worktree.head.commit else { return try await Workspace(project: project).refOfBase() }
    try await project.repository.updateRef(ref, to: tip, expecting: nil, message: "claude-orch: keep a worktree")
    return ref
  }

  /// What lies beside the worktrees and is none.
  private func leftovers(in directory: String, known: Set<String>, isDriven: Bool, dryRun: Bool) throws -> [Entry] {
    let notes = [GitRepository.indexCopyPrefix, WorktreeContents.setUpPrefix]
    return try FileTree.names(in: directory).sorted().filter { name in
      let prefix = notes.first { name.hasPrefix($0) }
      return !known.contains("\(directory)/\(prefix.map { String(name.dropFirst($0.count)) } ?? name)")
    }.map { name in
      let path = "\(directory)/\(name)"
      guard name.hasPrefix(".orch-") else {
        return Entry(
          path: path, isRemoved: false,
          reason: "it is not a worktree of this repository; look at it and delete it yourself")
      }
      // It was made reachable before it got that name.
      guard !isDriven else { return Entry(path: path, isRemoved: false, reason: "a run goes on and is removing it") }
      if !dryRun { try FileTree.removeIfPresent(path) }
      return Entry(path: path, isRemoved: true, reason: "a removal that was interrupted left it")
    }
  }
}
