import OrchConfig
import OrchDomain
import OrchGit
import OrchGitHub
import OrchStore

// How a pull request gets onto the base branch.
extension GitHubForge {
  func base() async throws -> String { try await translated { try await trunk.bringTogether() } }

  func hold(on change: Change) async throws -> LandingHold? {
    try await translated {
      guard let number = change.forgeNumber else { return nil }
      let pull = try await client.pull(number)
      // What a person has merged is found out, and proven, where it would be merged.
      guard !pull.isMerged else { return nil }
      return try await hold(on: change, pull)
    }
  }

  /// - Parameter pull: As it is now, open or closed.
  private func hold(on change: Change, _ pull: PullRequest) async throws -> LandingHold? {
    guard pull.isOpen else {
      throw ForgeTrouble.closed("pull request #\(pull.number) was closed on GitHub by a person")
    }
    let base = project.baseBranch
    try checkAim(pull)
    if pull.head != change.headCommit {
      if try await wasPushed(pull.head, to: change.branch),
        try await project.repository.isAncestor(pull.head, of: change.headCommit)
      {
        return LandingHold(reason: "\(change.name) still stands on \(pull.head.prefix(12)) on GitHub", passes: true)
      }
      guard try await takeOver(pull.head, change) else {
        throw ForgeTrouble.person(
          "\(change.name) has commits on GitHub that were not tested here (\(pull.head.prefix(12))); "
            + "take them over, or `claude-orch pr reject \(change.task)`")
      }
      return LandingHold(
        reason: "\(change.name) was brought up to date with '\(base)'; its checks come next", passes: true)
    }
    if pull.mergeableState == "behind", try await bringUpToDate(change, pull) {
      return LandingHold(reason: "\(change.name) is being brought up to date with '\(base)' on GitHub", passes: true)
    }
    let checks = try await client.checks(of: change.headCommit, for: .act)
    if let red = checks.first(where: { $0.result == .failed }) {
      return LandingHold(reason: "check '\(SafeText.line(red.name, limit: 80))' of \(change.name) is red on GitHub")
    }
    if let open = checks.first(where: { $0.result == .pending }) {
      return LandingHold(
        reason: "check '\(SafeText.line(open.name, limit: 80))' of \(change.name) is under way on GitHub")
    }
    // Who asked for changes looks at what came of it, unless a person here has approved that.
    if change.approvedBy == nil, let number = change.forgeNumber,
      let person = ChangeObserver.objector(
        try await client.reviews(of: number, for: .act), ChangeObserver.Policy(settings))
    {
      return LandingHold(
        reason:
          "\(SafeText.line(person, limit: 60)) has requested changes of \(change.name); it lands when they approve it "
          + "or dismiss their review on GitHub, or with `claude-orch pr approve \(change.task)`")
    }
    let age = project.clock.now().since(change.updatedAt)
    if checks.isEmpty, age < settings.checksGrace {
      return LandingHold(reason: "the checks of \(change.name) have not begun on GitHub")
    }
    return nil
  }

  /// GitHub merges into whatever branch a pull request names by now.
  func checkAim(_ pull: PullRequest) throws {
    guard pull.baseBranch != project.baseBranch else { return }
    throw ForgeTrouble.person(
      "pull request #\(pull.number) goes into '\(SafeText.line(pull.baseBranch, limit: 60))' on GitHub by now; "
        + "aim it at '\(project.baseBranch)' again, then resume")
  }

  func land(_ change: Change, commit: String, from base: String) async throws -> LandingStep {
    try await connection.baseLock.run {
      try await translated { try await landAlone(change, commit, from: base) }
    }
  }

  private func landAlone(_ change: Change, _ commit: String, from base: String) async throws -> LandingStep {
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
    // The gate took its time; what was green then may be red now.
    if let hold = try await hold(on: change, pull) { return .waiting(hold) }
    // GitHub pins the head, not the base: what is tested has to be what GitHub merges with.
    let login = try await client.gitLogin()
    guard try await connection.remote.tip(of: project.baseBranch, login: login) == base else { return .raced }
    if pull.isDraft { try await makeReady(change, pull) }
    let tree = try await project.repository.treeID(ofCommit: commit)
    await tellProof(
      isGreen: true, "The gate has passed on tree \(tree.prefix(12)), merged with '\(project.baseBranch)'",
      on: change.headCommit)
    return try await merge(change, number, method: try await method(for: commit))
  }

