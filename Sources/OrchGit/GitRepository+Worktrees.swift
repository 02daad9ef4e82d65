extension GitRepository {
  /// Every checkout, the main one first. Read from git's directory, without a process.
  package func worktrees() throws(GitError) -> [WorktreeInfo] { try allCheckouts().map(\.info) }

  /// The checkout at a path; nil when git knows of none there.
  package func worktree(at path: String) throws(GitError) -> WorktreeInfo? { try knownCheckout(at: path)?.info }

  /// Makes a worktree on a branch, which is made too, or taken when it stands exactly at `commit`.
  ///
  /// What a killed call left behind is completed. What else is in the way is moved aside, never deleted.
  /// - Parameter forPool: Whether it may be put into the pool later, by ``restWorktree(at:preservedBy:)``.
  /// - Throws: `.branchHoldsWork` when the branch has commits that are kept nowhere else.
  package func addWorktree(
    at path: String, branch: String, from commit: String, forPool: Bool = false
  ) async throws(GitError) {
    try await exclusively { repository throws(GitError) in
      let path = try repository.ownedPath(path)
      let ref = try GitPath.branchRef(branch)
      _ = try repository.database.commit(commit)
      if try repository.isLeftover(at: path, ref: ref, commit) {
        try await repository.populate(try repository.checkout(at: path))
      } else {
        try await repository.makeRoom(at: path)
        try await repository.claim(ref, at: commit, for: path)
        try await repository.add(["--", path, branch], at: path)
      }
      if forPool {
        try Posix.copyIndex(try repository.checkout(at: path).indexPath, to: repository.indexCopy(path))
      }
    }
  }

  /// Makes a worktree at `path` stand at `commit` with nothing else in it, as the gate needs it: what is untracked or
  /// ignored is removed, too. Makes the worktree when there is none.
  ///
  /// Only below our own directories. Such a worktree holds nobody's work: use it for nothing but this.
  package func checkOutDetached(at path: String, commit: String) async throws(GitError) {
    try await exclusively { repository throws(GitError) in
      let path = try repository.ownedPath(path)
      _ = try repository.database.commit(commit)
      if let known = try repository.knownCheckout(at: path), !known.info.isMain, !known.info.isPrunable {
        guard case .detached = known.info.head else {
          throw .notPreserved(what: path, reason: "it is on a branch, so it holds an attempt's work")
        }
        do throws(GitError) {
          try await repository.recycle(known, commit)
          return
        } catch {
          if case .cancelled = error { throw error }
          // Whatever a gate's program left that git cannot clean up: start over beside it.
          try await repository.discard(known)
        }
      }
      try await repository.makeRoom(at: path)
      try await repository.add(["--detach", "--", path, commit], at: path)
    }
  }

  /// The path in the form git will use, which must be below one of the directories that are ours.
  func ownedPath(_ path: String) throws(GitError) -> String {
    guard path.hasPrefix("/"), let slash = path.lastIndex(of: "/"), !path.hasSuffix("/") else {
      throw .notOurDirectory(path: path)
    }
    let name = path[path.index(after: slash)...]
    guard name != "." && name != ".." && !name.hasPrefix("-") else { throw .notOurDirectory(path: path) }
    let owned = runner.options.ownedDirectories
    guard owned.contains(where: { path.hasPrefix($0 + "/") }), !path.split(separator: "/").contains("..") else {
      throw .notOurDirectory(path: path)
    }
    try Posix.makeDirectories(String(path[..<slash]))
    // Again without links: the parent may be one that leads elsewhere.
    guard let parent = Posix.realPath(String(path[..<slash])) else { throw .notOurDirectory(path: path) }
    let isInside = owned.compactMap(Posix.realPath).contains { parent == $0 || parent.hasPrefix($0 + "/") }
    guard isInside else { throw .notOurDirectory(path: path) }
    return parent + "/" + name
  }

  /// `git worktree add` without files, then the files: so that the configuration that applies inside of the new
  /// worktree (conditional includes) is known before a filter of it could run.
  func add(_ arguments: [String], at path: String) async throws(GitError) {
    try await runner.runAudited(
      ["worktree", "add", "--no-checkout", "--no-guess-remote", "--lock"] + arguments, at: place)
    try await populate(try checkout(at: path))
  }

  private func populate(_ checkout: Checkout) async throws(GitError) {
    // A git process of a run that was killed may still be writing the same files.
    try await OrphanedGit.settle([checkout.indexPath + ".lock"], of: "GIT_DIR=\(checkout.place.gitDirectory)")
    try Posix.remove(checkout.indexPath + ".lock")
    try await runner.runAudited(["reset", "--hard", "--quiet", "--no-recurse-submodules", "HEAD"], at: checkout.place)
    try Posix.remove(checkout.place.gitDirectory + "/locked")
  }

  /// Whether a killed call of ours began to make exactly this worktree. Nobody has worked in it: it is still locked.
  private func isLeftover(at path: String, ref: String, _ commit: String) throws(GitError) -> Bool {
    guard let found = try knownCheckout(at: path), !found.info.isPrunable, found.isLinked,
      found.info.isLocked, found.headRef == ref, found.info.head.commit == commit
    else { return false }
    let reason = try Posix.line(found.place.gitDirectory + "/locked") ?? ""
    return reason == "initializing" || reason == "added with --lock" || reason.isEmpty
  }

  /// Frees the path: an administrative directory without files is kept as a commit and removed, files without an
  /// administrative directory are moved aside.
  func makeRoom(at path: String) async throws(GitError) {
    try await clearUnfinished(at: path)
    if let stale = try knownCheckout(at: path) {
      guard stale.info.isPrunable else {
        throw .notPreserved(what: path, reason: "there already is a worktree of this repository")
      }
      try await forget(stale)
    }
    guard let info = try Posix.info(path) else { return }
    if info.kind == .directory, try Posix.list(path).isEmpty { return }
    try Posix.move(path, to: try unusedName(path + ".orphan"))
  }

  /// Removes what calls left that were killed before git had named a commit: an administrative directory without HEAD
  /// and index, and a directory with nothing but the link to it.
  private func clearUnfinished(at path: String) async throws(GitError) {
    let directory = location.commonDirectory + "/worktrees"
    for name in try Posix.list(directory) {
      let admin = directory + "/" + name
      guard try Posix.line(admin + "/gitdir") == path + "/.git", try !Posix.exists(admin + "/index") else { continue }
      let head = try Posix.line(admin + "/HEAD") ?? ""
      guard head.allSatisfy({ $0 == "0" }) else { continue }
      if try Posix.list(path) == [".git"] { try await delete(path) }
      try await delete(admin)
    }
  }

  func unusedName(_ base: String) throws(GitError) -> String {
    var n = 1
    while try Posix.exists("\(base)-\(n)") { n += 1 }
    return "\(base)-\(n)"
  }

  /// Makes git forget a worktree whose files are gone; does nothing while they are there. What only it knew is kept.
  package func forgetGoneWorktree(at path: String) async throws(GitError) {
    guard let found = try knownCheckout(at: path), found.info.isPrunable, !found.info.isMain, !found.info.isLocked
    else { return }
    try await forget(found)
  }

  /// Removes what git remembers of a worktree whose files are gone. Commits that only it knew, and what was staged in
  /// it, are kept under `refs/orch/rescued/`.
  func forget(_ stale: Checkout) async throws(GitError) {
    let copy = GitRunner.Extra(index: stale.indexPath, directory: location.commonDirectory)
    var place = stale.place
    place.workTree = nil
    var parents: [String] = []
    if let tip = stale.info.head.commit { parents.append(tip) }
    var tree: String?
    if try Posix.exists(stale.indexPath) {
      let output = try await runner.run(["write-tree"], at: place, copy, accepted: [0, 128])
      if output.code == 0 { tree = output.text }
    }
    let tip = parents.first
    let tipTree = try tip.map { id throws(GitError) in try database.treeID(ofCommit: id).hex }
    let isDetached = if case .detached = stale.info.head { true } else { false }
    if let tip, isDetached || (tree != nil && tree != tipTree) {
      let commit = try database.makeCommit(
        tree: tree ?? tipTree ?? tip, parents: parents, message: "What was left of the worktree \(stale.info.path)",
        author: .orchestrator, at: try database.info(ofCommit: tip).time)
      let name = stale.place.gitDirectory.split(separator: "/").last.map(String.init) ?? "worktree"
      var n = 1
      while try database.commit(ofRef: "refs/orch/rescued/\(name)/\(n)") != nil { n += 1 }
      try await moveRef("refs/orch/rescued/\(name)/\(n)", to: commit, expecting: nil, message: "worktree files gone")
    }
    try await runner.run(["worktree", "remove", "--force", "--force", "--", stale.info.path], at: self.place)
  }

  /// Makes the branch stand at `commit`, unless that would drop work or move somebody's checkout.
  func claim(_ ref: String, at commit: String, for path: String) async throws(GitError) {
    try checkNobodyHolds(ref)
    guard let tip = try database.commit(ofRef: ref) else {
      return try await moveRef(ref, to: commit, expecting: nil, message: "new attempt")
    }
    if tip == commit { return }
    if try !database.isAncestor(tip, of: commit), try !keeps(tip) {
      throw .branchHoldsWork(branch: CheckoutReader.branchName(ref), tip: tip)
    }
    try await moveRef(ref, to: commit, expecting: tip, message: "new attempt")
  }

  /// Whether a commit is reachable from one of the refs that are never deleted.
  func keeps(_ commit: String) throws(GitError) -> Bool {
    for kept in try database.refs(prefix: "refs/orch/attempts/") where try database.isAncestor(commit, of: kept.commit)
    {
      return true
    }
    return false
  }
}
