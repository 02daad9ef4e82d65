import OrchConfig
import OrchGit
import OrchAgents
import OrchDomain
import OrchFiles
import OrchProcess
import OrchStore

/// One turn of an agent: started or adopted, followed to its end, and judged.
struct AgentTurn: Sendable {
  let project: OpenProject
  let task: StoredTask

  /// - Returns: How the drive of the task ends, or nil when it goes on.
  func run() async throws -> TaskDriver.Ending? {
    guard let attempt = try project.attempt(task.id), let turn = attempt.latestTurn else {
      throw EngineError.invalid(
        "\(task.id) is \(task.state.rawValue) without an attempt; `claude-orch reset \(task.id)`")
    }
    let agent = try project.agents.agent(named: attempt.record.agent)
    var parser = agent.adapter.makeParser()
    let end: TurnEnd
    do {
      end = try await follow(attempt, turn, agent.adapter, agent.settings, &parser)
    } catch let error as AgentError {
      return try await apply(
        TurnPolicy.afterAgent(
          facts(attempt, turn, claim: .failed(error.failureClass, evidence: error.description, retryAt: nil)),
          limits: limits, now: project.clock.now()), attempt, turn)
    }
    let outcome = try recordEnd(attempt, turn, exit: end.exit, &parser)
    if end.exit.cause == .cancelled { return try await afterStop(attempt, wasFollowed: end.wasFollowed) }
    return try await decide(attempt, turn, outcome)
  }

  /// A turn that was stopped while an earlier process followed it goes on now: that is why the task is driven again.
  private func afterStop(_ attempt: LiveAttempt, wasFollowed: Bool) async throws -> TaskDriver.Ending? {
    let reason = await project.running.reason(for: task.id)
    guard wasFollowed || reason != nil else {
      let text = try Prompts(project: project).feedback(.interrupted(reason: Interruption.reason), task, attempt)
      try project.beginTurn(attempt, reason: .resumed, prompt: text, state: .fixing)
      return nil
    }
    try project.park(
      task.id,
      reason: reason ?? "stopped from outside; `claude-orch resume \(task.id)` goes on in the same session")
    return .settled(.parked)
  }

  /// Records how a turn ended that nobody follows any more, so that its cost is known. Does nothing for another turn.
  func recordEnd() throws {
    guard let attempt = try project.attempt(task.id), let turn = attempt.latestTurn, turn.endedAt == nil,
      case .ended(let record) = project.supervisor.state(in: turn.directory(project.paths))
    else { return }
    var parser = try project.agents.agent(named: attempt.record.agent).adapter.makeParser()
    try readAll(turn, attempt, &parser)
    try recordEnd(attempt, turn, exit: AgentTurn.exit(of: record), &parser)
  }

  @discardableResult
  private func recordEnd(
    _ attempt: LiveAttempt, _ turn: Turn, exit: AgentExit, _ parser: inout any AgentStreamParser
  ) throws -> AgentOutcome {
    let stderr = try FileTree.tail(RunFiles.stderr(in: turn.directory(project.paths)), limit: 4000)
    let outcome = parser.finish(exit: exit, stderrTail: stderr, now: project.clock.now())
    try project.endTurn(attempt, turn, outcome: outcome, exit: exit)
    return outcome
  }

  private func decide(
    _ attempt: LiveAttempt, _ turn: Turn, _ outcome: AgentOutcome
  ) async throws -> TaskDriver.Ending? {
    let claim: TurnFacts.Claim =
      switch outcome.result {
      case .claimsDone: .done
      case .failed(let failure, let evidence, let retryAt): .failed(failure, evidence: evidence, retryAt: retryAt)
      }
    var facts = facts(attempt, turn, claim: claim)
    facts.canResume = outcome.session != nil
    let work = try await WorkState.read(attempt, in: project)
    facts.hasCommits = work.hasCommits
    facts.treeChanged = work.treeChanged
    facts.uncommitted = work.uncommitted
    let decision = TurnPolicy.afterAgent(facts, limits: limits, now: project.clock.now())
    return try await apply(decision, attempt, turn)
  }

