import OrchAgents
import OrchConfig
import OrchDomain
import OrchFiles
import OrchMarkdown
import OrchProcess
import OrchReview
import OrchStore

extension AgentTurn {
  /// How long an agent has between being asked to end and being killed.
  static let grace = Duration.seconds(10)

  /// Starts the turn's process, or adopts it when an earlier orchestrator started it, and reads its stream to the end.
  func follow(
    _ attempt: LiveAttempt, _ turn: Turn, _ adapter: any AgentAdapter,
    _ settings: OrchAgents.AgentSettings, _ parser: inout any AgentStreamParser
  ) async throws -> TurnEnd {
    let supervised: SupervisedRun
    switch project.supervisor.state(in: turn.directory(project.paths)) {
    case .notStarted:
      guard let run = try await startOnce(attempt, turn, adapter, settings) else {
        return try await follow(attempt, turn, adapter, settings, &parser)
      }
      project.crashPoints.reached(.agentSpawned)
      supervised = run
    case .running(let run): supervised = run
    case .ended(let record):
      try readAll(turn, attempt, &parser)
      var end = TurnEnd(record)
      end.wasFollowed = false
      return end
    case .lost: return try await lost(turn, attempt, &parser)
    }
    if await project.running.add(task.id, supervised) {
      _ = await project.supervisor.stop(supervised, grace: Self.grace)
    }
    let watch = TurnWatch(project: project, task: task, attempt: attempt, turn: turn, run: supervised)
    let state = try await readWhileRunning(supervised, turn, attempt, watch, &parser)
    await project.running.remove(task.id)
    switch state {
    case .ended(let record):
      var end = TurnEnd(record)
      if record.outcome == .stopped, let cut = await watch.cut {
        end.cut = cut
        end.exit.cause = cut.cause
      }
      return end
    case .lost, .running, .notStarted: return try await lost(turn, attempt, &parser)
    }
  }

  /// The supervisor was killed: what is left of the tree is ended before anything else touches the worktree.
  private func lost(
    _ turn: Turn, _ attempt: LiveAttempt, _ parser: inout any AgentStreamParser
  ) async throws -> TurnEnd {
    _ = try await project.supervisor.sweep(runID: runID(attempt, turn), runDirectory: turn.directory(project.paths))
    try readAll(turn, attempt, &parser)
    return TurnEnd(exit: AgentExit(.signal(9)))
  }

  private func runID(_ attempt: LiveAttempt, _ turn: Turn) -> String { "\(attempt.runID)-\(turn.number)" }

  /// - Returns: nil when a supervisor that a killed orchestrator has started came first; by now it has left its record.
  private func startOnce(
    _ attempt: LiveAttempt, _ turn: Turn, _ adapter: any AgentAdapter, _ settings: OrchAgents.AgentSettings
  ) async throws -> SupervisedRun? {
    do {
      return try await start(attempt, turn, adapter, settings)
    } catch let error as ProcessError {
      guard case .runDirectoryUsed = error else { throw error }
      for _ in 0..<100 {
        if case .notStarted = project.supervisor.state(in: turn.directory(project.paths)) {
          try await project.clock.sleep(.milliseconds(50))
        } else {
          return nil
        }
      }
      throw error
    }
  }

  private func start(
    _ attempt: LiveAttempt, _ turn: Turn, _ adapter: any AgentAdapter, _ settings: OrchAgents.AgentSettings
  ) async throws -> SupervisedRun {
    let environment = OrchProcess.AgentEnvironment.base(
      from: project.environment, allow: adapter.environmentNames + settings.environmentNames
    ).merging(try AttemptSurroundings(project: project).environment(of: attempt)) { $1 }
    let context = try context(attempt, turn, adapter, settings, inherited: environment)
    let seat = project.seat(attempt, turn)
    let invocation =
      if adapter.resumes, let session = seat.resumes { try adapter.resume(context, session: session) } else {
        try adapter.start(context)
      }
    for directory in invocation.directories { try FileTree.makeDirectories(directory) }
    for file in invocation.files { try FileTree.write(file.path, Array(file.content.utf8)) }
    let input: String? = if case .file(let path) = invocation.input { path } else { nil }
    let sandbox = try await AttemptSandbox(project: project).forAgent(context, invocation, adapter)
    let variables = environment.merging(OrchProcess.AgentEnvironment.unattendedGit) { own, _ in own }
      .merging(invocation.environment) { $1 }.merging(sandbox?.environment ?? [:]) { $1 }
    let timeout =
      seat.isWork
      ? task.plan.timeout ?? project.settings.agents[seat.agent]?.timeout ?? project.settings.limits.attemptTimeout
      : project.settings.verify.acceptanceTimeout
    return try await project.supervisor.start(
      Supervisor.Request(
        runDirectory: turn.directory(project.paths), runID: runID(attempt, turn), executable: invocation.executable,
        arguments: invocation.arguments, directory: seat.directory,
        environment: variables, stdinFile: input, deadline: timeout, grace: Self.grace, dieWithParent: false,
        outputLimit: 1 << 30, sandbox: sandbox))
  }

