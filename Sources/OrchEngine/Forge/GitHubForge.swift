import OrchConfig
import OrchDomain
import OrchGit
import OrchGitHub
import OrchStore

/// Changes as pull requests; the base branch on GitHub is the one that counts, and the one here follows it.
struct GitHubForge: Forge {
  let project: OpenProject
  let connection: GitHubConnection

  var kind: ForgeSettings.Kind { .github }
  var patience: Duration { min(.seconds(20), settings.pollInterval) }

  var client: GitHubClient { connection.client }
  var settings: ForgeSettings { project.settings.forge }
  var trunk: SharedBase { SharedBase(project: project, connection: connection) }

  // MARK: Publishing

  func publish(_ draft: ChangeDraft) async throws -> PublishedChange {
    try await translated {
      try await trunk.bringTogether()
      try await trunk.checkNothingUnpublished(in: draft.head)
      try await push(draft.head, to: draft.branch)
      let pull = try await openPull(draft)
      if let tree = draft.testedTree {
        await tellProof(isGreen: true, "The gate has passed on tree \(tree.prefix(12))", on: draft.head)
      }
      try await setLabels(draft.verdict, on: pull)
      return PublishedChange(forge: .github, number: pull.number, url: pull.url)
    }
  }

  /// Puts the head where the pull request takes it from. Only commits of ours are ever replaced there.
  func push(_ head: String, to branch: String) async throws {
    let login = try await client.gitLogin()
    for _ in 0..<3 {
      let there = try await connection.remote.tip(of: branch, login: login)
      if there == head { return }
      if let there, try await !isOurs(there, branch, below: head) {
        throw ForgeTrouble.person(
          "branch '\(branch)' on GitHub has commits of somebody else (\(there.prefix(12))); merge them into "
            + "'\(branch)' here, or delete the branch there, then resume")
      }
      // Noted first: a push whose answer is lost is known to be ours.
      try await note(head, of: branch)
      switch try await connection.remote.push(head, to: branch, expecting: there, login: login) {
      case .pushed: return
      case .raced: continue
      case .refused(let reason):
        throw ForgeTrouble.person("GitHub refuses the push of '\(branch)': \(reason)")
      }
    }
    throw ForgeTrouble.later(
      "branch '\(branch)' on GitHub keeps moving", until: project.clock.now().advanced(by: .seconds(60)))
  }

  /// Whether what is on GitHub was pushed by us, or is part of what is pushed now.
  private func isOurs(_ tip: String, _ branch: String, below head: String) async throws -> Bool {
    if try await wasPushed(tip, to: branch) { return true }
    guard try await project.repository.commitID(ofRef: tip) != nil else { return false }
    return try await project.repository.isAncestor(tip, of: head)
  }

  func wasPushed(_ head: String, to branch: String) async throws -> Bool {
    try await project.repository.commitID(ofRef: pushedRef(head, of: branch)) != nil
  }

  /// Keeps every head that was ever pushed, also those that a later one replaced.
  private func note(_ head: String, of branch: String) async throws {
    let ref = pushedRef(head, of: branch)
    guard try await project.repository.commitID(ofRef: ref) == nil else { return }
    try await project.repository.updateRef(ref, to: head, expecting: nil, message: "claude-orch: push \(branch)")
  }

  private func pushedRef(_ head: String, of branch: String) -> String { "refs/orch/pushed/\(branch)/\(head)" }

  /// Finds the open pull request of the branch, or makes it; an answer that is lost is found by the next look.
  private func openPull(_ draft: ChangeDraft) async throws -> PullRequest {
    let known = try project.unfinishedChange(of: draft.task)?.forgeNumber
    var lost: GitHubError?
    for _ in 0..<3 {
      let all = try await client.pulls(from: draft.branch)
      if let known = all.first(where: { $0.number == known && $0.isOpen }) { try checkAim(known) }
      let pulls = all.filter { $0.baseBranch == project.baseBranch }
      if let open = pulls.first(where: \.isOpen) {
        if open.title == draft.title, open.body == draft.body { return open }
        return try await client.updatePull(open.number, title: draft.title, body: draft.body)
      }
      if let known, pulls.contains(where: { $0.number == known && !$0.isMerged }) {
        throw ForgeTrouble.closed("pull request #\(known) was closed on GitHub by a person")
      }
      do throws(GitHubError) {
        return try await client.createPull(
          title: draft.title, body: draft.body, head: draft.branch, base: project.baseBranch, isDraft: settings.draft)
      } catch {
        // It may be there all the same: look again before it is asked for once more.
        switch error {
        case .unreachable, .server, .unreadable: lost = error
        case .refused(status: 422, let text) where text.contains("already exists"): lost = error
        default: throw error
        }
      }
    }
    throw lost ?? GitHubError.unreachable("no pull request could be made")
  }

  /// Labels that we set and take away.
  private static let labels: Set<String> = ["needs-human-review", "security", "architecture", "database", "auto-merge"]

  private func setLabels(_ verdict: Verdict, on pull: PullRequest) async throws {
    var wanted: Set<String> = verdict.needsHuman ? ["needs-human-review"] : ["auto-merge"]
    switch verdict.category {
    case .security: wanted.insert("security")
    case .architecture: wanted.insert("architecture")
    case .migrations: wanted.insert("database")
    case .routine: break
    }
    let there = Set(pull.labels)
    for label in Self.labels.subtracting(wanted).intersection(there).sorted() {
      try await client.removeLabel(label, from: pull.number)
    }
    try await client.addLabels(wanted.subtracting(there).sorted(), to: pull.number)
  }

  /// What a person has to put right when git gets no answer; nil when it may work by itself later.
  private static func refusal(_ message: String) -> String? {
    if message.contains("redirect") { return "name its new place in [forge] repo" }
    let words = ["returned error: 401", "returned error: 403", "Authentication failed", "could not read Username"]
    return words.contains(where: message.contains) ? "give the token the right to read and write contents" : nil
  }

  /// What a trouble of GitHub's means for a task.
  func translated<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
      return try await body()
    } catch let error as GitHubError {
      throw project.trouble(error)
    } catch let error as GitError {
      if case .command(_, _, let message) = error {
        if let reason = Self.refusal(message) { throw ForgeTrouble.person("\(error); \(reason)") }
        throw ForgeTrouble.later("\(error)", until: project.clock.now().advanced(by: .seconds(30)))
      }
      throw error
    }
  }
}

extension OpenProject {
  func trouble(_ error: GitHubError) -> ForgeTrouble {
    switch error {
    case .limited(let until, _): .later("\(error)", until: until)
    // Half an answer is as good as none; the next one may be whole.
    case .unreadable: .later("\(error)", until: clock.now().advanced(by: .seconds(60)))
    case _ where error.isTransient: .later("\(error)", until: clock.now().advanced(by: .seconds(30)))
    default: .person("\(error)")
    }
  }
}

extension Change {
  /// For people.
  var name: String { forgeNumber.map { "pull request #\($0)" } ?? "change \(number)" }
}
