import Foundation
import OrchDomain
import OrchWeb
import Synchronization
import Testing

@testable import OrchGitHub

/// What is told on GitHub of our own gate.
@Suite struct ProofTests {
  private struct Said { var statuses: [String] = [], runs: [String] = [], posts = 0 }

  @Test("With a person's token it is a commit status, said once, whatever answers are lost; it is no check to us")
  func status() async throws {
    let said = Mutex(Said())
    let world = ManualWorld { call, _ throws(HTTPFailure) in
      if call.method == "POST", call.url.contains("/statuses/") {
        let count = said.withLock { said in
          said.statuses.append(String(decoding: call.body ?? [], as: UTF8.self))
          said.posts += 1
          return said.posts
        }
        if count == 1 { throw .unreachable("lost") }
        return HTTPAnswer(201)
      }
      if call.url.contains("/check-runs") { return HTTPAnswer(200, #"{"check_runs":[]}"#) }
      let all = said.withLock { $0.statuses.joined(separator: ",") }
      return HTTPAnswer(200, #"{"statuses":[\#(all)]}"#)
    }
    let client = try world.client(ownCheck: "ours")
    for _ in 0..<2 { try await client.tellProof(isGreen: true, "passed", on: "abc") }
    #expect(said.withLock { $0.posts } == 1)
    #expect(try await client.checks(of: "abc") == [])
    try await client.tellProof(isGreen: false, "red", on: "abc")
    #expect(said.withLock { $0.statuses.last?.contains(#""state":"failure""#) } == true)
    let other = try world.client()
    #expect(try await other.checks(of: "abc").map(\.name) == ["ours", "ours"], "only what carries our name is ours")
    try await other.tellProof(isGreen: true, "passed", on: "abc")
    #expect(said.withLock { $0.posts } == 2, "without a name nothing is said")
  }

  @Test("An app makes a check run, and says the next thing in the same one")
  func checkRun() async throws {
    let said = Mutex(Said())
    let world = ManualWorld { call, _ throws(HTTPFailure) in
      if call.url.hasSuffix("/installation") { return HTTPAnswer(200, #"{"id":7}"#) }
      if call.url.hasSuffix("/access_tokens") {
        return HTTPAnswer(201, #"{"token":"ghs_1","expires_at":"2099-01-15T09:00:00Z"}"#)
      }
      if call.method == "GET" {
        let all = said.withLock { $0.runs.joined(separator: ",") }
        return HTTPAnswer(200, #"{"check_runs":[\#(all)]}"#)
      }
      let body = String(decoding: call.body ?? [], as: UTF8.self)
      let word = body.contains("success") ? "success" : "failure"
      let title = body.contains("passed") ? "passed" : "red"
      said.withLock { said in
        said.posts += call.method == "POST" ? 1 : 0
        said.runs = [
          #"{"id":5,"name":"ours","status":"completed","conclusion":"\#(word)","output":{"title":"\#(title)"}}"#
        ]
      }
      if call.method == "POST" { throw .unreachable("lost") }
      return HTTPAnswer(200)
    }
    let app = TokenSource(environment: [:], app: GitHubApp(id: "42", key: AppTests.key))
    let client = try world.client(tokens: app, ownCheck: "ours")
    for _ in 0..<2 { try await client.tellProof(isGreen: true, "passed", on: "abc") }
    try await client.tellProof(isGreen: false, "red", on: "abc")
    #expect(said.withLock { $0.posts } == 1, "one run, whatever was lost")
    #expect(world.calls.last?.method == "PATCH" && world.calls.last?.url.hasSuffix("/check-runs/5") == true)
  }

  @Test("GraphQL is beside the API, and says no with a status of 200")
  func graph() async throws {
    for (api, graph) in [
      ("https://api.github.com", "https://api.github.com/graphql"),
      ("https://ghe.example.com/api/v3", "https://ghe.example.com/api/graphql"),
    ] { #expect(try GitHubAddress(api: api, repository: "a/b").graph == graph) }
    let world = ManualWorld { _, _ in HTTPAnswer(200, #"{"errors":[{"message":"no\u001b"}]}"#) }
    var pull = PullRequest(
      number: 1, url: "", title: "", body: "", isOpen: true, isMerged: false, isDraft: true, head: "", headBranch: "",
      baseBranch: "", labels: [], updatedAt: "")
    pull.nodeID = "PR_1"
    let client = try world.client()
    await #expect(throws: GitHubError.refused(status: 200, "no\\u{1b}")) { try await client.markReady(pull) }
  }

  @Test("A comment is ours by the mark at its end, and not by being quoted")
  func marks() {
    #expect(GitHubClient.isOurs("Why.\n\n<!-- claude-orch:refused-1 -->"))
    #expect(GitHubClient.isOurs("Why.\r\n<!-- claude-orch:refused-1 -->\r\n"))
    #expect(!GitHubClient.isOurs("<!-- claude-orch:refused-1 -->\nI do not think so."))
    #expect(!GitHubClient.isOurs(""))
  }
}
