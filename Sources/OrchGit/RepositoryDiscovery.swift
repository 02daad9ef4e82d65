/// Finds the repository around a path and decides whether we can work with it.
struct RepositoryDiscovery: Sendable {
  let location: RepositoryLocation
  let configuration: GitConfiguration

  init(_ path: String, runner: GitRunner) async throws(GitError) {
    guard let start = Posix.realPath(path), try Posix.info(start)?.kind == .directory else {
      throw .notARepository(path: path)
    }
    let found = try await Self.find(start, runner)
    let workTree = try await Self.workTree(start, found, runner)
    location = RepositoryLocation(
      workTree: workTree, gitDirectory: found.gitDirectory, commonDirectory: found.commonDirectory,
      isBare: found.isBare)
    configuration = try await runner.configuration(
      at: GitPlace(
        gitDirectory: found.gitDirectory, commonDirectory: found.commonDirectory, workTree: workTree))
    try Self.check(configuration, path: start)
    try Self.checkWorkTree(configuration, location)
    // Its files would stay behind when the branch moves, and look like a person's wish to undo what has landed.
    if found.isBare, location.gitDirectory.hasSuffix("/.git"), try Posix.exists(location.gitDirectory + "/index") {
      throw .bareCheckout(gitDirectory: location.gitDirectory)
    }
  }

  private struct Found {
    var isBare: Bool
    var isInsideWorkTree: Bool
    var gitDirectory: String
    var commonDirectory: String
  }

  private static func find(_ start: String, _ runner: GitRunner) async throws(GitError) -> Found {
    let output = try await runner.run(
      [
        "rev-parse", "--is-bare-repository", "--is-inside-work-tree", "--show-object-format", "--absolute-git-dir",
        "--git-common-dir",
      ], at: nil, GitRunner.Extra(directory: start), accepted: [0, 128])
    if output.code != 0 { throw refusal(output.message, start) }
    let lines = output.text.split(separator: "\n").map(String.init)
    guard lines.count == 5 else { throw .notARepository(path: start) }
    if lines[2] != "sha1" { throw .unsupportedObjectFormat(lines[2], path: start) }
    let common = lines[4].hasPrefix("/") ? lines[4] : start + "/" + lines[4]
    guard let gitDirectory = Posix.realPath(lines[3]), let commonDirectory = Posix.realPath(common) else {
      throw .notARepository(path: start)
    }
    return Found(
      isBare: lines[0] == "true", isInsideWorkTree: lines[1] == "true", gitDirectory: gitDirectory,
      commonDirectory: commonDirectory)
  }

  /// Why git would not open the repository, from its words (which are English, because we set the language).
  private static func refusal(_ message: String, _ path: String) -> GitError {
    let text = message.lowercased()
    if text.contains("dubious ownership") || text.contains("unsafe repository") { return .unsafeOwner(path: path) }
    if text.contains("refstorage") || text.contains("reftable") { return .unsupportedRefFormat("reftable", path: path) }
    if text.contains("objectformat") || text.contains("hash algorithm") {
      return .unsupportedObjectFormat("other than sha1", path: path)
    }
    if text.contains("not a git repository") { return .notARepository(path: path) }
    return .command(arguments: ["rev-parse"], status: "cannot open \(path)", message: message)
  }

  private static func workTree(_ start: String, _ found: Found, _ runner: GitRunner) async throws(GitError) -> String? {
    var candidate: String?
    if found.isInsideWorkTree {
      candidate = try await runner.run(
        ["rev-parse", "--show-toplevel"], at: nil, GitRunner.Extra(directory: start)
      ).text
    } else if !found.isBare, found.gitDirectory.hasSuffix("/.git") {
      candidate = String(found.gitDirectory.dropLast(5))
    }
    guard let candidate, let path = Posix.realPath(candidate) else { return nil }
    guard try WorkTreeLink.leadsBack(from: path, to: found.gitDirectory) else {
      throw .redirectedWorkTree(gitDirectory: found.gitDirectory, workTree: path)
    }
    return path
  }

  /// Submodules have their files elsewhere, with a `.git` that leads back. Anything else would make the user's own git
  /// and us mean different files.
  private static func checkWorkTree(
    _ configuration: GitConfiguration, _ location: RepositoryLocation
  ) throws(GitError) {
    guard location.gitDirectory == location.commonDirectory, let text = configuration.last("core.worktree") else {
      return
    }
    let path = text.hasPrefix("/") ? text : location.gitDirectory + "/" + text
    guard let real = Posix.realPath(path), try WorkTreeLink.leadsBack(from: real, to: location.gitDirectory) else {
      throw .redirectedWorkTree(gitDirectory: location.gitDirectory, workTree: path)
    }
  }

  private static func check(_ configuration: GitConfiguration, path: String) throws(GitError) {
    if let format = configuration.last("extensions.objectformat")?.lowercased(), format != "sha1" {
      throw .unsupportedObjectFormat(format, path: path)
    }
    if let format = configuration.last("extensions.refstorage")?.lowercased(), format != "files" {
      throw .unsupportedRefFormat(format, path: path)
    }
  }
}

/// The `.git` of a checkout.
enum WorkTreeLink {
  /// Whether the `.git` at `workTree` is, or names, exactly `gitDirectory`.
  static func leadsBack(from workTree: String, to gitDirectory: String) throws(GitError) -> Bool {
    let link = workTree + "/.git"
    switch try Posix.info(link)?.kind {
    case .directory, .link: return Posix.realPath(link) == gitDirectory
    case .regular:
      guard let line = try Posix.line(link), line.hasPrefix("gitdir: ") else { return false }
      let target = String(line.dropFirst(8))
      return Posix.realPath(target.hasPrefix("/") ? target : workTree + "/" + target) == gitDirectory
    default: return false
    }
  }
}
