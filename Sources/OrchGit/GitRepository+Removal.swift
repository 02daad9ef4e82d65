extension GitRepository {
  /// Removes an attempt's worktree, only when nothing is lost by it: its tip must be reachable from `ref`, and a fresh
  /// look at its files must give exactly the state that is kept there.
  ///
  /// The files go in one step, by a rename; what a killed call left is removed by the next one.
  package func removeWorktree(at path: String, preservedBy ref: String) async throws(GitError) {
    try await exclusively { repository throws(GitError) in
      let path = try repository.ownedPath(path)
      let kept = try repository.keptCommit(ref, of: path)
      let trash = repository.trashName(path)
      let known = try repository.knownCheckout(at: path)
      var submodules: [String] = []
      if let known {
        guard !known.info.isMain else { throw .notOurDirectory(path: path) }
        try await repository.check(known, keptBy: kept, ref)
        if known.info.isPrunable {
          try await repository.forget(known)
        } else {
          submodules = try await Submodules(checkout: known, runner: repository.runner).directories()
          try await repository.delete(trash)
          try Posix.move(path, to: trash)
          try await repository.runner.run(
            ["worktree", "remove", "--force", "--force", "--", path], at: repository.place)
        }
      } else if try Posix.exists(path) {
        throw .noSuchWorktree(path: path)
      }
      for directory in submodules { try await repository.delete(directory) }
      try await repository.delete(trash)
      try Posix.remove(repository.indexCopy(path))
    }
  }

  /// Deletes a branch whose tip is reachable from `ref`, if it still stands at `tip` and is checked out nowhere.
  /// A branch that is already gone is fine.
  package func deleteBranch(_ branch: String, at tip: String, preservedBy ref: String) async throws(GitError) {
    try await exclusively { repository throws(GitError) in
      let name = try GitPath.branchRef(branch)
      try GitPath.checkRef(ref)
      guard try repository.database.commit(ofRef: name) != nil else { return }
      guard ref != name, let kept = try repository.database.commit(ofRef: ref),
        try repository.database.isAncestor(tip, of: kept)
      else { throw .notPreserved(what: "branch \(branch)", reason: "its commits are not reachable from \(ref)") }
      try repository.checkNobodyHolds(name, evenIfGone: true)
      try await repository.moveRef(name, to: nil, expecting: tip, message: "landed")
    }
  }

  /// The commit under one of the refs that are never deleted.
  func keptCommit(_ ref: String, of path: String) throws(GitError) -> String {
    try GitPath.checkRef(ref)
    guard ref.hasPrefix("refs/orch/"), let kept = try database.commit(ofRef: ref) else {
      throw .notPreserved(what: path, reason: "\(ref) is no ref under which attempts are kept")
    }
    return kept
  }

  /// Throws unless the tip and the files of a checkout are what `kept` holds.
  func check(_ checkout: Checkout, keptBy kept: String, _ ref: String) async throws(GitError) {
    let path = checkout.info.path
    if let tip = checkout.info.head.commit, try !database.isAncestor(tip, of: kept) {
      throw .notPreserved(what: path, reason: "its commit \(tip.prefix(12)) is not reachable from \(ref)")
    }
    // The files went in one step after they were compared; only git's memory of them is left.
    if checkout.info.isPrunable { return }
    guard checkout.isLinked else {
      throw .notPreserved(what: path, reason: "its .git leads to another repository")
    }
    let state = try await SnapshotReader(checkout, runner: runner).read()
    if let nested = state.nested.first {
      throw .notPreserved(what: path, reason: "'\(nested)' in it is a repository of its own")
    }
    if let file = state.unreadable.first {
      throw .notPreserved(what: path, reason: "'\(file)' in it cannot be read; `chmod -R u+rwX` on it helps")
    }
    if let reason = try lacks(kept, state, checkout) { throw .notPreserved(what: path, reason: reason) }
  }

  private func trashName(_ path: String) -> String {
    let slash = path.lastIndex(of: "/") ?? path.startIndex
    return path[..<slash] + "/.orch-removed-" + path[path.index(after: slash)...]
  }

  /// Deletes a directory of ours that has been checked before. Absent is fine.
  func delete(_ path: String) async throws(GitError) {
    guard try Posix.exists(path) else { return }
    // By the system's own tools: they cope with names that are not text and trees deeper than any stack. Build tools
    // like to make their directories read-only, so those are opened up first.
    try await runner.tool("/bin/chmod", ["-R", "u+rwX", path], accepted: nil)
    try await runner.tool("/bin/rm", ["-rf", path], accepted: [0])
  }

  /// Brings a gate's worktree to `commit`; anything may be in it, but none of it is work.
  func recycle(_ checkout: Checkout, _ commit: String) async throws(GitError) {
    try await settle(checkout)
    try await runner.runAudited(["checkout", "--detach", "--force", "--quiet", commit, "--"], at: checkout.place)
    try await runner.runAudited(["clean", "-ffdx", "--quiet"], at: checkout.place)
  }

  /// Makes the link to a worktree good and takes away the locks that a killed git process left.
  func settle(_ checkout: Checkout) async throws(GitError) {
    if !checkout.isLinked {
      let link = checkout.info.path + "/.git"
      try await delete(link)
      try Posix.writeFile(link, Array("gitdir: \(checkout.place.gitDirectory)\n".utf8))
    }
    // Nobody but us works here, but a git process of a run that was killed may still be at it.
    let locks = ["index.lock", "HEAD.lock"].map { checkout.place.gitDirectory + "/" + $0 }
    try await OrphanedGit.settle(locks, of: "GIT_DIR=\(checkout.place.gitDirectory)")
    for lock in locks { try Posix.remove(lock) }
  }

  /// Undoes what commands have changed in an attempt's worktree in which no agent has worked yet. Ignored files stay.
  ///
  /// - Throws: ``GitError`` when it no longer stands on `commit`: then somebody has worked there.
  package func resetFreshWorktree(at path: String, commit: String) async throws(GitError) {
    try await exclusively { repository throws(GitError) in
      let path = try repository.ownedPath(path)
      guard let known = try repository.knownCheckout(at: path), !known.info.isMain, known.isLinked,
        known.info.head.commit == commit
      else { throw .notPreserved(what: path, reason: "it is no longer as it was made") }
      try await repository.runner.runAudited(["checkout", "--quiet", "HEAD", "--", "."], at: known.place)
      try await repository.runner.runAudited(["clean", "-ffd", "--quiet"], at: known.place)
    }
  }

  /// Throws a worktree away in which nobody's work is.
  func discard(_ checkout: Checkout) async throws(GitError) {
    let trash = trashName(checkout.info.path)
    try await delete(trash)
    try Posix.move(checkout.info.path, to: trash)
    try await runner.run(["worktree", "remove", "--force", "--force", "--", checkout.info.path], at: place)
    try await delete(trash)
    try Posix.remove(indexCopy(checkout.info.path))
  }
}
