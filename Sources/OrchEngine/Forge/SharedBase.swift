import OrchConfig
import OrchDomain
import OrchGit
import OrchGitHub

/// The base branch, here and on GitHub.
///
/// What lands there comes here. The only commits that go from here to there by themselves are those with statuses;
/// what a person has committed here and not pushed is never published.
struct SharedBase: Sendable {
  let project: OpenProject
  let connection: GitHubConnection

  /// Lets the branch here follow, and the statuses go there.
  ///
  /// - Returns: The tip on GitHub.
  @discardableResult
  func bringTogether() async throws -> String {
    try await connection.baseLock.run {
      let there = try await fetch()
      if let reason = try await take(there) { throw ForgeTrouble.later(reason, until: soon) }
      return try await share(over: there)
    }
  }

  /// Lets the branch here follow the one there. The caller holds the lock, or asks for no more.
  ///
  /// - Returns: Why it cannot; nil when it has.
  func follow() async throws -> String? { try await take(try await fetch()) }

  var soon: Timestamp { project.clock.now().advanced(by: .seconds(60)) }

  /// - Returns: The tip on GitHub, whose objects are here now.
  func fetch() async throws -> String {
    let login = try await connection.client.gitLogin()
    let commit = try await connection.remote.fetch(project.baseBranch, login: login)
    let before = try await project.repository.commitID(ofRef: fetchedRef)
    guard before != commit else { return commit }
    do {
      try await project.repository.updateRef(fetchedRef, to: commit, expecting: before, message: "claude-orch: fetch")
    } catch GitError.raced {
      // Another task has fetched as well; what it found is kept as well as this.
    }
    return commit
  }

  /// Whether a commit is on the branch of GitHub, as it was fetched last.
  func has(_ commit: String) async throws -> Bool {
    let repository = project.repository
    guard try await repository.commitID(ofRef: commit) != nil,
      let there = try await repository.commitID(ofRef: fetchedRef)
    else { return false }
    return try await repository.isAncestor(commit, of: there)
  }

  private var fetchedRef: String { "refs/orch/forge/\(project.baseBranch)" }

  private func take(_ there: String) async throws -> String? {
    let repository = project.repository
    for _ in 0..<10 {
      let here = try await project.baseCommit()
      if try await repository.isAncestor(there, of: here) { return nil }
      var next = there
      if try await !repository.isAncestor(here, of: there) {
        switch try await repository.merge(ours: here, theirs: there) {
        case .clean(let tree):
          next = try await repository.makeCommit(
            tree: tree, parents: [here, there], message: "\(Self.mergePrefix)'\(project.baseBranch)' of GitHub\n",
            author: .orchestrator, at: project.clock.now())
        case .conflict(let conflicts):
          let files = SafeText.line(conflicts.prefix(5).map(\.path).joined(separator: ", "), limit: 200)
          return "'\(project.baseBranch)' here and on GitHub conflict in \(files); merge them yourself"
        }
      }
      let moved = try await repository.advance(
        branch: project.baseBranch, from: here, to: next, message: "claude-orch: follow GitHub")
      switch moved {
      case .moved: return nil
      case .raced: continue
      case .waiting(let hold): return "\(hold)"
      }
    }
    return "'\(project.baseBranch)' keeps moving"
  }

  private static let mergePrefix = "Merge branch "

  /// Pushes commits with statuses and plans of ours, when there are no others between here and there.
  private func share(over there: String) async throws -> String {
    let here = try await project.baseCommit()
    guard project.settings.forge.pushStatuses, here != there, try await unpublished(over: there, in: here) == nil
    else { return there }
    let login = try await connection.client.gitLogin()
    switch try await connection.remote.push(here, to: project.baseBranch, expecting: there, login: login) {
    case .pushed: return here
    // The next round sees where it is now.
    case .raced: return there
    case .refused(let reason):
      project.observer(.diagnostic("statuses stay here, GitHub does not take them: \(reason)"))
      return there
    }
  }

  /// - Throws: ``ForgeTrouble/person(_:)`` when publishing `head` would publish commits that a person has not pushed.
  func checkNothingUnpublished(in head: String) async throws {
    let (there, here) = (try await fetch(), try await project.baseCommit())
    guard let fork = try await project.repository.mergeBase(here, head),
      let commit = try await unpublished(over: there, in: fork)
    else { return }
    throw ForgeTrouble.person(
      "'\(project.baseBranch)' has commits that are not on GitHub, such as \(commit.id.prefix(12)) "
        + "'\(SafeText.line(commit.subject, limit: 60))'; push them, then resume")
  }

  /// The first commit that is no status of ours and that GitHub's branch does not have.
  private func unpublished(over there: String, in here: String) async throws -> CommitInfo? {
    let most = 1000
    let commits = try await project.repository.commits(from: there, to: here, limit: most)
    // What is too much to look at is nobody's to publish.
    if commits.count == most { return commits.last }
    return commits.last { commit in
      let ours = [StatusWriter.messagePrefix, "chore(maintenance): plan ", Self.mergePrefix]
      return commit.author != .orchestrator || !ours.contains(where: commit.message.hasPrefix)
    }
  }
}

extension OpenProject {
  /// Brings the last statuses to the forge, and notes how often it was asked. What does not get there now does with the
  /// next landing.
  func shareStatuses() async {
    guard let connection else { return }
    do {
      try await SharedBase(project: self, connection: connection).bringTogether()
      try noteRequests(await connection.client.takeCounts(), await connection.client.limits)
    } catch {
      observer(.diagnostic("statuses are not on GitHub yet: \(error)"))
    }
  }
}
