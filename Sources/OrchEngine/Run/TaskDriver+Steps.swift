import OrchAgents
import OrchConfig
import OrchGit
import OrchDomain
import OrchStore

extension TaskDriver {
  /// Draws the numbers of a new attempt and records it; nothing outside the store changes.
  func beginAttempt(_ task: StoredTask) throws {
    let choice = try project.agentPicker().pick(for: task.plan)
    try project.beginAttempt(task, agent: choice.agent, model: choice.model)
  }

  /// Makes the worktree and the first prompt. Every part may be repeated.
  func prepare(_ task: StoredTask) async throws {
    guard var attempt = try project.attempt(task.id) else {
      throw EngineError.invalid("\(task.id) has no attempt to prepare; `claude-orch reset \(task.id)`")
    }
    if attempt.baseCommit.isEmpty { attempt = try project.setBase(attempt, commit: await project.baseCommit()) }
    do {
      attempt = try await Workspace(project: project).prepare(attempt)
    } catch let error as WorkspaceError {
      return try await handleUnprepared(task, try project.attempt(task.id) ?? attempt, error)
    }
    let run = project.paths.run(task.id, attempt: attempt.number)
    try FileTree.makeDirectories(run)
    try await VacuityCheck(project: project).run(task, attempt)
    let plan = try await project.planBytes(task)
    try FileTree.write("\(run)/plan.md", plan)
    let prompt = try await Prompts(project: project).first(task, attempt.place, plan: plan)
    try project.beginTurn(attempt, reason: .start, prompt: prompt, state: .running)
  }

  /// No agent can repair a worktree that cannot be made ready, and no other agent fares better: the class decides.
  private func handleUnprepared(_ task: StoredTask, _ attempt: LiveAttempt, _ error: WorkspaceError) async throws {
    if case .setUpFailed(_, _, let output) = error { try project.recordRedGate(attempt, output) }
    var facts = TurnFacts(
      task: task.id, agent: attempt.record.agent, model: attempt.record.model,
      claim: .failed(.environment, evidence: error.description, retryAt: nil), attempt: attempt.number)
    // To go on is to make it ready again.
    facts.canResume = true
    facts.inARow = try project.endsWhilePreparing(task.id) + 1
    facts.seed = attempt.seed(nil)
    let decision = TurnPolicy.afterAgent(facts, limits: project.turnLimits, now: project.clock.now())
    _ = try await Aftermath(project: project, task: task).carryOut(
      decision, attempt, feedback: .interrupted(reason: error.description))
  }

  /// Runs the gate in the attempt's worktree and decides what its colour means.
  func verify(_ task: StoredTask) async throws {
    guard let attempt = try project.attempt(task.id), let turn = attempt.latestWork else {
      throw EngineError.invalid("\(task.id) has no attempt to verify; `claude-orch reset \(task.id)`")
    }
    // What was written while the agent worked is told before its work counts as done.
    if try !project.waitingMessages(for: task.id).isEmpty {
      return try project.beginTurn(attempt, reason: .message, prompt: MessageText.prompt, state: .fixing)
    }
    let work = try await WorkState.read(attempt, in: project)
    let tree = try await project.repository.treeID(ofCommit: work.head)
    let gate = Gate(project: project, task: task.id, stages: project.gate(task))
    let red = try await gate.prove(
      tree,
      in: Gate.Place(
        directory: attempt.worktree, base: attempt.baseCommit,
        logDirectory: "\(project.paths.run(task.id, attempt: attempt.number))/gate-\(turn.number)",
        runID: "\(attempt.runID)-\(turn.number)-gate", attempt: attempt.number, isExact: work.isExact))
    if let red {
      try await handleRedGate(task, attempt, red)
    } else {
      try project.markProgress(task.id, attempt: attempt.number, head: work.head)
      try await look(at: task, attempt, head: work.head)
    }
  }

  /// Lets a reviewer look at work that has passed the gate, when that is wanted, and sends back what does not hold.
  private func look(at task: StoredTask, _ attempt: LiveAttempt, head: String) async throws {
    switch try await Look(project: project, task: task, attempt: attempt, head: head).examine() {
    case .notYet: return
    case .park(let failure, let reason, let until):
      try project.park(task.id, reason: reason, until: until, failure: failure)
    case .stuck(let failure, let reason):
      try project.setStuck(task.id, reason: reason, failure: failure)
    case .opinion(let opinion):
      let unmet = opinion.checks.filter { $0.finding == .unmet }
      let turns = max(1, project.settings.verify.maxAttempts)
      guard !unmet.isEmpty, attempt.countedTurns < turns, let current = try project.attempt(task.id) else {
        try project.move(task.id, from: [.verifying], to: .publishing, data: ["gate": "green"])
        return
      }
      let summary = "acceptance: not met: \(SafeText.line(unmet[0].criterion, limit: 200))"
      let more = unmet.count > 1 ? " and \(unmet.count - 1) more" : ""
      let text = try Prompts(project: project).feedback(
        .unmet(checks: unmet, turnsLeft: turns - attempt.countedTurns - 1), task, current)
      try project.beginTurn(current, reason: .unmet, prompt: text, state: .fixing, summary: summary + more)
    }
  }

  private func handleRedGate(_ task: StoredTask, _ attempt: LiveAttempt, _ red: Gate.Red) async throws {
    guard let turn = attempt.latestWork else { return }
    try project.recordRedGate(attempt, red.result.output)
    let (limits, now) = (project.turnLimits, project.clock.now())
    // What no agent can repair is not given to one; the work is kept, and `resume` runs the gate again.
    let isOurs = red.failure == .environment
    let evidence = isOurs ? "\(red.summary); its output is in \(red.result.logDirectory)" : red.summary
    var facts = try project.facts(
      task, attempt, turn, claim: .failed(red.failure, evidence: evidence, retryAt: nil))
    if try await BaseGate(project: project, task: task).isRed(red.stage, under: attempt) {
      facts.redBase = "'\(project.baseBranch)' (\(attempt.baseCommit.prefix(12)))"
    }
    let decision =
      isOurs
      ? TurnPolicy.afterAgent(facts, limits: limits, now: now)
      : TurnPolicy.afterRedGate(facts, summary: red.summary, limits: limits, now: now)
    _ = try await Aftermath(project: project, task: task).carryOut(
      decision, attempt,
      feedback: .gateRed(
        stage: red.stage.name, command: red.result.command, status: red.result.summary, output: red.result.output,
        turnsLeft: limits.turns - attempt.countedTurns - 1, redBase: facts.redBase), summary: red.summary)
  }
}
