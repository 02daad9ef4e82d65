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
  private var settings: ForgeSettings { project.settings.forge }
  private var trunk: SharedBase { SharedBase(project: project, connection: connection) }

  // MARK: Publishing

  func publish(_ draft: ChangeDraft) async throws -> PublishedChange {
    try await translated {
      try await trunk.bringTogether()
      try await trunk.checkNothingUnpublished(in: draft.head)
      try await push(draft)
      let pull = try await openPull(draft)
      try await setLabels(draft.verdict, on: pull)
      return PublishedChange(forge: .github, number: pull.number, url: pull.url)
    }
  }

  /// Puts the head where the pull request takes it from. Only commits of ours are ever replaced there.
  private func push(_ draft: ChangeDraft) async throws {
    let login = try await client.gitLogin()
    for _ in 0..<3 {
      let there = try await connection.remote.tip(of: draft.branch, login: login)
      if there == draft.head { return }
      if let there, try await !isOurs(there, draft) {
        throw ForgeTrouble.person(
          "branch '\(draft.branch)' on GitHub has commits of somebody else (\(there.prefix(12))); merge them into "
            + "'\(draft.branch)' here, or delete the branch there, then resume")
      }
      // Noted first: a push whose answer is lost is known to be ours.
      try await note(draft.head, of: draft.branch)
      switch try await connection.remote.push(draft.head, to: draft.branch, expecting: there, login: login) {
      case .pushed: return
      case .raced: continue
      case .refused(let reason):
        throw ForgeTrouble.person("GitHub refuses the push of '\(draft.branch)': \(reason)")
      }
    }
    throw ForgeTrouble.later(
      "branch '\(draft.branch)' on GitHub keeps moving", until: project.clock.now().advanced(by: .seconds(60)))
  }

  /// Whether what is on GitHub was pushed by us, or is part of what is pushed now.
  private func isOurs(_ tip: String, _ draft: ChangeDraft) async throws -> Bool {
    let repository = project.repository
    if try await repository.commitID(ofRef: pushedRef(tip, of: draft.branch)) != nil { return true }
    guard try await repository.commitID(ofRef: tip) != nil else { return false }
    return try await repository.isAncestor(tip, of: draft.head)
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
      let pulls = try await client.pulls(from: draft.branch).filter { $0.baseBranch == project.baseBranch }
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
        case .unreachable, .server: lost = error
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

  // MARK: Landing

  func base() async throws -> String { try await translated { try await trunk.bringTogether() } }

  func hold(on change: Change) async throws -> String? {
    try await translated {
      let checks = try await client.checks(of: change.headCommit, for: .act)
      if let red = checks.first(where: { $0.result == .failed }) {
        return "check '\(SafeText.line(red.name, limit: 80))' of \(change.name) is red on GitHub"
      }
      if let open = checks.first(where: { $0.result == .pending }) {
        return "check '\(SafeText.line(open.name, limit: 80))' of \(change.name) is under way on GitHub"
      }
      let age = project.clock.now().since(change.updatedAt)
      if checks.isEmpty, age < settings.checksGrace { return "the checks of \(change.name) have not begun on GitHub" }
      return nil
    }
  }

  func land(_ change: Change, commit: String, from base: String) async throws -> LandingStep {
    try await connection.baseLock.run { try await landAlone(change, from: base) }
  }

  private func landAlone(_ change: Change, from base: String) async throws -> LandingStep {
    try await translated {
      guard let number = change.forgeNumber else {
        throw ForgeTrouble.person("the change has no pull request; `claude-orch retry \(change.task)`")
      }
      let pull = try await client.pull(number)
      if pull.isMerged {
        let step = try await landed(pull)
        // A person has merged it before what was tested was made: the tested tree is that of the base itself.
        guard case .moved(let merged) = step, try await project.repository.isAncestor(merged, of: base) else {
          return step
        }
        return .moved(commit: base)
      }
      try check(pull, change)
      // GitHub pins the head, not the base: what is tested has to be what GitHub merges with.
      let login = try await client.gitLogin()
      guard try await connection.remote.tip(of: project.baseBranch, login: login) == base else { return .raced }
      let sha: String
      do throws(GitHubError) {
        sha = try await client.merge(
          number, head: change.headCommit, method: project.settings.landing.strategy.rawValue,
          title: "\(change.title) (#\(number))", message: change.body)
      } catch {
        switch error {
        case .refused(status: 405, let text): return .waiting("\(change.name) cannot be merged on GitHub: \(text)")
        case .refused(status: 409, _): return .raced
        case .unreachable, .server:
          // The merge may have been made: only GitHub knows.
          let after = try await client.pull(number)
          guard after.isMerged else { return .waiting("\(error)") }
          return try await landed(after)
        default: throw error
        }
      }
      project.crashPoints.reached(.baseMoved)
      return try await follow(to: sha)
    }
  }

  private func check(_ pull: PullRequest, _ change: Change) throws {
    guard pull.isOpen else {
      throw ForgeTrouble.closed("pull request #\(pull.number) was closed on GitHub by a person")
    }
    guard pull.head == change.headCommit else {
      throw ForgeTrouble.person(
        "\(change.name) has commits on GitHub that were not tested here (\(pull.head.prefix(12))); "
          + "take them over, or `claude-orch pr reject \(change.task)`")
    }
    guard !pull.isDraft else { throw ForgeTrouble.person("\(change.name) is a draft on GitHub; mark it as ready") }
  }

  func landedCommit(of change: Change) async throws -> String? {
    try await translated {
      guard let number = change.forgeNumber else { return nil }
      let pull = try await client.pull(number)
      guard pull.isMerged, case .moved(let commit) = try await landed(pull) else { return nil }
      return commit
    }
  }

  private func landed(_ pull: PullRequest) async throws -> LandingStep {
    guard let commit = pull.mergeCommit else { return .waiting("GitHub does not say how #\(pull.number) was merged") }
    return try await follow(to: commit)
  }

  /// Lets the base branch here follow to a commit that is on the one there.
  private func follow(to commit: String) async throws -> LandingStep {
    if let reason = try await trunk.follow() { return .waiting(reason) }
    return .moved(commit: commit)
  }

  func tidy(_ change: Change) async {
    do {
      if settings.deleteBranch { try await client.deleteBranch(change.branch) }
      try await IssueClosing(project: project, client: client).closeIfDone(after: change.task)
    } catch {
      project.observer(.diagnostic("\(change.task) has landed, and what is left on GitHub stays: \(error)"))
    }
  }

  /// What a trouble of GitHub's means for a task.
  private func translated<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
      return try await body()
    } catch let error as GitHubError {
      throw project.trouble(error)
    } catch let error as GitError {
      if case .command = error {
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
    case _ where error.isTransient: .later("\(error)", until: clock.now().advanced(by: .seconds(30)))
    default: .person("\(error)")
    }
  }
}

extension Change {
  /// For people.
  var name: String { forgeNumber.map { "pull request #\($0)" } ?? "change \(number)" }
}
