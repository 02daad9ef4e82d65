package import OrchDomain

/// What is not committed in a checkout.
package struct WorktreeState: Hashable, Sendable {
  /// The commit it stands on; nil on a branch without one.
  package var head: String?
  /// Paths that differ from it, also untracked ones that are not ignored, in order.
  package var changed: [String]
  /// Those of ``changed`` that git tracks, or that are staged.
  package var changedTracked: [String]

  package init(head: String?, changed: [String], changedTracked: [String]) {
    self.head = head
    self.changed = changed
    self.changedTracked = changedTracked
  }

  /// Whether nothing would be lost by starting over from `head`.
  package var isClean: Bool { changed.isEmpty }
}

extension GitRepository {
  /// The registered checkout at a path.
  func checkout(at path: String) throws(GitError) -> Checkout {
    guard let found = try knownCheckout(at: path) else { throw .noSuchWorktree(path: path) }
    return found
  }

  /// What the worktree stands on and what is uncommitted in it. Writes nothing, not even the index.
  package func worktreeState(at path: String) async throws(GitError) -> WorktreeState {
    let checkout = try checkout(at: path)
    guard !checkout.info.isPrunable else { throw .noSuchWorktree(path: path) }
    // Not looking into submodules keeps git from starting inside of them, with the configuration it finds there.
    let output = try await runner.runAudited(
      ["status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--ignore-submodules=dirty"],
      at: checkout.place)
    let lines = output.fields.filter { line in
      line.count > 3 && !(line.starts(with: Array("?? ".utf8)) && checkout.provides(line.dropFirst(3), runner.options))
    }.map { String(decoding: $0, as: UTF8.self) }
    let tracked = lines.filter { !$0.hasPrefix("?? ") }.map { String($0.dropFirst(3)) }
    return WorktreeState(
      head: checkout.info.head.commit, changed: Set(lines.map { String($0.dropFirst(3)) }).sorted(),
      changedTracked: Set(tracked).sorted())
  }

  /// Those of `paths`, which are files, that git ignores and does not track, in their order.
  package func ignored(_ paths: [String]) async throws(GitError) -> [String] {
    guard !paths.isEmpty else { return [] }
    // `check-ignore` refuses to take paths literally.
    let output = try await runner.run(
      ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--"] + paths, at: place)
    let found = Set(output.paths)
    return paths.filter(found.contains)
  }

  /// Keeps the tip and the whole uncommitted state of a worktree under a new ref, such as
  /// `refs/orch/attempts/<module>/<code>/<n>`. Nothing in the worktree or its index changes.
  ///
  /// Its objects are synced to the disk before the ref is made. Doing it again gives the same answer as long as the
  /// state is the same; a ref that holds another state is never overwritten.
  package func snapshot(
    worktree path: String, to ref: String, message: String, author: GitIdentity = .orchestrator, at time: Timestamp
  ) async throws(GitError) -> Snapshot {
    try await exclusively { repository throws(GitError) in
      try GitPath.checkRef(ref)
      guard ref.hasPrefix("refs/orch/") else { throw .badName(ref) }
      let checkout = try repository.checkout(at: path)
      guard !checkout.info.isPrunable else { throw .noSuchWorktree(path: path) }
      let state = try await SnapshotReader(checkout, runner: repository.runner).read()
      if let kept = try repository.database.commit(ofRef: ref) {
        guard try repository.lacks(kept, state, checkout) == nil else { throw .raced(ref: ref, actual: kept) }
        return Snapshot(commit: kept, nested: state.nested, unreadable: state.unreadable)
      }
      let commit = try repository.commit(state, checkout, message: message, author: author, at: time)
      try await repository.moveRef(
        ref, to: commit, expecting: nil, message: "snapshot", settings: GitHardening.durable(repository.runner.version))
      return Snapshot(commit: commit, nested: state.nested, unreadable: state.unreadable)
    }
  }

  private func commit(
    _ state: SnapshotReader.State, _ checkout: Checkout, message: String, author: GitIdentity, at time: Timestamp
  ) throws(GitError) -> String {
    var parents: [String] = []
    if let tip = checkout.info.head.commit { parents.append(tip) }
    if let staged = try extraStaged(state, checkout) {
      parents.append(
        try database.makeCommit(
          tree: staged, parents: parents, message: "Staged: \(message)", author: author, at: time))
    }
    return try database.makeCommit(tree: state.tree, parents: parents, message: message, author: author, at: time)
  }

  /// The staged tree when it holds something that neither the tip nor the files hold.
  private func extraStaged(_ state: SnapshotReader.State, _ checkout: Checkout) throws(GitError) -> String? {
    guard let staged = state.staged, staged != state.tree else { return nil }
    guard let tip = checkout.info.head.commit else { return staged }
    return try database.treeID(ofCommit: tip).hex == staged ? nil : staged
  }

  /// What of the state is not in the kept commit, in words; nil when all of it is.
  func lacks(_ kept: String, _ state: SnapshotReader.State, _ checkout: Checkout) throws(GitError) -> String? {
    if try database.treeID(ofCommit: kept).hex != state.tree { return "its files have changed since they were kept" }
    let parents = try database.info(ofCommit: kept).parents
    if let tip = checkout.info.head.commit, try !database.isAncestor(tip, of: kept) {
      return "its commit \(tip.prefix(12)) is not kept"
    }
    if let staged = try extraStaged(state, checkout) {
      for parent in parents where try database.treeID(ofCommit: parent).hex == staged { return nil }
      return "what is staged in it has changed since it was kept"
    }
    return nil
  }
}