  private func context(
    _ attempt: LiveAttempt, _ turn: Turn, _ adapter: any AgentAdapter, _ settings: OrchAgents.AgentSettings,
    inherited: [String: String]
  ) throws -> AgentContext {
    let seat = project.seat(attempt, turn)
    let run = project.paths.run(task.id, attempt: attempt.number)
    let plan = try FileTree.read("\(run)/plan.md")
    let blocks = PlanText.scriptBlocks(plan)
    let hasPlan = FileTree.exists("\(seat.directory)/\(task.plan.path)")
    let prompt = try prompt(turn, in: run, isAlone: turn.isResumed && !adapter.resumes)
    let left = [try project.costLeft(task, turn), seat.maxCost].compactMap(\.self).min()
    return AgentContext(
      task: task.id, purpose: try LookSubject(of: turn, project.paths).map { .acceptance(schema: $0.schema) } ?? .work,
      attempt: attempt.number, turn: turn.number, runDirectory: run,
      sessionDirectory: seat.isWork ? nil : "\(run)/input-\(turn.number)/session", worktree: seat.directory,
      promptFile: prompt.file, prompt: prompt.text, planPath: hasPlan ? task.plan.path : "\(run)/plan.md",
      branch: attempt.branch, base: attempt.baseCommit,
      feedbackFile: turn.feedbackPath, session: seat.session,
      model: seat.model ?? settings.model, maxTurns: settings.maxTurns, maxCost: left,
      settings: settings,
      inherited: inherited, mcpConfig: seat.isWork ? try mcpConfig(attempt) : nil, scriptBlocks: blocks)
  }

  /// The prompt of a turn. An agent without sessions has forgotten the first one, so it gets that again, then the news.
  private func prompt(_ turn: Turn, in run: String, isAlone: Bool) throws -> (file: String, text: String) {
    let own = project.paths.prompt(task.id, attempt: turn.attempt, turn: turn.number)
    let text = String(decoding: try FileTree.read(own), as: UTF8.self)
    guard isAlone else { return (own, text) }
    let whole = String(decoding: try FileTree.read("\(run)/input-1/prompt.md"), as: UTF8.self) + "\n" + text
    let file = "\(run)/input-\(turn.number)/whole-prompt.md"
    try FileTree.write(file, Array(whole.utf8))
    return (file, whole)
  }

  /// The servers of the project, as the worktree has them, and those of the configuration.
  private func mcpConfig(_ attempt: LiveAttempt) throws -> MCPConfig? {
    let own = "\(attempt.worktree)/.mcp.json"
    let configured = project.settings.agent(named: attempt.record.agent).mcpConfig.map {
      project.place.launch.absolute($0, in: project.root)
    }
    return try ((FileTree.exists(own) ? [own] : []) + configured).reduce(nil) { merged, path in
      guard FileTree.exists(path), let config = MCPConfig(json: try FileTree.read(path)) else {
        throw AgentError.badMCPConfig(path: path)
      }
      return merged?.merged(with: config) ?? config
    }
  }

  /// Reads the stream as it grows, so that sessions are known, and output shown, before the agent ends.
  private func readWhileRunning(
    _ run: SupervisedRun, _ turn: Turn, _ attempt: LiveAttempt, _ watch: TurnWatch,
    _ parser: inout any AgentStreamParser
  ) async throws -> RunState {
    let supervisor = project.supervisor
    let tail = FileTail(path: RunFiles.stdout(in: run.runDirectory))
    let lines = FollowedLines(tail, clock: ContinuousClock()) {
      if case .running = supervisor.state(in: run.runDirectory) { false } else { true }
    }
    var mask = SecretLineMask(project.mask)
    return try await withThrowingTaskGroup { group in
      group.addTask { try await watch.watch() }
      for try await line in lines {
        let events = try consume(mask.masked(line.bytes), turn, attempt, &parser)
        await watch.see(events, parser)
      }
      let state = await supervisor.wait(for: run)
      group.cancelAll()
      return state
    }
  }

  /// Reads the stream of a run that has ended.
  func readAll(_ turn: Turn, _ attempt: LiveAttempt, _ parser: inout any AgentStreamParser) throws {
    var tail = FileTail(path: RunFiles.stdout(in: turn.directory(project.paths)))
    var mask = SecretLineMask(project.mask)
    while true {
      let lines = try tail.readLines()
      guard !lines.isEmpty else { break }
      for line in lines { try consume(mask.masked(line.bytes), turn, attempt, &parser) }
    }
    if let rest = tail.readRest() { try consume(mask.masked(rest.bytes), turn, attempt, &parser) }
  }

  /// - Parameter line: Masked before anything else sees it: sessions, events, evidence and what is shown all come
  ///   from here.
  @discardableResult
  private func consume(
    _ line: [UInt8], _ turn: Turn, _ attempt: LiveAttempt, _ parser: inout any AgentStreamParser
  ) throws -> [AgentEvent] {
    let events = parser.consume(line[...])
    for event in events {
      if case .session(let session) = event, !turn.isAcceptance { try project.setSession(attempt, session) }
      project.observer(.agent(task.id, event))
    }
    return events
  }

  static func exit(of record: ExitRecord) -> AgentExit {
    switch record.outcome {
    case .exited(let code): AgentExit(.code(code))
    case .signalled(let signal): AgentExit(.signal(signal))
    case .deadline: AgentExit(.signal(15), cause: .timeout)
    case .stopped: AgentExit(.signal(15), cause: .cancelled)
    case .outputLimit: AgentExit(.signal(9), cause: .stalled)
    case .spawnFailed: AgentExit(.code(127))
    }
  }
}
