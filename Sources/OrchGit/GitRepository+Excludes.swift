/// Whether the git programs of other people leave alone what we put into a worktree.
package enum ExclusionResult: Hashable, Sendable {
  /// Everything was ignored already, or nothing was put there.
  case notNeeded
  case inForce
  /// `git add -A` would take it; why nothing was done against that.
  case refused(reason: String)
}

extension Checkout {
  /// Whether an untracked path is one that we put into this worktree.
  func provides(_ path: some Sequence<UInt8>, _ options: GitOptions) -> Bool {
    guard !info.isMain else { return false }
    let path = Array(path)
    return options.providedPaths.contains { provided in
      let name = Array(provided.utf8)
      return path.starts(with: name) && (path.count == name.count || path[name.count] == UInt8(ascii: "/"))
    }
  }
}

extension GitRepository {
  private static let extensionKey = "extensions.worktreeConfig"
  /// Of a worktree, in its directory below `.git/worktrees`; a private git directory gets a copy.
  static let excludeFile = "orch-exclude"

  /// Makes every git program in a worktree take the options' provided paths for ignored ones, so that nobody commits
  /// them by accident.
  ///
  /// git reads `info/exclude` from the directory that all worktrees share, so the patterns are in a file of the
  /// worktree's own that its `config.worktree` names: docs/decisions/0021-worktree-excludes.md. The repository's
  /// configuration gets one line for that, once, and only when something would be listed as untracked without it.
  package func excludeProvidedPaths(inWorktreeAt path: String) async throws(GitError) -> ExclusionResult {
    try await exclusively { repository throws(GitError) in
      let checkout = try repository.checkout(at: try repository.ownedPath(path))
      guard !checkout.info.isMain else { throw .notOurDirectory(path: path) }
      let paths = repository.runner.options.providedPaths
      guard try await repository.isAnyUntracked(paths, in: checkout) else { return .notNeeded }
      let configuration = try await repository.runner.configuration(at: checkout.place)
      if !configuration.isTrue("extensions.worktreeconfig") {
        if let reason = try repository.obstacle(to: configuration) { return .refused(reason: reason) }
        try await repository.runner.run(["config", Self.extensionKey, "true"], at: repository.place)
      }
      let file = "\(checkout.place.gitDirectory)/\(Self.excludeFile)"
      let patterns = paths.map { Self.pattern($0) + "\n" }.joined()
      try Posix.writeFile(file, try repository.userExcludes(configuration) + Array(patterns.utf8))
      try await repository.runner.run(
        ["config", "--file", checkout.place.gitDirectory + "/config.worktree", "core.excludesFile", file],
        at: repository.place)
      return .inForce
    }
  }

  private func isAnyUntracked(_ paths: [String], in checkout: Checkout) async throws(GitError) -> Bool {
    guard !paths.isEmpty else { return false }
    let listed = try await runner.run(
      ["ls-files", "-z", "--others", "--exclude-standard", "--directory", "--"] + paths, at: checkout.place)
    return !listed.fields.isEmpty
  }

  /// Why `config.worktree` cannot be switched on without changing what holds elsewhere (git-config(1)).
  private func obstacle(to configuration: GitConfiguration) throws(GitError) -> String? {
    let local = configuration.values.filter { $0.scope == "local" }
    let version = local.last { $0.key == "core.repositoryformatversion" }?.value ?? "0"
    if version != "0" {
      return "its format version is \(version), and programs other than git may not know the setting"
    }
    if location.isBare { return "it is bare" }
    if local.contains(where: { $0.key == "core.worktree" }) { return "it sets core.worktree" }
    var directories = [location.commonDirectory]
    for name in try Posix.list(location.commonDirectory + "/worktrees") {
      directories.append(location.commonDirectory + "/worktrees/" + name)
    }
    for directory in directories where try Posix.exists(directory + "/config.worktree") {
      return "\(directory)/config.worktree would come into force"
    }
    return nil
  }

  /// The patterns of the user's own that ours would hide, because git reads one such file only.
  private func userExcludes(_ configuration: GitConfiguration) throws(GitError) -> [UInt8] {
    let environment = runner.options.environment
    let home = environment["HOME"] ?? ""
    let named = configuration.values.last { $0.key == "core.excludesfile" && $0.scope != "worktree" }?.value
    let base = environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? home + "/.config"
    var file = named ?? base + "/git/ignore"
    if file.hasPrefix("~/") { file = home + file.dropFirst() }
    guard file.hasPrefix("/"), let bytes = try Posix.read(file, limit: 1 << 20), !bytes.isEmpty else { return [] }
    return bytes.last == 0x0A ? bytes : bytes + [0x0A]
  }

  /// The line of gitignore(5) that matches exactly this path from the root of the worktree.
  static func pattern(_ path: String) -> String {
    var line = "/"
    for character in path.unicodeScalars {
      if "\\*?[ ".unicodeScalars.contains(character) { line += "\\" }
      line.unicodeScalars.append(character)
    }
    return line
  }
}
