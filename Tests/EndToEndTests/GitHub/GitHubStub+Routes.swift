import Foundation

extension GitHubStub {
  private var root: String { "/repos/acme/app" }

  func routes(_ request: HTTPServer.Request) -> HTTPServer.Response {
    if request.path.hasSuffix("/access_tokens") { return drawToken() }
    if request.path == "\(root)/installation" { return json(200, ["id": 7]) }
    guard let fields = Self.fields(request.body) else {
      violate("a body that is no JSON object: \(request.method) \(request.path)")
      return json(400, ["message": "Problems parsing JSON"])
    }
    if request.path == "/graphql" { return graph(fields) }
    guard request.path.hasPrefix(root + "/") else { return json(404, ["message": "Not Found"]) }
    refresh()
    let parts = request.path.dropFirst(root.count + 1).split(separator: "/").map(String.init)
    let number = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    switch (request.method, parts[0], parts.count) {
    case ("GET", "pulls", 1): return list(request)
    case ("POST", "pulls", 1): return create(fields)
    case ("GET", "pulls", 2): return one(number)
    case ("PATCH", "pulls", 2): return update(number, fields)
    case ("PUT", "pulls", 3) where parts[2] == "merge": return merge(number, fields)
    case ("GET", "pulls", 3) where parts[2] == "reviews":
      return json(200, state.withLock { $0.pulls[number]?.reviews ?? [] })
    case ("GET", "pulls", 3) where parts[2] == "comments":
      return json(200, state.withLock { $0.pulls[number]?.comments ?? [] })
    case ("GET", "commits", 3) where parts[2] == "check-runs":
      let runs = state.withLock { $0.checks[parts[1]] ?? [] }
      return json(200, ["total_count": runs.count, "check_runs": runs])
    case ("GET", "commits", 3) where parts[2] == "status":
      let all = state.withLock { $0.statuses[parts[1]] ?? [] }
      let last = Dictionary(all.map { ($0["context"] as? String ?? "", $0) }) { _, new in new }
      return json(200, ["state": "pending", "statuses": Array(last.values), "total_count": last.count])
    case ("POST", "statuses", 2):
      guard fields["state"] is String, fields["context"] is String else {
        violate("a status without state or context")
        return json(422, ["message": "Validation Failed"])
      }
      state.withLock { $0.statuses[parts[1], default: []].append(fields) }
      return json(201, fields)
    case ("PUT", "pulls", 3) where parts[2] == "update-branch": return updateBranch(number, fields)
    case ("GET", "actions", 4):
      return HTTPServer.Response(status: 200, body: Data("step one\nlog of job \(parts[2]): assertion failed\n".utf8))
    case ("DELETE", "git", _):
      let branch = parts.dropFirst(3).joined(separator: "/")
      guard tip(branch) != nil else { return json(422, ["message": "Reference does not exist"]) }
      _ = git("update-ref", "-d", "refs/heads/\(branch)")
      return HTTPServer.Response(status: 204)
    case (_, "issues", _): return issues(request, parts, number, fields)
    default:
      violate("unknown call \(request.method) \(request.path)")
      return json(404, ["message": "Not Found"])
    }
  }

  /// - Returns: Nil for a body that is there and is no object.
  private static func fields(_ body: Data) -> [String: Any]? {
    if body.isEmpty { return [:] }
    do { return try JSONSerialization.jsonObject(with: body) as? [String: Any] } catch { return nil }
  }

  private func drawToken() -> HTTPServer.Response {
    let token = state.withLock { state -> String in
      state.drawn += 1
      state.tokens.insert("ghs_drawn\(state.drawn)")
      return "ghs_drawn\(state.drawn)"
    }
    return json(201, ["token": token, "expires_at": "2099-01-01T00:00:00Z"])
  }

  /// Pull requests follow the real refs.
  private func refresh() {
    for number in state.withLock({ Array($0.pulls.keys) }) {
      guard let pull = state.withLock({ $0.pulls[number] }), pull.state == "open" else { continue }
      let head = tip(pull.head)
      state.withLock { state in
        if let head, head != pull.headSHA {
          state.pulls[number]?.headSHA = head
          state.pulls[number]?.changes += 1
          state.pulls[number]?.isStale = true
        } else if head == nil {
          state.pulls[number]?.state = "closed"
        }
      }
      if let head { runAutomatic(pull.head, head) }
    }
  }

