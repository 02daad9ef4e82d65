import OrchDomain
import OrchWeb

/// An issue.
package struct GitHubIssue: Hashable, Sendable {
  package var number: Int
  package var title: String
  package var body: String
  package var isOpen: Bool
  package var author: String
  package var association: String
  package var labels: [String]
  package var url: String
  /// Whether it is a pull request, which GitHub numbers among the issues.
  package var isPull: Bool
}

extension GitHubClient {
  private struct Issue: Decodable {
    struct Label: Decodable { var name: String }
    struct User: Decodable { var login: String }
    struct Mark: Decodable {}
    var number: Int
    var title: String
    var body: String?
    var state: String
    var user: User?
    var author_association: String?
    var labels: [Label]
    var html_url: String
    /// There for pull requests, which GitHub lists among the issues.
    var pull_request: Mark?

    var value: GitHubIssue {
      GitHubIssue(
        number: number, title: title, body: body ?? "", isOpen: state == "open", author: user?.login ?? "ghost",
        association: author_association ?? "NONE", labels: labels.map(\.name), url: html_url,
        isPull: pull_request != nil)
    }
  }

  private nonisolated var root: String { "/repos/\(address.repository)" }

  /// Open issues with a label, the oldest first.
  package func issues(labelled label: String) async throws(GitHubError) -> [GitHubIssue] {
    var found: [Issue] = []
    var next: String? =
      "\(root)/issues?state=open&labels=\(Self.escaped(label))&sort=created&direction=asc&per_page=100"
    while let page = next, found.count < 1000 {
      let answer = try await get(page, for: .act)
      found += try answer.decode([Issue].self)
      next = answer.next
    }
    return found.map(\.value).filter { !$0.isPull }
  }

  package func issue(_ number: Int) async throws(GitHubError) -> GitHubIssue {
    try await get("\(root)/issues/\(number)").decode(Issue.self).value
  }

  package func closeIssue(_ number: Int) async throws(GitHubError) {
    let fields = JSONValue.object([.init("state", "closed"), .init("state_reason", "completed")])
    _ = try await send("PATCH", "\(root)/issues/\(number)", fields, isRepeatable: true)
  }

  /// Says something once: a comment that carries the mark already is not made again, so a lost answer does no harm.
  ///
  /// - Parameter mark: Letters and digits that name the occasion; kept in the comment where nobody sees it.
  package func comment(_ text: String, on number: Int, mark: String) async throws(GitHubError) {
    struct Comment: Decodable { var body: String? }
    let hidden = "\(Self.markPrefix)\(mark) -->"
    var next: String? = "\(root)/issues/\(number)/comments?per_page=100"
    while let page = next {
      let answer = try await get(page)
      if try answer.decode([Comment].self).contains(where: { $0.body?.contains(hidden) == true }) { return }
      next = answer.next
    }
    _ = try await send(
      "POST", "\(root)/issues/\(number)/comments", .object([.init("body", .string("\(text)\n\n\(hidden)"))]))
  }

  private static let markPrefix = "<!-- claude-orch:"

  /// Whether a comment is one of ours: its last line is a mark. The account tells nothing, it may be a person's.
  static func isOurs(_ body: String) -> Bool {
    body.split(whereSeparator: \.isNewline).last?.hasPrefix(markPrefix) == true
  }
}
