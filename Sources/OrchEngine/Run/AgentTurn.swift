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
    if let ending = try await waitForBudget(attempt, turn) { return ending }
    let outcome: AgentOutcome
    let end: TurnEnd
    do {
      (outcome, end) = try await finish(attempt, turn)
    } catch let error as AgentError {
      let claim = TurnFacts.Claim.failed(error.failureClass, evidence: error.description, retryAt: nil)
      return try await apply(try project.facts(task, attempt, turn, claim: claim), attempt, turn)
    } catch let error as ProcessError where error.isAboutTheStart {
      // Its run directory is used up, so the turn is over: resuming the task begins another one.
      let outcome = AgentOutcome(
        result: .failed(.environment, evidence: error.description, retryAt: nil), finalText: error.description)
      try project.endTurn(attempt, turn, outcome: outcome, exit: AgentExit(.code(127)))
      let claim = TurnFacts.Claim.failed(.environment, evidence: error.description, retryAt: nil)
      return try await apply(try project.facts(task, attempt, turn, claim: claim), attempt, turn)
    }
    if let ending = try afterLimit(end.cut, outcome) { return ending }
    let isAskedToStop = await project.running.reason(for: task.id) != nil
    if end.exit.cause == .cancelled || (end.cut != nil && isAskedToStop) {
      return try await afterStop(attempt, wasFollowed: end.wasFollowed)
    }
    return try await decide(attempt, turn, outcome, end)
  }

  /// Follows a turn to its end and records that.
  ///
  /// - Parameter name: Says in the record how the turn ended, when the agent's own words are not enough.
  /// - Throws: ``AgentError`` when the agent cannot be started.
  func finish(
    _ attempt: LiveAttempt, _ turn: Turn, name: (AgentOutcome, TurnEnd) async throws -> String? = { _, _ in nil }
  ) async throws -> (AgentOutcome, TurnEnd) {
    let seat = project.seat(attempt, turn)
    let agent = try project.agents.agent(named: seat.agent)
    var parser = agent.adapter.makeParser(session: seat.session)
    let end = try await follow(attempt, turn, agent.adapter, agent.settings, &parser)
    let outcome = try read(turn, end, &parser)
    try project.endTurn(
      attempt, turn, outcome: outcome, exit: end.exit, elapsed: end.elapsed, name: try await name(outcome, end))
    project.crashPoints.reached(.turnRecorded)
    return (outcome, end)
  }

  /// What a turn that has ended came to; nil when its process has left no record.
  func outcome(of turn: Turn, _ attempt: LiveAttempt) throws -> (AgentOutcome, TurnEnd)? {
    guard case .ended(let record) = project.supervisor.state(in: turn.directory(project.paths)) else { return nil }
    let seat = project.seat(attempt, turn)
    var parser = try project.agents.agent(named: seat.agent).adapter.makeParser(session: seat.session)
    try readAll(turn, attempt, &parser)
    let end = TurnEnd(record)
    return (try read(turn, end, &parser), end)
  }

  private func read(_ turn: Turn, _ end: TurnEnd, _ parser: inout any AgentStreamParser) throws -> AgentOutcome {
    try MaskedFile.maskStreams(in: turn.directory(project.paths), project.mask)
    let stderr = try FileTree.tail(RunFiles.stderr(in: turn.directory(project.paths)), limit: 4000)
    // "In three hours" was said when it ended, which may be long ago.
    var outcome = parser.finish(exit: end.exit, stderrTail: stderr, now: end.endedAt ?? project.clock.now())
    if case .stalled(let reason, _) = end.cut, outcome.failureClass == .stalled {
      outcome.result = .failed(.stalled, evidence: reason, retryAt: nil)
    }
    return outcome
  }

  /// A turn that was stopped while an earlier process followed it goes on now: that is why the task is driven again.
  private func afterStop(_ attempt: LiveAttempt, wasFollowed: Bool) async throws -> TaskDriver.Ending? {
    let reason = await project.running.reason(for: task.id)
    guard wasFollowed || reason != nil else {
      let text = try Prompts(project: project).feedback(.interrupted(reason: Interruption.reason), task, attempt)
      try project.beginTurn(attempt, reason: .resumed, prompt: text, state: .fixing)
      return nil
    }
    return .settled(
      try project.parkUnderWay(
        task.id,
        reason: reason ?? "stopped from outside; `claude-orch resume \(task.id)` goes on in the same session"))
  }

  /// Records how a turn ended that nobody follows any more, so that its cost is known. Does nothing for another turn.
  func recordEnd() throws {
    guard let attempt = try project.attempt(task.id), let turn = attempt.latestTurn, turn.endedAt == nil,
      let (outcome, end) = try outcome(of: turn, attempt)
    else { return }
    try project.endTurn(
      attempt, turn, outcome: outcome, exit: end.exit, elapsed: end.elapsed,
      name: turn.isAcceptance ? Look.Ending.stopped.rawValue : nil)
    project.crashPoints.reached(.turnRecorded)
  }

  private func decide(
    _ attempt: LiveAttempt, _ turn: Turn, _ outcome: AgentOutcome, _ end: TurnEnd
  ) async throws -> TaskDriver.Ending? {
    let claim: TurnFacts.Claim =
      switch outcome.result {
      case .claimsDone: .done
      case .failed(let failure, let evidence, let retryAt): .failed(failure, evidence: evidence, retryAt: retryAt)
      }
    var facts = try project.facts(task, attempt, turn, claim: claim)
    facts.endedAt = end.endedAt
    let resumes = try project.agents.agent(named: attempt.record.agent).adapter.resumes
    facts.canResume = resumes && !outcome.sessionIsGone
    facts.lostSession = outcome.sessionIsGone && turn.isResumed
    if case .stalled(_, let hasCommitted) = end.cut {
      // An agent that we stopped lost nothing: one without sessions is told everything again, in the same worktree.
      facts.canResume = !outcome.sessionIsGone
      if hasCommitted { facts.inARow = 1 }
    }
    let work = try await WorkState.read(attempt, in: project)
    facts.hasCommits = work.hasCommits
    facts.treeChanged = work.treeChanged
    facts.uncommitted = work.uncommitted
    return try await apply(facts, attempt, turn)
  }

  private func apply(_ facts: TurnFacts, _ attempt: LiveAttempt, _ turn: Turn) async throws -> TaskDriver.Ending? {
    try project.learn(from: facts, turn)
    let decision = TurnPolicy.afterAgent(facts, limits: project.turnLimits, now: project.clock.now())
    let uncommitted = facts.uncommitted.prefix(100).joined(separator: "\n")
    return try await Aftermath(project: project, task: task).carryOut(
      decision, attempt, feedback: .noCommits(uncommitted: uncommitted, deniedTools: []))
  }
}

/// What the agent left in its worktree and on its branch.
struct WorkState: Sendable {
  var hasCommits: Bool
  var treeChanged: Bool
  /// Tracked files with edits that were not committed.
  var uncommitted: [String]
  var head: String
  /// Whether nothing untracked lies about either, so that a green gate proves the branch's tree. Never so in a worktree
  /// of the pool, where the build output of other attempts can help.
  var isExact: Bool

  static func read(_ attempt: LiveAttempt, in project: OpenProject) async throws -> WorkState {
    let repository = project.repository
    try await AttemptSandbox(project: project).collect(attempt)
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
      isExact: state.isClean && !ProjectPaths.isWarm(attempt.worktree))
  }
}
