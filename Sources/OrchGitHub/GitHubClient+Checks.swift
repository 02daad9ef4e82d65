import OrchDomain

extension GitHubClient {
  private nonisolated var root: String { "/repos/\(address.repository)" }

  private struct Runs: Decodable {
    struct Run: Decodable {
      struct Output: Decodable {
        var title: String?
        var summary: String?
      }
      struct App: Decodable { var slug: String? }
      var id: Int
      var name: String
      var status: String
      var conclusion: String?
      var details_url: String?
      var output: Output?
      var app: App?
    }
    var check_runs: [Run]
  }

  private struct Combined: Decodable {
    struct Status: Decodable {
      var context: String
      var state: String
      var description: String?
      var target_url: String?
    }
    var statuses: [Status]
  }

  /// Everything that checks a commit but ourselves: check runs, and commit statuses of other services, by their last
  /// word.
  package func checks(of commit: String, for purpose: Purpose = .look) async throws(GitHubError) -> [CommitCheck] {
    try await runs(on: commit, for: purpose).filter { $0.name != ownCheck }
      + (try await statuses(on: commit, for: purpose).filter { $0.name != ownCheck })
  }

  private func runs(on commit: String, for purpose: Purpose) async throws(GitHubError) -> [CommitCheck] {
    var found: [CommitCheck] = []
    var next: String? = "\(root)/commits/\(commit)/check-runs?per_page=100&filter=latest"
    while let page = next, found.count < 1000 {
      let answer = try await get(page, for: purpose)
      found += try answer.decode(Runs.self).check_runs.map { run in
        CommitCheck(
          id: run.id, name: run.name, result: Self.result(status: run.status, conclusion: run.conclusion),
          conclusion: run.conclusion ?? run.status, title: run.output?.title ?? "", summary: run.output?.summary ?? "",
          url: run.details_url ?? "", hasLog: run.app?.slug == "github-actions")
      }
      next = answer.next
    }
    return found
  }

  private func statuses(on commit: String, for purpose: Purpose) async throws(GitHubError) -> [CommitCheck] {
    var found: [CommitCheck] = []
    var next: String? = "\(root)/commits/\(commit)/status?per_page=100"
    while let page = next, found.count < 1000 {
      let answer = try await get(page, for: purpose)
      found += try answer.decode(Combined.self).statuses.map { status in
        CommitCheck(
          id: 0, name: status.context,
          result: status.state == "success" ? .passed : status.state == "pending" ? .pending : .failed,
          conclusion: status.state, title: status.description ?? "", url: status.target_url ?? "")
      }
      next = answer.next
    }
    return found
  }

  private static func result(status: String, conclusion: String?) -> CommitCheck.Result {
    guard status == "completed", let conclusion else { return .pending }
    return ["success", "neutral", "skipped"].contains(conclusion) ? .passed : .failed
  }

  /// The end of what a check of GitHub Actions printed.
  package func logTail(of check: CommitCheck, bytes: Int) async throws(GitHubError) -> String {
    try await tail("\(root)/actions/jobs/\(check.id)/logs", bytes: bytes)
  }

  /// Tells on a commit what our own gate has said, as a check run of the app or as a commit status. What is there
  /// already is not said again, so a lost answer does no harm.
  ///
  /// - Parameter text: A line for people.
  package func tellProof(isGreen: Bool, _ text: String, on commit: String) async throws(GitHubError) {
    guard let name = ownCheck else { return }
    let said = SafeText.line(text, limit: 140)
    do throws(GitHubError) {
      try await tell(name, isGreen ? "success" : "failure", said, on: commit)
    } catch {
      guard error.isTransient else { throw error }
      try await tell(name, isGreen ? "success" : "failure", said, on: commit)
    }
  }

  private func tell(_ name: String, _ word: String, _ said: String, on commit: String) async throws(GitHubError) {
    guard try await isApp() else {
      let mine = try await statuses(on: commit, for: .act).first { $0.name == name }
      if mine?.title == said, mine?.conclusion == word { return }
      let fields = JSONValue.object([
        .init("state", .string(word)), .init("context", .string(name)), .init("description", .string(said)),
      ])
      _ = try await send("POST", "\(root)/statuses/\(commit)", fields)
      return
    }
    let mine = try await runs(on: commit, for: .act).first { $0.name == name }
    if mine?.title == said, mine?.conclusion == word { return }
    var fields: [JSONValue.Member] = [
      .init("status", "completed"), .init("conclusion", .string(word)),
      .init("output", .object([.init("title", .string(said)), .init("summary", .string(said))])),
    ]
    if let mine {
      _ = try await send("PATCH", "\(root)/check-runs/\(mine.id)", .object(fields), isRepeatable: true)
    } else {
      fields += [.init("name", .string(name)), .init("head_sha", .string(commit))]
      _ = try await send("POST", "\(root)/check-runs", .object(fields))
    }
  }
}
