import OrchDomain
import OrchWeb

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

// Names of JSON are kept as GitHub writes them, so that these read like its description.
private struct Pull: Decodable {
  struct Side: Decodable {
    var ref: String
    var sha: String
  }
  struct Label: Decodable { var name: String }
  var number: Int
  var html_url: String
  var title: String
  var body: String?
  var state: String
  var draft: Bool?
  var merged: Bool?
  var merged_at: String?
  var merge_commit_sha: String?
  var mergeable_state: String?
  var node_id: String?
  var updated_at: String
  var head: Side
  var base: Side
  var labels: [Label]

  var value: PullRequest {
    PullRequest(
      number: number, url: html_url, title: title, body: body ?? "", isOpen: state == "open",
      isMerged: merged ?? (merged_at != nil), isDraft: draft ?? false, head: head.sha, headBranch: head.ref,
      baseBranch: base.ref, labels: labels.map(\.name), updatedAt: updated_at, mergeCommit: merge_commit_sha,
      mergeableState: mergeable_state, nodeID: node_id)
  }
}

extension GitHubClient {
  private nonisolated var root: String { "/repos/\(address.repository)" }

  /// Every page of a list, at most `pages`.
  private func list<Item: Decodable>(
    _ path: String, of type: Item.Type, for purpose: Purpose, pages: Int = 10
  ) async throws(GitHubError) -> [Item] {
    var items: [Item] = []
    var next: String? = root + path
    var count = 0
    while let page = next, count < pages {
      let answer = try await get(page, for: purpose)
      items += try answer.decode([Item].self)
      next = answer.next
      count += 1
    }
    return items
  }

  /// All open pull requests, the one that was changed last first.
  package func openPulls() async throws(GitHubError) -> [PullRequest] {
    try await list(
      "/pulls?state=open&sort=updated&direction=desc&per_page=100", of: Pull.self, for: .look
    ).map(\.value)
  }

  /// Pull requests from a branch of this repository, the newest first.
  package func pulls(from branch: String) async throws(GitHubError) -> [PullRequest] {
    let head = Self.escaped("\(address.owner):\(branch)")
    return try await list("/pulls?state=all&head=\(head)&per_page=30", of: Pull.self, for: .act, pages: 1)
      .map(\.value).filter { $0.headBranch == branch }
  }

  package func pull(_ number: Int, for purpose: Purpose = .act) async throws(GitHubError) -> PullRequest {
    try await get("\(root)/pulls/\(number)", for: purpose).decode(Pull.self).value
  }

  package func createPull(
    title: String, body: String, head: String, base: String, isDraft: Bool
  ) async throws(GitHubError) -> PullRequest {
    let fields = JSONValue.object([
      .init("title", .string(title)), .init("body", .string(body)), .init("head", .string(head)),
      .init("base", .string(base)), .init("draft", .bool(isDraft)),
    ])
    return try await send("POST", "\(root)/pulls", fields).decode(Pull.self).value
  }

  package func updatePull(
    _ number: Int, title: String? = nil, body: String? = nil, isOpen: Bool? = nil
  ) async throws(GitHubError) -> PullRequest {
    var fields: [JSONValue.Member] = []
    if let title { fields.append(.init("title", .string(title))) }
    if let body { fields.append(.init("body", .string(body))) }
    if let isOpen { fields.append(.init("state", .string(isOpen ? "open" : "closed"))) }
    return try await send("PATCH", "\(root)/pulls/\(number)", .object(fields), isRepeatable: true)
      .decode(Pull.self).value
  }

  /// Adds labels to a pull request or an issue.
  package func addLabels(_ labels: [String], to number: Int) async throws(GitHubError) {
    guard !labels.isEmpty else { return }
    _ = try await send(
      "POST", "\(root)/issues/\(number)/labels", .object([.init("labels", JSONValue(labels))]), isRepeatable: true)
  }

  /// Removes a label; that it is not there is as good.
  package func removeLabel(_ label: String, from number: Int) async throws(GitHubError) {
    do {
      _ = try await send(
        "DELETE", "\(root)/issues/\(number)/labels/\(Self.escaped(label))", isRepeatable: true)
    } catch .notFound { return }
  }

