import OrchAgents
import OrchConfig
import OrchDomain
import OrchGit
import OrchStore
import Synchronization

/// What can be done with one approved change on its way to the base branch. ``QueueRun`` decides when.
struct Lander: Sendable {
  let project: OpenProject

  /// What became of one change.
  enum Outcome: Hashable, Sendable {
    case landed(commit: String)
    /// Sent back to its agent; the task needs a slot again.
    case sentBack(TurnReason)
    /// A person's checkout, or a base branch that is red, is in the way; tried again later.
    case waiting(String)
    /// The same, and it is going to pass soon, because of something that was just done about it.
    case passing(String)
    case stuck(String)
    /// A person has taken it out of the queue in the meantime.
    case withdrawn
  }

  /// Lands one change without waiting for others.
  func land(_ id: TaskID) async throws -> Outcome {
    let last = Mutex<Result<Outcome, any Error>?>(nil)
    try await QueueRun(project: project) { _, outcome in last.withLock { $0 = outcome } }.run([id])
    return try last.withLock { $0 }?.get() ?? .waiting("'\(project.baseBranch)' keeps moving")
  }

  /// Finishes the landing of a change of which only the record is missing; nil when it has not landed.
  func finishLanded(_ change: Change) async throws -> Outcome? {
    guard let tree = change.testedTree, let commit = try await project.forge.landedCommit(of: change)
    else { return nil }
    return try await finish(change, commit: commit, tree: tree)
  }

  /// The commit that brings `tree` onto `base`.
  func makeCommit(_ change: Change, base: String, head: String, tree: String) async throws -> String {
    let strategy = project.settings.landing.strategy
    if strategy == .rebase, let tip = try await replay(head, onto: base, giving: tree) { return tip }
    return try await project.repository.makeCommit(
      tree: tree, parents: strategy == .squash ? [base] : [base, head],
      message: "\(change.title)\n\n\(change.body)\n", author: .orchestrator, at: change.createdAt)
  }

  /// More than that many commits are no history that anybody wants on the base.
  private static let mostReplayed = 200

  /// The branch's own commits on top of `base`, the same ones whenever it is done again.
  ///
  /// - Returns: nil when it has merges, or its commits one by one do not come to the tree that was merged.
  private func replay(_ head: String, onto base: String, giving tree: String) async throws -> String? {
    let repository = project.repository
    let fork = try await repository.mergeBase(base, head)
    let commits = try await repository.commits(from: fork, to: head, limit: Self.mostReplayed + 1)
    guard !commits.isEmpty, commits.count <= Self.mostReplayed else { return nil }
    var tip = base
    for commit in commits.reversed() {
      guard commit.parents.count == 1 else { return nil }
      // With the commit's own parent below it, merging gives what the commit changes and nothing else.
      let seat = try await repository.makeCommit(
        tree: try await repository.treeID(ofCommit: tip), parents: commit.parents, message: "", author: commit.author,
        at: commit.time)
      guard case .clean(let next) = try await repository.merge(ours: seat, theirs: commit.id) else { return nil }
      tip = try await repository.makeCommit(
        tree: next, parents: [tip], message: commit.message, author: commit.author, at: commit.time)
    }
    return try await repository.treeID(ofCommit: tip) == tree ? tip : nil
  }

  func wait(_ id: TaskID, _ reason: String) throws -> Outcome {
    try project.waitForCheckout(id, reason: reason)
    return .waiting(reason)
  }

  func wait(_ id: TaskID, _ hold: LandingHold) throws -> Outcome {
    try project.waitForCheckout(id, reason: hold.reason)
    return hold.passes ? .passing(hold.reason) : .waiting(hold.reason)
  }

  func stuck(_ id: TaskID, _ reason: String, _ failure: FailureClass) throws -> Outcome {
    try project.setStuck(id, reason: reason, failure: failure)
    return .stuck(reason)
  }