  private var limits: TurnLimits {
    TurnLimits(
      turns: max(1, project.settings.verify.maxAttempts), attempts: max(1, project.settings.retry.maxAttempts),
      backoff: project.settings.retry.backoff)
  }

  private func facts(_ attempt: LiveAttempt, _ turn: Turn, claim: TurnFacts.Claim) -> TurnFacts {
    TurnFacts(
      claim: claim, hasCommits: false, treeChanged: false, uncommitted: [], turn: attempt.countedTurns,
      attempt: attempt.number, canResume: false)
  }

  private func apply(
    _ decision: TurnDecision, _ attempt: LiveAttempt, _ turn: Turn
  ) async throws -> TaskDriver.Ending? {
    switch decision {
    case .verify:
      try project.move(task.id, from: [.running, .fixing], to: .verifying)
      return nil
    case .anotherTurn(let reason):
      let work = try await WorkState.read(attempt, in: project)
      let uncommitted = work.uncommitted.prefix(100).joined(separator: "\n")
      let text = try Prompts(project: project).feedback(
        .noCommits(uncommitted: uncommitted, deniedTools: []), task, attempt)
      try project.beginTurn(attempt, reason: reason, prompt: text, state: .fixing)
      return nil
    case .newAttempt(let failure, let reason, let after):
      let kept = try await Workspace(project: project).preserve(attempt)
      try project.failAttempt(
        attempt, failure: failure, reason: reason, preserved: kept, next: after > .zero ? .parked : .ready,
        until: after > .zero ? project.clock.now().advanced(by: after) : nil)
      return .settled(after > .zero ? .parked : .ready)
    case .park(let failure, let reason, let until):
      try project.park(task.id, reason: reason, until: until, failure: failure)
      return .settled(.parked)
    case .stuck(let failure, let reason):
      try project.setStuck(task.id, reason: reason, failure: failure)
      return failure.stopsDispatching ? .stopDispatching(failure, reason: reason) : .settled(.stuck)
    case .fail(let failure, let reason):
      let kept = try await Workspace(project: project).preserve(attempt)
      try project.failAttempt(attempt, failure: failure, reason: reason, preserved: kept, next: .failed)
      return .settled(.failed)
    }
  }
}

/// How the process of a turn ended.
struct TurnEnd: Sendable {
  var exit: AgentExit
  /// Whether it was still running when this process began to look.
  var wasFollowed = true
}

/// What the agent left in its worktree and on its branch.
struct WorkState: Sendable {
  var hasCommits: Bool
  var treeChanged: Bool
  /// Tracked files with edits that were not committed.
  var uncommitted: [String]
  var head: String
  /// Whether nothing untracked lies about either, so that a green gate proves the branch's tree.
  var isExact: Bool

  static func read(_ attempt: LiveAttempt, in project: OpenProject) async throws -> WorkState {
    let repository = project.repository
    let state = try await repository.worktreeState(at: attempt.worktree)
    var tip = try await repository.commitID(ofRef: "refs/heads/\(attempt.branch)") ?? attempt.baseCommit
    if let head = state.head, head != tip, try await repository.isAncestor(tip, of: head) {
      // The agent left the branch behind and committed on a detached head: the commits are its work all the same.
      try await repository.updateRef(
        "refs/heads/\(attempt.branch)", to: head, expecting: tip, message: "claude-orch: follow the worktree")
      tip = head
    }
    let fork = try await repository.mergeBase(attempt.baseCommit, tip) ?? attempt.baseCommit
    let tipTree = try await repository.treeID(ofCommit: tip)
    let forkTree = try await repository.treeID(ofCommit: fork)
    return WorkState(
      hasCommits: fork != tip, treeChanged: tipTree != forkTree, uncommitted: state.changedTracked, head: tip,
      isExact: state.isClean)
  }
}
