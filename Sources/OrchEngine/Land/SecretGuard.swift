import OrchAgents
import OrchConfig
import OrchDomain
import OrchGit
import OrchReview
import OrchStore

/// Keeps secrets from being published: looks at every commit of a branch, because a commit that deletes a key leaves it
/// in the one before.
struct SecretGuard: Sendable {
  let project: OpenProject
  /// More commits than anybody reviews.
  private static let commitLimit = 5000
  private static let shown = 50

  /// What the commits from `fork` to `head` would publish; the first place of each, in the order of the branch.
  func findings(from fork: String, to head: String, allowed: [Glob]) async throws -> [SecretFinding] {
    let repository = project.repository
    let commits = try await repository.commits(from: fork, to: head, limit: Self.commitLimit + 1)
    guard commits.count <= Self.commitLimit else {
      return [SecretFinding(kind: "more than \(Self.commitLimit) commits to look at", file: head, line: nil)]
    }
    var found: [SecretFinding] = []
    var seen: Set<SecretFinding> = []
    for commit in commits.reversed() {
      var own: [SecretFinding]?
      // A merge adds what none of its parents has.
      for parent in commit.parents.isEmpty ? [nil] : commit.parents.map(Optional.init) {
        let added = SecretScanner.scan(try await repository.diff(from: parent, to: commit.id), allowed: allowed)
        own = own.map { $0.filter(added.contains) } ?? added
      }
      let message = SecretScanner.scan(text: commit.message, named: "the message of commit \(commit.id.prefix(12))")
      for finding in (own ?? []) + message where seen.insert(finding).inserted { found.append(finding) }
    }
    return found
  }

  /// Sends the branch back to its agent, or to a person when the agent does not manage.
  func sendBack(_ task: StoredTask, _ attempt: LiveAttempt, _ findings: [SecretFinding]) throws {
    let first = findings[0]
    let more = findings.count > 1 ? " and \(findings.count - 1) more" : ""
    let summary = "secrets in the commits: \(first.kind) in \(first.place)\(more)"
    guard attempt.countedTurns < max(1, project.settings.verify.maxAttempts) else {
      try project.setStuck(
        task.id, reason: "\(summary); still there after \(attempt.countedTurns) turns", failure: .implementation)
      return
    }
    var places = findings.prefix(Self.shown).map { "\($0.place): \($0.kind)" }
    if findings.count > Self.shown { places.append("and \(findings.count - Self.shown) more") }
    let text = try Prompts(project: project).feedback(.secrets(places: places), task, attempt)
    try project.beginTurn(attempt, reason: .secrets, prompt: text, state: .fixing, summary: summary)
  }
}
