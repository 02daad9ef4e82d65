import OrchDomain

/// A repository on a server, reached by the git program with a login that is in no argument, address or file.
///
/// git works from a directory of our own that shares the project's objects: what somebody wrote into the project's
/// configuration, such as an address that stands for another or a proxy, has no say.
package struct GitRemote: Sendable {
  private let runner: GitRunner
  private let directory: String
  private let objects: String
  private let url: String

  /// - Parameters:
  ///   - url: `https://…`, or `http://` of this machine.
  ///   - directory: Ours; made when it is missing.
  package init(url: String, repository: GitRepository, directory: String) {
    runner = repository.runner
    objects = "\(repository.location.commonDirectory)/objects"
    self.directory = directory
    self.url = url
  }

  /// What became of a push.
  package enum PushResult: Hashable, Sendable {
    case pushed
    /// The branch is not where it was expected. Nothing has changed.
    case raced
    /// The server does not want it, with its reason.
    case refused(String)
  }

  private var place: GitPlace { GitPlace(gitDirectory: directory, commonDirectory: directory, workTree: nil) }

  /// Where a branch stands on the server; nil when it is not there.
  ///
  /// - Parameter login: The whole header that proves who we are.
  package func tip(of branch: String, login: String) async throws(GitError) -> String? {
    let output = try await run(["ls-remote", "--refs", "--", url, "refs/heads/\(branch)"], login: login)
    for line in output.text.split(separator: "\n") {
      let fields = line.split(separator: "\t")
      if fields.count == 2, fields[1] == "refs/heads/\(branch)" { return String(fields[0]) }
    }
    return nil
  }

  /// Brings the objects of a branch here.
  ///
  /// - Returns: The commit that the branch stands on.
  package func fetch(_ branch: String, login: String) async throws(GitError) -> String {
    let ref = "refs/fetched/\(branch)"
    // Two at once would meet at the lock of that ref.
    let turnstile = Turnstile.of(directory)
    await turnstile.enter()
    defer { turnstile.leave() }
    try await run(
      ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", url, "+refs/heads/\(branch):\(ref)"],
      login: login)
    return try await run(["rev-parse", "--verify", "--end-of-options", ref], login: nil).text
  }

  /// Makes a branch of the server stand on a commit, if it still is where the caller saw it.
  ///
  /// - Parameters:
  ///   - commit: nil to take the branch away.
  ///   - expected: nil when the branch is to be made.
  package func push(
    _ commit: String?, to branch: String, expecting expected: String?, login: String
  ) async throws(GitError) -> PushResult {
    let ref = "refs/heads/\(branch)"
    let output = try await run(
      [
        "push", "--porcelain", "--no-verify", "--force-with-lease=\(ref):\(expected ?? "")", "--", url,
        "\(commit ?? ""):\(ref)",
      ], login: login, accepted: [0, 1])
    if output.code == 0 { return .pushed }
    for line in output.text.split(separator: "\n") where line.hasPrefix("!") {
      if line.contains("stale info") || line.contains("fetch first") { return .raced }
      return .refused(SafeText.line(line.split(separator: "\t").last ?? line, limit: 300))
    }
    throw .command(arguments: ["push"], status: "failed", message: output.message)
  }

  @discardableResult
  private func run(
    _ arguments: [String], login: String?, accepted: Set<Int32> = [0]
  ) async throws(GitError) -> GitRunner.Output {
    if try !Posix.exists("\(directory)/HEAD") {
      try await runner.run(["init", "--quiet", "--bare", "--", directory], at: nil)
    }
    var extra = GitRunner.Extra()
    extra.environment["GIT_OBJECT_DIRECTORY"] = objects
    if let login {
      extra.environment["GIT_ALLOW_PROTOCOL"] = url.hasPrefix("https://") ? "https" : "http"
      // Only for this server: a redirect is not followed, so nobody else is sent it.
      extra.settings = [("http.\(url).extraHeader", login), ("http.followRedirects", "false")]
    }
    return try await runner.run(arguments, at: place, extra, accepted: accepted)
  }
}
