/// What the `locked` file of a worktree of the pool says.
enum WarmMark {
  static let resting = "claude-orch: kept warm for the next attempt"
  static let cleaning = "claude-orch: being cleaned"
}

// A pool of worktrees that are used again, with their ignored build output. Each stays at its path, because build tools
// write absolute paths into their output. docs/decisions/0022-warm-worktrees.md
extension GitRepository {
  /// Puts a worktree into the pool: as ``removeWorktree(at:preservedBy:)``, only when nothing is lost by it, but its
  /// directory stays, clean and detached, with what its commit ignores.
  ///
  /// Killed in between, it is still marked as being cleaned: ``reuseWorktree(at:branch:from:)`` completes it.
  package func restWorktree(at path: String, preservedBy ref: String) async throws(GitError) {
    try await exclusively { repository throws(GitError) in
      let path = try repository.ownedPath(path)
      let kept = try repository.keptCommit(ref, of: path)
      let known = try repository.checkout(at: path)
      guard !known.info.isMain, !known.info.isPrunable, let tip = known.info.head.commit else {
        throw .noSuchWorktree(path: path)
      }
      if !repository.holdsNothing(known) { try await repository.check(known, keptBy: kept, ref) }
      try await repository.cleanOrOpenUp(known, tip)
      try Posix.writeFile(known.place.gitDirectory + "/locked", Array((WarmMark.resting + "\n").utf8))
    }
  }

  /// Gives a worktree of the pool to a branch, which is made as ``addWorktree(at:branch:from:)`` makes it. Then it has
  /// exactly the tracked files of `commit`, and nothing of the attempt before but what is ignored.
  ///
  /// A worktree that cannot be cleaned is removed and made anew.
  package func reuseWorktree(at path: String, branch: String, from commit: String) async throws(GitError) {
    try await exclusively { repository throws(GitError) in
      let path = try repository.ownedPath(path)
      let ref = try GitPath.branchRef(branch)
      _ = try repository.database.commit(commit)
      let known = try repository.checkout(at: path)
      guard repository.holdsNothing(known) else {
        throw .notPreserved(what: path, reason: "it is not in the pool, so it may hold an attempt's work")
      }
      do throws(GitError) {
        try await repository.cleanOrOpenUp(known, commit)
      } catch {
        if case .cancelled = error { throw error }
        try await repository.discard(known)
        try await repository.claim(ref, at: commit, for: path)
        try await repository.add(["--", path, branch], at: path)
        return try Posix.copyIndex(try repository.checkout(at: path).indexPath, to: repository.indexCopy(path))
      }
      try await repository.claim(ref, at: commit, for: path)
      try Posix.writeFile(known.place.gitDirectory + "/HEAD", Array("ref: \(ref)\n".utf8))
      try Posix.remove(known.place.gitDirectory + "/locked")
    }
  }

  /// Whether a worktree is in the pool, or on its way into or out of it: what was in it was kept before it was marked.
  private func holdsNothing(_ checkout: Checkout) -> Bool {
    checkout.info.isWarm && !checkout.info.isMain && !checkout.info.isPrunable
  }

  private func cleanOrOpenUp(_ checkout: Checkout, _ commit: String) async throws(GitError) {
    do throws(GitError) {
      try await clean(checkout, commit)
    } catch {
      if case .cancelled = error { throw error }
      // Directories that an agent or a build tool made unreadable or read-only.
      try await runner.tool("/bin/chmod", ["-R", "u+rwX", checkout.info.path], accepted: nil)
      try await clean(checkout, commit)
    }
  }

