import OrchAgents
import OrchConfig
import OrchDomain
import OrchGit
import OrchStore

/// Gets approved changes onto the base branch, one at a time.
///
/// The merged tree is made in memory, the gate runs on exactly that tree, the base moves by compare-and-swap, and the
/// tree that landed is compared with the one that was tested. The intent is recorded before the base moves, so that a
/// process killed in between finds out, on its return, whether it had landed.
struct Lander: Sendable {
  let project: OpenProject

  /// What became of one change.
  enum Outcome: Hashable, Sendable {
    case landed(commit: String)
    /// Sent back to its agent; the task needs a slot again.
    case sentBack(TurnReason)
    /// A person's checkout is in the way; tried again later.
    case waiting(String)
    case stuck(String)
  }

  func land(_ id: TaskID) async throws -> Outcome {
    // Somebody else may move the base while the gate runs; each round starts from the new tip.
    do {
      for _ in 0..<20 {
        if let outcome = try await landOnce(id) { return outcome }
      }
    } catch ForgeTrouble.later(let reason, _) {
      return try wait(id, reason)
    } catch let trouble as ForgeTrouble {
      try await project.setAside(id, trouble)
      return .stuck(try project.task(id).reason ?? "the forge does not take it")
    }
    return .waiting("'\(project.baseBranch)' keeps moving")
  }

  private func wait(_ id: TaskID, _ reason: String) throws -> Outcome {
    try project.waitForCheckout(id, reason: reason)
    return .waiting(reason)
  }

  private func landOnce(_ id: TaskID) async throws -> Outcome? {
    let repository = project.repository
    guard let change = try project.unfinishedChange(of: id) else { throw EngineError.noChange(id) }
    if let tree = change.testedTree, let landed = try await Reconciler(project: project).landedCommit(of: change) {
      return try await finish(change, commit: landed, tree: tree)
    }
    if let reason = try await project.forge.hold(on: change) { return try wait(id, reason) }
    let base = try await project.forge.base()
    try project.startLanding(id)
    guard let head = try await repository.commitID(ofRef: "refs/heads/\(change.branch)") else {
      return try stuck(id, "branch '\(change.branch)' is gone", .environment)
    }
    guard head == change.headCommit else {
      return try stuck(
        id, "branch '\(change.branch)' moved after it was reviewed; `claude-orch pr reject` or `reset` it", .conflict)
    }
    let tree: String
    switch try await repository.merge(ours: base, theirs: head) {
    case .clean(let merged): tree = merged
    case .conflict(let conflicts): return try await sendBack(change, conflict: conflicts.map(\.path), base: base)
    }
    let commit = try await makeCommit(change, base: base, head: head, tree: tree)
    if let red = try await prove(change, commit: commit, tree: tree, base: base) { return red }
    try project.recordLandingIntent(change, commit: commit, base: base, tree: tree)
    project.crashPoints.reached(.landingIntended)
    switch try await project.forge.land(change, commit: commit, from: base) {
    case .moved(let landed):
      project.crashPoints.reached(.baseMoved)
      return try await finish(change, commit: landed, tree: tree)
    case .raced: return nil
    case .waiting(let reason): return try wait(id, reason)
    }
  }

  private func makeCommit(_ change: Change, base: String, head: String, tree: String) async throws -> String {
    let parents = project.settings.landing.strategy == .squash ? [base] : [base, head]
    return try await project.repository.makeCommit(
      tree: tree, parents: parents, message: "\(change.title)\n\n\(change.body)\n", author: .orchestrator,
      at: change.createdAt)
  }

  /// Runs the gate on the merged tree unless that very tree has passed it before.
  private func prove(_ change: Change, commit: String, tree: String, base: String) async throws -> Outcome? {
    let stages = project.gate(try project.task(change.task))
    guard let red = try await gate(stages, on: commit, tree, of: change.task, base: base, log: "gate") else {
      return nil
    }
    if red.failure == .environment {
      return try stuck(
        change.task, "\(red.summary); its output is in \(red.result.logDirectory)", .environment)
    }
    let baseTree = try await project.repository.treeID(ofCommit: base)
    let same = stages.filter { $0.isSetup || $0 == red.stage }
    if let before = try await gate(same, on: base, baseTree, of: change.task, base: base, log: "gate-of-base") {
      return try stuck(
        change.task, "the gate is red on '\(project.baseBranch)' itself, without this change: \(before.summary)",
        before.failure)
    }
    return try await sendBack(change, red: red, base: base)
  }

  /// - Returns: The stage that is red on the tree of `commit`; nil when it has passed all, now or before.
  private func gate(
    _ stages: [GateStage], on commit: String, _ tree: String, of id: TaskID, base: String, log: String
  ) async throws -> Gate.Red? {
    let gate = Gate(project: project, task: id, stages: stages)
    if try gate.pending(on: tree).isEmpty { return nil }
    let worktree = project.paths.gateWorktree
    try await project.repository.checkOutDetached(at: worktree, commit: commit)
    let place = Gate.Place(
      directory: worktree, base: base, logDirectory: "\(project.paths.landing(id))/\(log)", runID: project.makeUUID())
    if let red = try await Workspace(project: project).makeReady(place, for: id) { return red }
    return try await gate.prove(tree, in: place)
  }

  private func finish(_ change: Change, commit: String, tree: String) async throws -> Outcome {
    let landed = try await project.repository.treeID(ofCommit: commit)
    guard landed == tree else {
      try project.recordUnproven(change, commit: commit, tree: landed)
      return try stuck(
        change.task,
        "commit \(commit.prefix(12)) landed with tree \(landed.prefix(12)), but \(tree.prefix(12)) was tested; nothing "
          + "more lands until you have looked and said `claude-orch reset \(change.task)`",
        .environment)
    }
    let attempt = try project.attempt(change.task)
    var preserved: String?
    if let attempt { preserved = try await Workspace(project: project).preserve(attempt) }
    try project.completeLanding(change, commit: commit, tree: landed, preserved: preserved)
    // The attempt stays reachable below `refs/orch/attempts`; its worktree and branch are no longer needed.
    for intent in try project.openIntents(of: change.task) { try await Reconciler(project: project).settle(intent) }
    await project.forge.tidy(change)
    return .landed(commit: commit)
  }

  private func sendBack(_ change: Change, conflict files: [String], base: String) async throws -> Outcome {
    let shown = files.prefix(10).joined(separator: ", ") + (files.count > 10 ? " and \(files.count - 10) more" : "")
    return try await sendBack(
      change, .conflict, .conflict, .conflict(target: project.baseBranch, files: Array(files.prefix(200))), base: base,
      summary: "conflicts with '\(project.baseBranch)' in \(shown)")
  }

  private func sendBack(_ change: Change, red: Gate.Red, base: String) async throws -> Outcome {
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

  private func stuck(_ id: TaskID, _ reason: String, _ failure: FailureClass) throws -> Outcome {
    try project.setStuck(id, reason: reason, failure: failure)
    return .stuck(reason)
  }
}
