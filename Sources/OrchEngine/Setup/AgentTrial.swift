import OrchAgents
package import OrchConfig
package import OrchDomain
import OrchProcess
import OrchStore

/// One tiny task for one agent, in a repository and a state directory that are made for it.
package struct AgentTrial: Sendable {
  /// What came of it.
  package struct Report: Hashable, Sendable {
    package var agent: String
    package var state: TaskState
    package var failure: FailureClass?
    /// Why it ended where it did; nil when all is well.
    package var reason: String?
    package var cost = MicroUSD.zero
    package var tokens = TokenUsage.zero
    package var seconds = 0
    package var turns = 0
    package var session: String?
    /// Where everything is that the trial left; nil when it was removed.
    package var directory: String?

    package var isComplete: Bool { state == .complete }

    package var json: JSONValue {
      .object([
        .init("agent", .string(agent)), .init("complete", .bool(isComplete)), .init("state", .string(state.rawValue)),
        .init("failure_class", failure.map { .string($0.rawValue) } ?? .null),
        .init("reason", reason.map(JSONValue.string) ?? .null), .init("cost_usd", .double(cost.usd)),
        .init(
          "tokens",
          .object([
            .init("input", .int(Int64(tokens.input))), .init("cache_write", .int(Int64(tokens.cacheWrite))),
            .init("cache_read", .int(Int64(tokens.cacheRead))), .init("output", .int(Int64(tokens.output))),
          ])),
        .init("duration_seconds", .int(Int64(seconds))), .init("turns", .int(Int64(turns))),
        .init("session", session.map(JSONValue.string) ?? .null),
        .init("directory", directory.map(JSONValue.string) ?? .null),
      ])
    }
  }

  private let launch: LaunchContext
  private let settings: Settings
  /// The project whose configuration says what the agent is; paths in it are relative to its root.
  private let root: String

  package init(launch: LaunchContext, settings: Settings, root: String) {
    self.launch = launch
    self.settings = settings
    self.root = root
  }

  /// Runs the task to its end. What it left is kept when the task did not become complete.
  package func run(
    _ agent: String, observer: @escaping @Sendable (Observation) -> Void = { _ in }
  ) async throws -> Report {
    let directory = "\(launch.environment["TMPDIR"] ?? "/tmp")/orch-try-\(randomUUID())"
    let place = try await prepare(agent, in: directory)
    let project = try await place.open(observer: observer)
    let lock = try ProjectLock(project, purpose: "agents try")
    defer { lock.release() }
    _ = try await PlanSync(project: project).run()
    let task = TaskID(module: "try", number: 1)
    let options = RunOptions(tasks: [task], count: 1, patience: .zero)
    _ = try await Conductor(project: project, options: options, stop: StopSwitch()).run()
    let end = try project.task(task)
    var report = Report(agent: agent, state: end.state, failure: end.failureClass, reason: end.reason)
    if let attempt = try project.attempt(task) {
      report.failure = attempt.record.failureClass ?? report.failure
      report.reason = attempt.record.failureDetail ?? report.reason
      report.cost = attempt.record.usage.cost
      report.tokens = attempt.record.usage.tokens
      report.seconds = attempt.record.usage.seconds
      report.turns = attempt.turns.count
      report.session = attempt.record.session
    }
    if report.isComplete {
      report.reason = nil
      try FileTree.removeIfPresent(directory)
    } else {
      report.directory = directory
    }
    return report
  }

  private func prepare(_ agent: String, in directory: String) async throws -> ProjectPlace {
    let repository = "\(directory)/repository"
    try FileTree.makeDirectories("\(repository)/docs/plans/try")
    try FileTree.write("\(repository)/README.md", Array("# A place to try an agent\n".utf8))
    try FileTree.write("\(repository)/docs/plans/try/epic-01-say-hello.md", Array(Self.plan.utf8))
    for arguments in [
      ["init", "--quiet", "--initial-branch=main"], ["config", "user.name", "claude-orch"],
      ["config", "user.email", "claude-orch@localhost"], ["add", "--all"], ["commit", "--quiet", "--message=Begin"],
    ] {
      let result = try await CommandRunner().run(
        Command(
          executable: "git", arguments: arguments, directory: repository,
          environment: OrchProcess.AgentEnvironment.base(from: launch.environment, allow: [])))
      guard result.exit.isSuccess else {
        throw EngineError.unavailable("git \(arguments[0]) failed in \(repository): \(result.errorText)")
      }
    }
    var environment = launch.environment
    environment["CLAUDE_ORCH_HOME"] = "\(directory)/state"
    // An empty file of its own, so that no other one names the user's project, database or worktrees.
    let config = "\(directory)/config.toml"
    try FileTree.write(config, [])
    var place = try ProjectPlace(
      LaunchContext(
        configFlag: config, projectFlag: repository, environment: environment, currentDirectory: repository,
        home: launch.home))
    place.loaded = LoadedSettings(settings: trialSettings(agent))
    return place
  }

  /// The agents as the user has them, and nothing else of theirs.
  private func trialSettings(_ agent: String) -> Settings {
    var trial = Settings.defaults
    trial.agents = settings.agents.mapValues { agent in
      var agent = agent
      agent.mcpConfig = agent.mcpConfig.map { launch.absolute($0, in: root) }
      return agent
    }
    trial.claude = settings.claude
    trial.general.agent = agent
    trial.verify.commands = ["grep -q hello hello.txt"]
    trial.verify.maxAttempts = 2
    trial.retry.maxAttempts = 1
    trial.limits.attemptTimeout = .seconds(600)
    return trial
  }

  private static let plan = """
    ---
    title: Say hello
    ---

    # Say hello

    Make a file `hello.txt` in the root of the repository that holds the one line `hello`, and commit it.

    ```bash run
    printf 'hello\\n' > hello.txt
    git add hello.txt
    git commit --quiet --message='Say hello'
    ```

    ## Acceptance Criteria

    - [ ] `grep -q hello hello.txt` succeeds

    """
}
