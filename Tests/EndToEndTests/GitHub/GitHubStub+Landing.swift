import Foundation

// What GitHub does on the way to a merge.
extension GitHubStub {
  func isBehind(_ pull: Pull) -> Bool {
    guard state.withLock({ $0.isStrict }), let base = tip(pull.base) else { return false }
    return Self.git(["merge-base", "--is-ancestor", base, pull.headSHA], in: repository).code != 0
  }

  func updateBranch(_ number: Int, _ fields: [String: Any]) -> HTTPServer.Response {
    guard let pull = state.withLock({ $0.pulls[number] }), let base = tip(pull.base) else {
      return json(404, ["message": "Not Found"])
    }
    if fields["expected_head_sha"] == nil { violate("an update whose head is not pinned") }
    guard fields["expected_head_sha"] as? String == pull.headSHA else {
      return json(422, ["message": "expected head sha didn’t match current head ref."])
    }
    let tree = Self.git(["merge-tree", "--write-tree", pull.headSHA, base], in: repository)
    guard tree.code == 0 else { return json(422, ["message": "merge conflict between base and head"]) }
    let commit = Self.git(
      ["commit-tree", tree.text, "-p", pull.headSHA, "-p", base, "-m", "Merge branch '\(pull.base)'"], in: repository)
    Self.git(["update-ref", "refs/heads/\(pull.head)", commit.text, pull.headSHA], in: repository)
    state.withLock { $0.updates += 1 }
    return json(202, ["message": "Updating pull request branch."])
  }

  func graph(_ fields: [String: Any]) -> HTTPServer.Response {
    let query = fields["query"] as? String ?? ""
    let id = (fields["variables"] as? [String: Any])?["id"] as? String ?? ""
    guard query.contains("markPullRequestReadyForReview"), let number = Int(id.dropFirst(3)) else {
      violate("unknown query \(query)")
      return json(200, ["errors": [["message": "Parse error"]]])
    }
    state.withLock { state in
      state.pulls[number]?.isDraft = false
      state.readied += 1
    }
    return json(200, ["data": ["markPullRequestReadyForReview": ["clientMutationId": NSNull()]]])
  }

  /// The commits of a branch on top of the base; nil when they do not apply one by one.
  func replay(_ head: String, onto base: String) -> String? {
    var tip = base
    let list = Self.git(["rev-list", "--reverse", "--no-merges", head, "^\(base)"], in: repository).text
    for commit in list.split(separator: "\n").map(String.init) {
      let seat = Self.git(["commit-tree", "\(tip)^{tree}", "-p", "\(commit)^", "-m", "x"], in: repository).text
      let tree = Self.git(["merge-tree", "--write-tree", seat, commit], in: repository)
      guard tree.code == 0 else { return nil }
      tip = Self.git(["commit-tree", tree.text, "-p", tip, "-m", "Replay"], in: repository).text
    }
    return tip
  }
}