  /// Merges a pull request if its head still is `head`.
  ///
  /// - Returns: The commit that is the tip of the base branch now.
  package func merge(
    _ number: Int, head: String, method: String, title: String, message: String
  ) async throws(GitHubError) -> String {
    struct Merged: Decodable { var sha: String }
    let fields = JSONValue.object([
      .init("sha", .string(head)), .init("merge_method", .string(method)), .init("commit_title", .string(title)),
      .init("commit_message", .string(message)),
    ])
    return try await send("PUT", "\(root)/pulls/\(number)/merge", fields).decode(Merged.self).sha
  }

  /// Merges the base branch into that of a pull request if its head still is `head`. GitHub does it a little later.
  package func updateBranch(_ number: Int, head: String) async throws(GitHubError) {
    _ = try await send(
      "PUT", "\(root)/pulls/\(number)/update-branch", .object([.init("expected_head_sha", .string(head))]),
      isRepeatable: true)
  }

  /// Makes a draft a pull request that can be merged; one that is none stays as it is.
  package func markReady(_ pull: PullRequest) async throws(GitHubError) {
    struct Reply: Decodable {
      struct Trouble: Decodable { var message: String? }
      var errors: [Trouble]?
    }
    guard let id = pull.nodeID else { throw .unreadable("#\(pull.number) has no node_id") }
    let query = "mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) { clientMutationId } }"
    let fields = JSONValue.object([
      .init("query", .string(query)), .init("variables", .object([.init("id", .string(id))])),
    ])
    // Only GraphQL can do this. It says no with a status of 200.
    let reply = try await send("POST", address.graph, fields, isRepeatable: true).decode(Reply.self)
    if let first = reply.errors?.first { throw .refused(status: 200, SafeText.line(first.message ?? "?", limit: 300)) }
  }

  package func reviews(
    of number: Int, for purpose: Purpose = .look
  ) async throws(GitHubError) -> [PullReview] {
    struct Review: Decodable {
      var id: Int
      var state: String
      var user: User?
      var author_association: String?
      var body: String?
      var commit_id: String?
      var html_url: String?
    }
    return try await list("/pulls/\(number)/reviews?per_page=100", of: Review.self, for: purpose).map { review in
      PullReview(
        id: review.id, state: review.state, author: review.user?.login ?? "ghost",
        association: review.author_association ?? "NONE", body: review.body ?? "", commit: review.commit_id ?? "",
        url: review.html_url ?? "")
    }
  }

  package func reviewComments(of number: Int) async throws(GitHubError) -> [ReviewComment] {
    struct Comment: Decodable {
      var id: Int
      var user: User?
      var author_association: String?
      var body: String
      var path: String
      var line: Int?
      var original_line: Int?
      var in_reply_to_id: Int?
      var html_url: String?
    }
    return try await list("/pulls/\(number)/comments?per_page=100", of: Comment.self, for: .look).map { comment in
      ReviewComment(
        id: comment.id, author: comment.user?.login ?? "ghost", association: comment.author_association ?? "NONE",
        body: comment.body, path: comment.path, line: comment.line ?? comment.original_line,
        thread: comment.in_reply_to_id ?? comment.id, url: comment.html_url ?? "")
    }
  }

  /// The comments below a pull request or an issue that belong to no line, without those that we wrote.
  package func conversation(of number: Int) async throws(GitHubError) -> [PlainComment] {
    struct Comment: Decodable {
      var id: Int
      var user: User?
      var author_association: String?
      var body: String?
      var html_url: String?
    }
    return try await list("/issues/\(number)/comments?per_page=100", of: Comment.self, for: .look)
      .filter { !Self.isOurs($0.body ?? "") }
      .map { comment in
        PlainComment(
          id: comment.id, author: comment.user?.login ?? "ghost", association: comment.author_association ?? "NONE",
          body: comment.body ?? "", url: comment.html_url ?? "")
      }
  }

  private struct User: Decodable { var login: String }

  static func escaped(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
        UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.count < 2 ? "0" : "") + digits
      }
    }
    return result
  }
}

extension GitHubClient {
  /// The header that logs git in to the same server.
  package func gitLogin() async throws(GitHubError) -> String {
    let pair = "x-access-token:\(try await token())"
    return "Authorization: Basic \(Data(pair.utf8).base64EncodedString())"
  }
}
