/// A pull request as the list tells it.
package struct PullRequest: Hashable, Sendable {
  package var number: Int
  package var url: String
  package var title: String
  package var body: String
  package var isOpen: Bool
  package var isMerged: Bool
  package var isDraft: Bool
  package var head: String
  package var headBranch: String
  package var baseBranch: String
  package var labels: [String]
  /// As GitHub writes it; only compared.
  package var updatedAt: String
  package var mergeCommit: String?
  /// What a single reading says about whether it may be merged: `clean`, `behind`, `blocked`, `dirty`,
  /// `unknown`…
  package var mergeableState: String?
  /// The name of it in GraphQL.
  package var nodeID: String?
}

/// A check of a commit: a check run or a commit status.
package struct CommitCheck: Hashable, Sendable {
  package enum Result: String, Hashable, Sendable { case pending, passed, failed }

  /// 0 for a commit status.
  package var id: Int
  package var name: String
  package var result: Result
  /// `failure`, `timed_out`, `cancelled` and the like.
  package var conclusion: String
  package var title: String
  package var summary: String
  package var url: String
  /// Whether GitHub Actions keeps its log.
  package var hasLog: Bool

  package init(
    id: Int, name: String, result: Result, conclusion: String = "", title: String = "", summary: String = "",
    url: String = "", hasLog: Bool = false
  ) {
    self.id = id
    self.name = name
    self.result = result
    self.conclusion = conclusion
    self.title = title
    self.summary = summary
    self.url = url
    self.hasLog = hasLog
  }
}

/// A review of a pull request.
package struct PullReview: Hashable, Sendable {
  package var id: Int
  /// `APPROVED`, `CHANGES_REQUESTED`, `COMMENTED`, `DISMISSED`
  package var state: String
  package var author: String
  /// `OWNER`, `MEMBER`, `COLLABORATOR`, `CONTRIBUTOR`, `NONE`…
  package var association: String
  package var body: String
  /// The commit that was looked at.
  package var commit: String
  package var url = ""
}

/// A comment on a line of a pull request.
package struct ReviewComment: Hashable, Sendable {
  package var id: Int
  package var author: String
  package var association: String
  package var body: String
  package var path: String
  package var line: Int?
  /// The comment that began the thread; its own id when it does.
  package var thread: Int
  package var url = ""
}

/// A comment below a pull request that belongs to no line.
package struct PlainComment: Hashable, Sendable {
  package var id: Int
  package var author: String
  package var association: String
  package var body: String
  package var url: String
}
