import OrchConfig
import OrchDomain
import OrchGit
import OrchGitHub
import OrchStore

// The base branch, merged into the branch of a pull request that waits to land.
extension GitHubForge {
  /// Lets GitHub merge the base into the branch, because its rules want that before it merges.
  ///
  /// - Returns: false when they conflict, which our own merge tells better.
  func bringUpToDate(_ change: Change, _ pull: PullRequest) async throws -> Bool {
    do throws(GitHubError) {
      try await client.updateBranch(pull.number, head: change.headCommit)
    } catch .refused(status: 422, let text) {
      // Another answer than a conflict is about a head that has moved, which the next look sees.
      return !text.contains("conflict")
    }
    return true
  }

  func settle(_ change: Change, with base: String, tree: String) async throws -> LandingHold? {
    try await translated {
      let name = project.baseBranch
      guard try await project.repository.isAncestor(base, of: try await trunk.fetch()) else {
        return LandingHold(reason: "\(change.name) is settled with the changes before it when they have landed")
      }
      let commit = try await project.repository.makeCommit(
        tree: tree, parents: [change.headCommit, base], message: "Merge branch '\(name)' into \(change.branch)\n",
        author: .orchestrator, at: project.clock.now())
      try await push(commit, to: change.branch)
      guard try await takeOver(commit, change) else {
        throw ForgeTrouble.person("branch '\(change.branch)' has moved; `claude-orch pr reject \(change.task)`")
      }
      return LandingHold(
        reason: "\(change.name) has taken in '\(name)', whose conflicts settle by themselves; its checks come next",
        passes: true)
    }
  }

  /// Follows to a head that differs from the known one in nothing but the base branch, merged in: by GitHub because we
  /// asked, by a person with the button for it, or by us before we were killed. Its tree tells, not its author.
  ///
  /// - Returns: false when there is more to it; nothing has changed then.
  func takeOver(_ head: String, _ change: Change) async throws -> Bool {
    let repository = project.repository
    if try await repository.commitID(ofRef: head) == nil {
      let login = try await client.gitLogin()
      guard try await connection.remote.fetch(change.branch, login: login) == head else { return false }
    }
    let parents = try await repository.commit(head).parents
    guard parents.count == 2, parents[0] == change.headCommit,
      try await repository.isAncestor(parents[1], of: try await trunk.fetch())
    else { return false }
    if try await !wasPushed(head, to: change.branch) {
      guard case .clean(let tree) = try await repository.merge(ours: parents[0], theirs: parents[1]),
        try await repository.treeID(ofCommit: head) == tree
      else { return false }
    }
    if try await repository.commitID(ofRef: "refs/heads/\(change.branch)") != head {
      let moved = try await repository.advance(
        branch: change.branch, from: change.headCommit, to: head, message: "claude-orch: take in the base")
      switch moved {
      case .moved: break
      case .raced: return false
      case .waiting(let hold):
        throw ForgeTrouble.later("\(hold)", until: project.clock.now().advanced(by: .seconds(60)))
      }
    }
    try project.recordUpdate(change, head: head, base: parents[1])
    return true
  }
}