  private func runAutomatic(_ branch: String, _ head: String) {
    state.withLock { state in
      for (suffix, conclusion) in state.automatic where branch.hasSuffix(suffix) && state.checks[head] == nil {
        state.ids += 1
        // Red only for the first head of a branch.
        let isLater = state.checks.values.joined().contains { $0["branch"] as? String == branch }
        state.checks[head] = [
          Self.check(
            state.ids, "build", isLater ? "success" : conclusion == "pending" ? nil : conclusion, branch)
        ]
      }
    }
  }

  static func check(_ id: Int, _ name: String, _ conclusion: String?, _ branch: String = "") -> [String: Any] {
    [
      "id": id, "name": name, "status": conclusion == nil ? "in_progress" : "completed",
      "conclusion": conclusion ?? NSNull(), "details_url": "https://example.invalid/\(id)", "branch": branch,
      "app": ["slug": "github-actions"], "output": ["title": "\(name) says no", "summary": NSNull()],
    ]
  }

  private func shown(_ pull: Pull, whole: Bool) -> [String: Any] {
    var result: [String: Any] = [
      "number": pull.number, "node_id": "PR_\(pull.number)", "html_url": "\(url)/acme/app/pull/\(pull.number)",
      "title": pull.title,
      "body": pull.body, "state": pull.state, "draft": pull.isDraft,
      "merged_at": pull.isMerged ? "2026-01-01T00:00:00Z" : NSNull(), "merge_commit_sha": pull.mergeCommit ?? NSNull(),
      "updated_at": "state \(pull.changes)", "labels": pull.labels.map { ["name": $0] },
      "head": ["ref": pull.head, "sha": pull.headSHA], "base": ["ref": pull.base, "sha": tip(pull.base) ?? ""],
    ]
    if whole {
      result["merged"] = pull.isMerged
      result["mergeable_state"] = pull.isStale ? "unknown" : isBehind(pull) ? "behind" : "clean"
      state.withLock { $0.pulls[pull.number]?.isStale = false }
    }
    return result
  }

  private func list(_ request: HTTPServer.Request) -> HTTPServer.Response {
    let wanted = request.query["state"] ?? "open"
    let head = request.query["head"].map { String($0.split(separator: ":").last ?? "") }
    let pulls = state.withLock { $0.pulls.values.sorted { $0.number > $1.number } }
    let found = pulls.filter { (wanted == "all" || $0.state == wanted) && (head == nil || $0.head == head) }
    return json(200, found.map { shown($0, whole: false) })
  }

  private func one(_ number: Int) -> HTTPServer.Response {
    guard let pull = state.withLock({ $0.pulls[number] }) else { return json(404, ["message": "Not Found"]) }
    return json(200, shown(pull, whole: true))
  }

  private func create(_ fields: [String: Any]) -> HTTPServer.Response {
    guard let title = fields["title"] as? String, let head = fields["head"] as? String,
      let base = fields["base"] as? String
    else {
      violate("a pull request without title, head or base")
      return json(422, ["message": "Validation Failed"])
    }
    guard let sha = tip(head), tip(base) != nil else {
      return json(422, ["message": "Validation Failed", "errors": [["field": "head", "code": "invalid"]]])
    }
    if Self.git(["merge-base", "--is-ancestor", sha, base], in: repository).code == 0 {
      return json(
        422, ["message": "Validation Failed", "errors": [["message": "No commits between \(base) and \(head)"]]])
    }
    let number = state.withLock { state -> Int? in
      if state.pulls.values.contains(where: { $0.state == "open" && $0.head == head && $0.base == base }) {
        return nil
      }
      state.count += 1
      state.pulls[state.count] = Pull(
        number: state.count, title: title, body: fields["body"] as? String ?? "", head: head, base: base,
        headSHA: sha, isDraft: fields["draft"] as? Bool ?? false)
      return state.count
    }
    guard let number else {
      return json(
        422,
        [
          "message": "Validation Failed",
          "errors": [["message": "A pull request already exists for acme:\(head)."]],
        ])
    }
    runAutomatic(head, sha)
    var answer = one(number)
    answer.status = 201
    return answer
  }

  private func update(_ number: Int, _ fields: [String: Any]) -> HTTPServer.Response {
    state.withLock { state in
      if let title = fields["title"] as? String { state.pulls[number]?.title = title }
      if let body = fields["body"] as? String { state.pulls[number]?.body = body }
      if let new = fields["state"] as? String { state.pulls[number]?.state = new }
      state.pulls[number]?.changes += 1
    }
    return one(number)
  }

