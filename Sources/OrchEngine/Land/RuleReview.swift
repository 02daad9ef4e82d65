import OrchConfig
import OrchDomain
import OrchGit
import OrchReview
import OrchStore

/// What the rules say about the work of an attempt, before any agent is asked: what a change would be published with.
struct RuleReview: Sendable {
  /// Where the work left the base branch.
  var fork: String
  var files: [FileDiff]
  /// Keys and passwords in the commits. With one of them nothing is published, and no agent is shown the diff.
  var secrets: [SecretFinding]
  var policy: ReviewPolicy
  var verdict: Verdict
  /// How much the look of a second agent at the risk counts here.
  var secondLook: LookMode

  /// Whether a reviewer is asked about the risk: only where the change would land without a human.
  var wantsSecondLook: Bool { secondLook != .off && secrets.isEmpty && !verdict.needsHuman }

  /// Judges the commits from where `head` left the base branch.
  static func judge(
    _ task: StoredTask, _ attempt: LiveAttempt, head: String, in project: OpenProject
  ) async throws -> RuleReview {
    let repository = project.repository
    let base = try await project.baseCommit()
    let fork = try await repository.mergeBase(base, head) ?? attempt.baseCommit
    let source = ReviewPolicySource(project: project)
    let settings = try await source.review(at: base)
    let secrets = try await SecretGuard(project: project).findings(
      from: fork, to: head, allowed: settings.allowSecrets.map { Glob($0) })
    let files = try await repository.diff(from: fork, to: head)
    let plans = project.settings.plans.dir
    let policy = source.policy(
      settings, for: task, plans: try await repository.followed(plans, in: base) ?? plans)
    let context = try await ReviewContextSource(repository: repository).context(for: files, at: base)
    let messages = try await repository.commits(from: fork, to: head).map(\.message) + [task.plan.title]
    var review = RuleReview(
      fork: fork, files: files, secrets: secrets, policy: policy,
      verdict: VerdictEngine.judge(files: files, policy: policy, context: context, messages: messages),
      secondLook: source.secondLook(settings))
    let plan = "\(project.paths.run(task.id, attempt: attempt.number))/plan.md"
    review.verdict.add(
      try await LandedWork(project: project).lostLines(in: files, of: task, at: base, plan: plan), policy)
    review.verdict.add(try await project.dropped(task.id, head: head, fork: fork, files), policy)
    let taken = try await TakenBack(project: project).evidence(task, start: attempt.baseCommit, head: head, base: base)
    let linked = try await repository.plansBehindLinks(below: plans, in: base)
    let doubts =
      try project.doubts(task, attempt, files, linkedPlans: linked)
      + (taken.map { [($0.rule, $0.file, $0.excerpt)] } ?? [])
    for reason in doubts {
      review.verdict.needsHuman = true
      review.verdict.evidence.append(
        Evidence(
          rule: reason.rule, category: review.verdict.category, file: reason.file, line: nil, excerpt: reason.text))
    }
    return review
  }
}

extension OpenProject {
  /// What makes a person look whatever the diff says: work that nothing proves, another plan than at the start, files
  /// that are not the agent's.
  fileprivate func doubts(
    _ task: StoredTask, _ attempt: LiveAttempt, _ files: [FileDiff], linkedPlans: Set<String>
  ) throws -> [(rule: String, file: String, text: String)] {
    let plan = task.plan
    var doubts: [(rule: String, file: String, text: String)] = []
    if !gate(task).contains(where: { !$0.isSetup }) {
      doubts.append(
        ("policy.no-gate", plan.path, "no stage in [verify] and no 'verify' in the plan: nothing proves this work"))
    }
    if let hash = attempt.record.planHash, hash != plan.contentHash {
      doubts.append(("policy.plan-changed", plan.path, "P017: the plan changed while the attempt was under way"))
    }
    let provided = Set(WorktreeContents.providedPaths(settings.worktree))
    for file in files
    where file.oldMode == nil && provided.contains(where: { file.path == $0 || file.path.hasPrefix("\($0)/") }) {
      doubts.append(
        (
          "policy.provided-file", file.path,
          "[worktree] put it into the worktree, and the change would make it part of the repository"
        ))
    }
    for path in files.map({ $0.oldPath ?? $0.path }) where linkedPlans.contains(path) {
      doubts.append(("policy.plan-status", path, "a plan, to which a link below \(settings.plans.dir) leads"))
    }
    for command in try VacuityCheck(project: self).greenBefore(attempt) where plan.verify.contains(command) {
      doubts.append(
        (
          "gate.vacuous", plan.path,
          SafeText.line("green before the work began, so it proves nothing of it: \(command)", limit: 200)
        ))
    }
    return doubts
  }

  /// What a branch has lost that took the base in since it was published last, which is how agents repair conflicts.
  fileprivate func dropped(
    _ id: TaskID, head: String, fork: String, _ files: [FileDiff]
  ) async throws -> [Evidence] {
    guard let before = try unfinishedChange(of: id), before.baseCommit != fork, before.headCommit != head,
      try await repository.isAncestor(before.baseCommit, of: fork),
      try await repository.commitID(ofRef: before.headCommit) != nil
    else { return [] }
    return DroppedLines.judge(
      theirs: try await repository.diff(from: before.baseCommit, to: fork),
      ours: try await repository.diff(from: before.baseCommit, to: before.headCommit),
      sinceTheirs: files, sinceOurs: try await repository.diff(from: before.headCommit, to: head),
      base: baseBranch)
  }
}