  /// Compares what landed with what was tested, and records the change as landed.
  func finish(_ change: Change, commit: String, tree: String) async throws -> Outcome {
    let tip = change.landingTip ?? commit
    let landed = try await project.repository.treeID(ofCommit: tip)
    guard landed == tree else {
      try project.recordUnproven(change, commit: commit, tree: landed)
      return try stuck(
        change.task,
        "commit \(tip.prefix(12)) landed with tree \(landed.prefix(12)), but \(tree.prefix(12)) was tested; nothing "
          + "more lands until you have looked and said `claude-orch reset \(change.task)`",
        .environment)
    }
    let attempt = try project.attempt(change.task)
    var preserved: String?
    if let attempt { preserved = try await Workspace(project: project).preserve(attempt) }
    try project.completeLanding(change, commit: commit, tree: landed, preserved: preserved)
    // The attempt stays reachable below `refs/orch/attempts`; its worktree and branch are no longer needed.
    for intent in try project.openIntents(of: change.task) { try await Reconciler(project: project).settle(intent) }
    return .landed(commit: commit)
  }
}

// What goes back to its agent.
extension Lander {
  /// The change does not merge with what has landed.
  func sendBack(_ change: Change, conflict files: [String], base: String) async throws -> Outcome {
    let shown = files.prefix(10).joined(separator: ", ") + (files.count > 10 ? " and \(files.count - 10) more" : "")
    return try await sendBack(
      change, .conflict, .conflict, .conflict(target: project.baseBranch, files: Array(files.prefix(200))), base: base,
      summary: "conflicts with '\(project.baseBranch)' in \(shown)")
  }

  /// The gate is red on the tree that merging gives, and not on the base.
  func sendBack(_ change: Change, red: Gate.Red, base: String) async throws -> Outcome {
    if red.failure == .environment {
      let reason = "\(red.summary); its output is in \(red.result.logDirectory)"
      return try stuck(change.task, reason, .environment)
    }
    await project.forge.tellRed(change, red.summary)
    let status = "red on the tree that merging into \(project.baseBranch) gives: \(red.result.summary)"
    return try await sendBack(
      change, .landingGate, .gate,
      .gateRed(
        stage: red.stage.name, command: red.result.command, status: status, output: red.result.output, turnsLeft: nil),
      base: base, summary: "the gate is red on the merged tree: \(red.summary)")
  }

  private func sendBack(
    _ change: Change, _ reason: TurnReason, _ failure: FailureClass, _ feedback: PromptFacts.Feedback, base: String,
    summary: String
  ) async throws -> Outcome {
    try project.note([change], reason == .conflict ? .conflict : .redOwn, reason: summary)
    let task = try project.task(change.task)
    guard let attempt = try project.attempt(change.task), let turn = attempt.latestTurn else {
      return try stuck(change.task, summary, failure)
    }
    let landings = attempt.turns.count { turn in
      turn.purpose == TurnReason.conflict.rawValue || turn.purpose == TurnReason.landingGate.rawValue
    }
    guard landings < project.settings.landing.maxAttempts else {
      let reason = "\(summary); sent back \(landings) times already"
      guard failure == .conflict else { return try stuck(change.task, reason, failure) }
      let facts = try project.facts(task, attempt, turn, claim: .failed(failure, evidence: reason, retryAt: nil))
      try project.learn(from: facts, turn)
      let decision = TurnPolicy.afterAgent(facts, limits: project.turnLimits, now: project.clock.now())
      let ending = try await Aftermath(project: project, task: task).carryOut(decision, attempt, feedback: feedback)
      return ending == nil ? .sentBack(.newSession) : .stuck(reason)
    }
    let text = try Prompts(project: project).feedback(feedback, task, attempt, base: base)
    try project.beginTurn(attempt, reason: reason, prompt: text, state: .fixing, base: base, summary: summary)
    return .sentBack(reason)
  }
}