  func merge(_ number: Int, _ fields: [String: Any]) -> HTTPServer.Response {
    state.withLock { $0.beforeMerge }?()
    guard let pull = state.withLock({ $0.pulls[number] }), let base = tip(pull.base) else {
      return json(404, ["message": "Not Found"])
    }
    if fields["sha"] == nil { violate("a merge whose head is not pinned") }
    guard pull.state == "open" else { return json(405, ["message": "Pull Request is not mergeable"]) }
    guard !pull.isDraft else { return json(405, ["message": "Pull Request is still a draft"]) }
    guard fields["sha"] as? String == pull.headSHA else { return json(409, ["message": "Head branch was modified."]) }
    let checks = state.withLock { $0.checks[pull.headSHA] ?? [] }
    for name in state.withLock({ $0.required }) {
      guard checks.contains(where: { $0["name"] as? String == name && $0["conclusion"] as? String == "success" })
      else { return json(405, ["message": "Required status check \"\(name)\" is expected."]) }
    }
    guard !isBehind(pull) else { return json(405, ["message": "Head branch is not up to date with the base branch"]) }
    let tree = Self.git(["merge-tree", "--write-tree", base, pull.headSHA], in: repository)
    guard tree.code == 0 else { return json(405, ["message": "Pull Request is not mergeable"]) }
    var commit: String
    if fields["merge_method"] as? String == "rebase" {
      guard let tip = replay(pull.headSHA, onto: base) else {
        return json(405, ["message": "This branch can't be rebased"])
      }
      commit = tip
    } else {
      var arguments = ["commit-tree", tree.text, "-p", base]
      if fields["merge_method"] as? String != "squash" { arguments += ["-p", pull.headSHA] }
      commit = Self.git(arguments + ["-m", fields["commit_title"] as? String ?? ""], in: repository).text
    }
    guard Self.git(["update-ref", "refs/heads/\(pull.base)", commit, base], in: repository).code == 0 else {
      return json(409, ["message": "Base branch was modified."])
    }
    state.withLock { state in
      state.pulls[number]?.state = "closed"
      state.pulls[number]?.isMerged = true
      state.pulls[number]?.mergeCommit = commit
      state.merges += 1
    }
    return json(200, ["sha": commit, "merged": true, "message": "Pull Request successfully merged"])
  }

  private func issues(
    _ request: HTTPServer.Request, _ parts: [String], _ number: Int, _ fields: [String: Any]
  ) -> HTTPServer.Response {
    if parts.count >= 3, parts[2] == "labels" {
      return state.withLock { state in
        let isPull = state.pulls[number] != nil
        var labels =
          isPull
          ? state.pulls[number]?.labels ?? []
          : (state.issues[number]?["labels"] as? [[String: String]] ?? []).compactMap { $0["name"] }
        if request.method == "POST" {
          for label in fields["labels"] as? [String] ?? [] where !labels.contains(label) { labels.append(label) }
        } else if request.method == "DELETE" {
          guard labels.contains(parts[3]) else { return json(404, ["message": "Label does not exist"]) }
          labels.removeAll { $0 == parts[3] }
        }
        if isPull {
          state.pulls[number]?.labels = labels
        } else {
          state.issues[number]?["labels"] = labels.map { ["name": $0] }
        }
        return json(200, labels.map { ["name": $0] })
      }
    }
    if parts.count == 3, parts[2] == "comments" {
      return state.withLock { state in
        if let pull = state.pulls[number] { return json(200, pull.conversation) }
        var comments = state.issues[number]?["kept"] as? [[String: Any]] ?? []
        if request.method == "POST" {
          comments.append(["id": comments.count + 1, "body": fields["body"] as? String ?? ""])
          state.issues[number]?["kept"] = comments
          return json(201, comments[comments.count - 1])
        }
        return json(200, comments)
      }
    }
    if parts.count == 1 {
      let label = request.query["labels"] ?? ""
      let all = state.withLock { state in state.issues.keys.sorted().compactMap { state.issues[$0] } }
      return json(
        200,
        all.filter { issue in
          issue["state"] as? String == "open"
            && (issue["labels"] as? [[String: String]] ?? []).contains { $0["name"] == label }
        }.map { $0.filter { $0.key != "kept" } })
    }
    if request.method == "PATCH" {
      state.withLock { state in for (key, value) in fields { state.issues[number]?[key] = value } }
    }
    guard let issue = state.withLock({ $0.issues[number] }) else { return json(404, ["message": "Not Found"]) }
    return json(200, issue.filter { $0.key != "kept" })
  }
}