  /// Brings a worktree, detached, to `commit`. Whoever worked there may have left anything: all that git keeps of it is
  /// made anew, and the files are compared with our own copy of its index, because an index can be forged.
  private func clean(_ checkout: Checkout, _ commit: String) async throws(GitError) {
    let directory = checkout.place.gitDirectory
    try Posix.writeFile(directory + "/locked", Array((WarmMark.cleaning + "\n").utf8))
    try await settle(checkout)
    try await forgetOperations(checkout)
    try Posix.writeFile(directory + "/commondir", Array("../..\n".utf8))
    try Posix.writeFile(directory + "/HEAD", Array("\(commit)\n".utf8))
    let copy = indexCopy(checkout.info.path)
    if try Posix.exists(copy) {
      try Posix.copyIndex(copy, to: checkout.indexPath)
    } else {
      try Posix.remove(checkout.indexPath)
    }
    try await followSparse(checkout)
    var extra = GitRunner.Extra()
    extra.settings = try await runner.configuration(at: checkout.place).neutralising + Self.exactComparison
    try await runner.run(["read-tree", "--reset", "-u", commit], at: checkout.place, extra)
    try await removeProvided(from: checkout)
    try await runner.run(["clean", "-ffd", "--quiet"], at: checkout.place, extra)
    try Posix.copyIndex(checkout.indexPath, to: copy)
  }

  /// A repository's configuration could make git overlook changes of a file.
  private static let exactComparison = [
    ("core.trustCtime", "true"), ("core.checkStat", "default"), ("core.ignoreStat", "false"),
    ("core.splitIndex", "false"), ("core.untrackedCache", "false"),
  ].map { (key: $0.0, value: $0.1) }

  /// Removes unfinished merges and rebases, the worktree's own configuration, refs, reflog and whatever else there is.
  private func forgetOperations(_ checkout: Checkout) async throws(GitError) {
    let directory = checkout.place.gitDirectory
    for name in try Posix.list(directory) where !["HEAD", "commondir", "gitdir", "index", "locked"].contains(name) {
      let path = directory + "/" + name
      switch try Posix.info(path)?.kind {
      case .directory:
        let isEmpty = try Posix.list(path).isEmpty
        if name != "logs" || !isEmpty { try await delete(path) }
      case .regular, .link, .other: try Posix.remove(path)
      case nil: break
      }
    }
    // The index may have become a directory or a link; it is written again.
    if try Posix.info(checkout.indexPath)?.kind == .directory { try await delete(checkout.indexPath) }
  }

  /// Removes what was put there for the attempt before, also where it is ignored, and what stands in its way: a link
  /// that an attempt made must not lead us elsewhere.
  private func removeProvided(from checkout: Checkout) async throws(GitError) {
    for provided in runner.options.providedPaths {
      var path = checkout.info.path
      let names = provided.split(separator: "/")
      for (depth, name) in names.enumerated() {
        path += "/" + name
        guard let kind = try Posix.info(path)?.kind else { break }
        guard depth == names.count - 1 || kind != .directory else { continue }
        let relative = String(path.dropFirst(checkout.info.path.count + 1))
        let tracked = try await runner.run(["ls-files", "-z", "--", relative], at: checkout.place)
        if tracked.stdout.isEmpty { try await delete(path) }
        break
      }
    }
  }

  /// Our own copy of the index of a worktree of the pool, beside the worktrees, where no agent works.
  func indexCopy(_ path: String) -> String {
    let slash = path.lastIndex(of: "/") ?? path.startIndex
    return path[..<slash] + "/" + Self.indexCopyPrefix + path[path.index(after: slash)...]
  }

  /// How the names of those copies begin.
  package static let indexCopyPrefix = ".orch-index-"

  /// Gives a worktree the sparse patterns and the worktree configuration that the main checkout has now.
  private func followSparse(_ checkout: Checkout) async throws(GitError) {
    let (from, to) = (location.commonDirectory, checkout.place.gitDirectory)
    if let patterns = try Posix.read(from + "/info/sparse-checkout", limit: 1 << 24) {
      try Posix.makeDirectories(to + "/info")
      try Posix.writeFile(to + "/info/sparse-checkout", patterns)
    }
    guard let bytes = try Posix.read(from + "/config.worktree", limit: 1 << 20) else { return }
    let file = to + "/config.worktree"
    try Posix.writeFile(file, bytes)
    // Where the main checkout is, and whether there is one, is true of it alone.
    for key in ["core.worktree", "core.bare"] {
      try await runner.run(["config", "--file", file, "--unset-all", key], at: place, accepted: [0, 5])
    }
  }
}
