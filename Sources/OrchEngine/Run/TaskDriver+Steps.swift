import OrchAgents
import OrchConfig
import OrchGit
import OrchDomain
import OrchStore

extension TaskDriver {
  /// Draws the numbers of a new attempt and records it; nothing outside the store changes.
  func beginAttempt(_ task: StoredTask) throws {
    let agent = project.options.agent ?? task.plan.agent ?? project.settings.general.agent
    let configured = project.settings.agent(named: agent).model
    try project.beginAttempt(task, agent: agent, model: project.options.model ?? task.plan.model ?? configured)
  }

  /// Makes the worktree and the first prompt. Every part may be repeated.
  func prepare(_ task: StoredTask) async throws {
    guard var attempt = try project.attempt(task.id) else {
      throw EngineError.invalid("\(task.id) has no attempt to prepare; `claude-orch reset \(task.id)`")
    }
    if attempt.baseCommit.isEmpty { attempt = try project.setBase(attempt, commit: await project.baseCommit()) }
    do {
      try await Workspace(project: project).prepare(attempt)
    } catch let error as WorkspaceError {
      let kept = try await Workspace(project: project).preserve(attempt)
      try project.failAttempt(
        attempt, failure: .environment, reason: error.description, preserved: kept, next: .failed)
      return
    }
    let run = project.paths.run(task.id, attempt: attempt.number)
    try FileTree.makeDirectories(run)
    let plan = try await project.planBytes(task)
    try FileTree.write("\(run)/plan.md", plan)
    let overview = try await project.overviewBytes(task.id.module)
    let prompt = try Prompts(project: project).first(task, attempt, plan: plan, overview: overview)
    try project.beginTurn(attempt, reason: .start, prompt: prompt, state: .running)
  }

  /// Runs the gate in the attempt's worktree and decides what its colour means.
  func verify(_ task: StoredTask) async throws {
    guard let attempt = try project.attempt(task.id), let turn = attempt.latestTurn else {
      throw EngineError.invalid("\(task.id) has no attempt to verify; `claude-orch reset \(task.id)`")
    }
    let commands = project.gateCommands(task)
    let work = try await WorkState.read(attempt, in: project)
    let tree = try await project.repository.treeID(ofCommit: work.head)
    if try project.isProven(tree: tree, commands: commands) {
      try project.move(task.id, from: [.verifying], to: .publishing)
      return
    }
    let result = try await GateRunner(supervisor: project.supervisor, clock: project.clock).run(
      GateRunner.Request(
        commands: commands, directory: attempt.worktree,
        environment: project.gateEnvironment(for: task.id, worktree: attempt.worktree, base: attempt.baseCommit),
        timeout: project.settings.verify.timeout,
        logDirectory: "\(project.paths.run(task.id, attempt: attempt.number))/gate-\(turn.number)",
        runID: "\(attempt.runID)-\(turn.number)-gate"))
    if work.isExact { try project.recordEvidence(task.id, tree: tree, commands: commands, result) }
    guard !result.passed else {
      try project.move(task.id, from: [.verifying], to: .publishing, data: ["gate": "green"])
      return
    }
    try await handleRedGate(task, attempt, result)
  }

  private func handleRedGate(
    _ task: StoredTask, _ attempt: LiveAttempt, _ result: GateRunner.Result
  ) async throws {
    let turns = max(1, project.settings.verify.maxAttempts)
    let decision = TurnPolicy.afterRedGate(
      .gate, turn: attempt.countedTurns, summary: result.summary,
      limits: TurnLimits(turns: turns, attempts: 1, backoff: .zero))
    guard case .anotherTurn = decision else {
      let kept = try await Workspace(project: project).preserve(attempt)
      try project.failAttempt(attempt, failure: .gate, reason: result.summary, preserved: kept, next: .failed)
      return
    }
    let text = try Prompts(project: project).feedback(
      .gateRed(
        command: result.command, status: result.summary, output: result.output,
        turnsLeft: turns - attempt.countedTurns - 1), task, attempt)
    try project.beginTurn(attempt, reason: .gate, prompt: text, state: .fixing, summary: result.summary)
  }
}