  private func merge(_ change: Change, _ number: Int, method: String) async throws -> LandingStep {
    let sha: String
    do throws(GitHubError) {
      sha = try await client.merge(
        number, head: change.headCommit, method: method, title: "\(change.title) (#\(number))", message: change.body)
    } catch {
      switch error {
      case .refused(status: 405, let text):
        let reason = "\(change.name) cannot be merged on GitHub: \(text)"
        guard !text.contains("not allowed on this repository") else {
          throw ForgeTrouble.person("\(reason); change [landing] strategy, or allow it there")
        }
        return .waiting(LandingHold(reason: reason))
      case .refused(status: 409, _): return .raced
      case .unreachable, .server, .unreadable:
        // The merge may have been made: only GitHub knows.
        let after = try await client.pull(number)
        guard after.isMerged else { return .waiting(LandingHold(reason: "\(error)", passes: true)) }
        return try await landed(after)
      default: throw error
      }
    }
    project.crashPoints.reached(.baseMoved)
    return try await follow(to: sha)
  }

  /// How GitHub is to merge. What could not be replayed here commit by commit is not replayed there either.
  private func method(for commit: String) async throws -> String {
    let strategy = project.settings.landing.strategy
    guard strategy == .rebase, try await project.repository.commit(commit).parents.count > 1 else {
      return strategy.rawValue
    }
    return LandingSettings.Strategy.merge.rawValue
  }

  /// A draft that we made is ready when it may land. One that a person made of it later stays one.
  private func makeReady(_ change: Change, _ pull: PullRequest) async throws {
    let fact = "ready"
    guard settings.draft, try !project.toldFacts(of: change).contains(fact) else {
      throw ForgeTrouble.person("\(change.name) is a draft on GitHub; mark it as ready, then resume")
    }
    try await client.markReady(pull)
    try project.noteTold([fact], of: change)
  }

  func hasLanded(_ change: Change) async throws -> Bool {
    try await translated {
      guard let number = change.forgeNumber else { return false }
      let pull = try await client.pull(number)
      return pull.isMerged && pull.baseBranch == project.baseBranch
    }
  }

  func landedCommit(of change: Change) async throws -> String? {
    try await translated {
      guard let number = change.forgeNumber else { return nil }
      let pull = try await client.pull(number)
      guard pull.isMerged, pull.baseBranch == project.baseBranch else { return nil }
      switch try await landed(pull) {
      case .moved(let commit): return commit
      case .waiting(let hold) where !hold.passes: throw ForgeTrouble.later(hold.reason, until: trunk.soon)
      case .waiting, .raced: return nil
      }
    }
  }

  private func landed(_ pull: PullRequest) async throws -> LandingStep {
    try checkAim(pull)
    guard let commit = pull.mergeCommit else {
      return .waiting(LandingHold(reason: "GitHub does not say how #\(pull.number) was merged"))
    }
    return try await follow(to: commit)
  }

  /// Lets the base branch here follow to a commit that is on the one there.
  private func follow(to commit: String) async throws -> LandingStep {
    let reason = try await trunk.follow()
    guard try await trunk.has(commit) else {
      // git's side of GitHub may be behind its API, and a person may have taken the merge off the branch again.
      let text = "the merge \(commit.prefix(12)) is not on '\(project.baseBranch)' of GitHub"
      return .waiting(LandingHold(reason: text, passes: true))
    }
    if let reason { return .waiting(LandingHold(reason: reason)) }
    return .moved(commit: commit)
  }

  // MARK: Telling

  func tellRed(_ change: Change, _ summary: String) async {
    await tellProof(isGreen: false, "Red on the merged tree: \(summary)", on: change.headCommit)
  }

  /// What our own gate said, where people look. Nothing depends on it, so trouble is told once and left.
  func tellProof(isGreen: Bool, _ text: String, on commit: String) async {
    do {
      try await client.tellProof(isGreen: isGreen, text, on: commit)
    } catch {
      project.observer(.diagnostic("GitHub does not show what the gate said: \(error)"))
    }
  }

  func tidy(_ change: Change) async -> Bool {
    do {
      if settings.deleteBranch { try await translated { try await takeAway(change) } }
      try await IssueClosing(project: project).closeIfDone(after: change.task)
      return true
    } catch {
      project.observer(.diagnostic("\(change.task) has landed, and what is left on GitHub stays: \(error)"))
      if case ForgeTrouble.later = error { return false }
      return (error as? GitHubError)?.isTransient != true
    }
  }

  /// Takes the branch of a change that has landed away, unless somebody has put more on it since.
  private func takeAway(_ change: Change) async throws {
    let login = try await client.gitLogin()
    guard let tip = try await connection.remote.tip(of: change.branch, login: login) else { return }
    var isOurs = tip == change.headCommit
    if !isOurs { isOurs = try await wasPushed(tip, to: change.branch) }
    guard isOurs else {
      let text = "branch '\(change.branch)' on GitHub stays, because somebody has put \(tip.prefix(12)) on it"
      return project.observer(.diagnostic(text))
    }
    switch try await connection.remote.push(nil, to: change.branch, expecting: tip, login: login) {
    case .pushed: break
    case .raced: throw ForgeTrouble.later("branch '\(change.branch)' on GitHub moves", until: trunk.soon)
    case .refused(let reason): throw ForgeTrouble.person("GitHub keeps branch '\(change.branch)': \(reason)")
    }
  }
}
