extension GitRepository {
  private var checkoutReader: CheckoutReader {
    CheckoutReader(
      location: location, finalName: { name throws(GitError) in try self.database.finalName(ofRef: name) },
      commit: { ref throws(GitError) in try self.database.commit(ofRef: ref) })
  }

  func allCheckouts() throws(GitError) -> [Checkout] { try checkoutReader.all() }

  func knownCheckout(at path: String) throws(GitError) -> Checkout? { try checkoutReader.first(at: path) }

  /// Refuses when a checkout stands on the ref or will come back to it.
  ///
  /// - Parameter gone: Whether a checkout whose files are gone counts too: git remembers what it stood on.
  func checkNobodyHolds(_ ref: String, evenIfGone gone: Bool = false) throws(GitError) {
    guard let holder = try checkoutReader.holders(of: ref).first(where: { gone || !$0.info.isPrunable }) else { return }
    throw .branchCheckedOut(branch: CheckoutReader.branchName(ref), path: holder.info.path)
  }

  /// - Throws: When objects or refs cannot be written, so that nothing that is begun could be kept.
  package nonisolated func checkWritable() throws(GitError) {
    for directory in ["", "/objects", "/refs"].map({ location.commonDirectory + $0 }) {
      if let code = Posix.refusalToFill(directory) { throw .file(operation: "write in", path: directory, errno: code) }
    }
  }

  /// What the opened checkout, or the bare repository, stands on.
  package func head() throws(GitError) -> GitHead {
    guard let found = try checkoutReader.readHead(location.gitDirectory) else {
      throw .unknownRevision("HEAD")
    }
    return found.head
  }

  /// The branch that work starts from when none is configured: what `origin/HEAD` names, else `main`, `master` or
  /// `trunk`, else the current branch, else what new repositories begin with. Nil when nothing says.
  package func defaultBranch() throws(GitError) -> String? {
    let remote = "refs/remotes/origin/"
    let target = try database.finalName(ofRef: remote + "HEAD")
    if target != remote + "HEAD", target.hasPrefix(remote) { return String(target.dropFirst(remote.utf8.count)) }
    for name in ["main", "master", "trunk"] where try database.commit(ofRef: "refs/heads/" + name) != nil {
      return name
    }
    if case .branch(let name, _) = try head() { return name }
    return initialBranch
  }

  /// Moves, makes (`expecting` nil) or deletes (`to` nil) a ref, only if it still is what the caller expects.
  ///
  /// By the git program: its locks wait for those of other processes, and vanish when we are killed. A branch that is
  /// checked out somewhere is refused; ``advance(branch:from:to:message:edits:)`` moves those.
  /// - Throws: `.raced` with what the ref is now.
  package func updateRef(
    _ name: String, to new: String?, expecting old: String?, message: String
  ) async throws(GitError) {
    try await exclusively { repository throws(GitError) in
      try GitPath.checkRef(name)
      try repository.checkNobodyHolds(name)
      try await repository.moveRef(name, to: new, expecting: old, message: message)
    }
  }

  /// ``updateRef(_:to:expecting:message:)`` for a caller who has the repository to himself and knows what he does.
  func moveRef(
    _ name: String, to new: String?, expecting old: String?, message: String,
    settings: [(key: String, value: String)] = []
  ) async throws(GitError) {
    for id in [new, old] {
      if let id, GitDatabase.normalised(id) == nil { throw .unknownRevision(id) }
    }
    if let new { _ = try database.commit(new) }
    if new == nil && old == nil { return }
    var arguments = ["update-ref", "--no-deref"]
    // git refuses an empty message rather than to write none.
    if !message.isEmpty { arguments += ["-m", message] }
    if let new { arguments += ["--", name, new] } else { arguments += ["-d", "--", name] }
    arguments.append(old ?? String(repeating: "0", count: 40))
    do {
      try await runner.run(arguments, at: place, GitRunner.Extra(settings: settings))
    } catch {
      let actual = try database.commit(ofRef: name)
      if actual != old { throw .raced(ref: name, actual: actual) }
      if old == nil, let other = try refInTheWay(of: name) { throw .nameTaken(ref: name, by: other) }
      throw error
    }
  }

  /// A ref above or below a name, beside which there can be none with that name.
  private func refInTheWay(of name: String) throws(GitError) -> String? {
    var above = name[...]
    while let slash = above.lastIndex(of: "/") {
      above = above[..<slash]
      if try database.commit(ofRef: String(above)) != nil { return String(above) }
    }
    return try database.refs(prefix: name + "/").first?.name
  }
}
