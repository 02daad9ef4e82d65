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
    let agent = try project.agents.agent(named: attempt.record.agent)
    var parser = agent.adapter.makeParser(session: attempt.record.session)
    let end: TurnEnd
    do {
      end = try await follow(attempt, turn, agent.adapter, agent.settings, &parser)
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
    let outcome = try recordEnd(attempt, turn, end, &parser)
    switch try await afterCut(end.cut, attempt, outcome) {
    case .goesOn: return nil
    case .ended(let ending): return ending
    case nil: break
    }
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
    let adapter = try project.agents.agent(named: attempt.record.agent).adapter
    var parser = adapter.makeParser(session: attempt.record.session)
    try readAll(turn, attempt, &parser)
    try recordEnd(attempt, turn, TurnEnd(record), &parser)
  }

  @discardableResult
  private func recordEnd(
    _ attempt: LiveAttempt, _ turn: Turn, _ end: TurnEnd, _ parser: inout any AgentStreamParser
  ) throws -> AgentOutcome {
    try MaskedFile.maskStreams(in: turn.directory(project.paths), project.mask)
    let stderr = try FileTree.tail(RunFiles.stderr(in: turn.directory(project.paths)), limit: 4000)
    let outcome = parser.finish(exit: end.exit, stderrTail: stderr, now: project.clock.now())
    try project.endTurn(attempt, turn, outcome: outcome, exit: end.exit, elapsed: end.elapsed)
    project.crashPoints.reached(.turnRecorded)
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
    var facts = try project.facts(task, attempt, turn, claim: claim)
    let resumes = try project.agents.agent(named: attempt.record.agent).adapter.resumes
    facts.canResume = resumes && !outcome.sessionIsGone
    facts.lostSession = outcome.sessionIsGone && turn.isResumed
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
