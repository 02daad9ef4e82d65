import OrchDomain
import OrchGit
import OrchStore

/// Commits that somebody has taken off the base since an attempt began, and that its branch would bring back.
struct TakenBack: Sendable {
  let project: OpenProject
  static let rule = "policy.base-taken-back"

  /// - Returns: nil when nothing comes back: the base goes on from where the attempt began, the agent has moved its
  ///   work to the new base, or what was there is on the base in other commits.
  func evidence(_ task: StoredTask, start: String, head: String, base: String) async throws -> Evidence? {
    let repository = project.repository
    guard !start.isEmpty, try await !repository.isAncestor(start, of: base),
      try await repository.isAncestor(start, of: head)
    else { return nil }
    if case .clean(let tree) = try await repository.merge(ours: base, theirs: start),
      try await tree == repository.treeID(ofCommit: base)
    {
      return nil
    }
    let commits = try await repository.commits(from: base, to: start, limit: 20)
    let shown = commits.prefix(3).map { "\($0.id.prefix(12)) (\(SafeText.line($0.subject, limit: 60)))" }
    return Evidence(
      rule: Self.rule, category: .routine, file: task.plan.path, line: nil,
      excerpt: "'\(project.baseBranch)' was taken back since this work began; to land it would bring back "
        + shown.joined(separator: ", ") + (commits.count > 3 ? " and \(commits.count - 3) more" : ""))
  }
}
