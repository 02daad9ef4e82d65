import OrchGit
import OrchConfig
import OrchAgents
import OrchDomain
import OrchFiles
import OrchProcess
import OrchSchedule
import OrchStore

/// Watches an agent at work beside whoever reads its stream: charges what it uses, and stops it at a limit, or when it
/// gets nowhere any more.
///
/// What it stops keeps its session; ``cut`` says why it was stopped.
actor TurnWatch {
  private let project: OpenProject
  private let task: StoredTask
  private let attempt: LiveAttempt
  private let turn: Turn
  private let run: SupervisedRun
  /// What the stream has told by its last line; nil when nothing new has come since the last look.
  private var news: (any AgentStreamParser)?
  private var charged: Usage
  private let began: Duration
  private var watchdog: Watchdog?
  private var lookedAt: Duration
  /// Since the last progress.
  private var looks = 0
  private(set) var cut: TurnCut?
  /// Told last.
  private var trouble: String?
  private static let tick = Duration.milliseconds(500)

  init(project: OpenProject, task: StoredTask, attempt: LiveAttempt, turn: Turn, run: SupervisedRun) {
    self.project = project
    self.task = task
    self.attempt = attempt
    self.turn = turn
    self.run = run
    charged = turn.usage
    let now = project.clock.awake()
    began = now
    lookedAt = now
    watchdog = project.settings.limits.stallTimeout.map { Watchdog(limits: Watchdog.Limits(stall: $0), at: now) }
  }

  /// Takes note of what a line has told, and of all that was told by then.
  func see(_ events: [AgentEvent], _ parser: any AgentStreamParser) {
    news = parser
    let now = project.clock.awake()
    for sign in events.compactMap(Watchdog.Sign.init) { watchdog?.observe(sign, at: now) }
  }

  /// Returns when the agent was stopped; goes on until it is cancelled otherwise.
  func watch() async throws {
    while true {
      try await project.clock.sleep(Self.tick)
      do {
        if let reason = try await reasonToStop() { return await stop(reason) }
      } catch is CancellationError {
        throw CancellationError()
      } catch {
        // Trouble with the store or the repository is told, and must not end the watch.
        let text = "\(task.id): what its agent uses and does could not be looked at: \(error)"
        if text != trouble { project.observer(.diagnostic(text)) }
        trouble = text
      }
    }
  }

  private func reasonToStop() async throws -> TurnCut? {
    if let level = try await limit() { return .budget(level) }
    return try await stall().map { .stalled($0, hasCommitted: watchdog?.hasCommitted ?? false) }
  }

  /// The limit that is reached, by this agent or by others.
  private func limit() async throws -> BudgetLevel? {
    var use = charged
    if var parser = news {
      news = nil
      // As if it ended now: every kind of agent tells in the same way what it has used so far.
      let outcome = parser.finish(exit: AgentExit(.code(0)), stderrTail: "", now: nil)
      use = project.usage(attempt, turn, outcome, seconds: charged.seconds)
    }
    if project.settings.limits.areTimed || use != charged {
      use.seconds = turn.usage.seconds + Int((project.clock.awake() - began).inSeconds)
    }
    guard use != charged else { return try project.reachedLimit(task) }
    charged = use
    try await project.noteCommits(attempt)
    return try project.record(use, of: turn, task)
  }

  /// Why the agent gets nowhere; nil while it does.
  ///
  /// As long as its stream has news, nothing else is looked at.
  private func stall() async throws -> String? {
    guard let timeout = project.settings.limits.stallTimeout else { return nil }
    let now = project.clock.awake()
    switch watchdog?.judge(at: now) {
    case .progressing, nil:
      looks = 0
      return nil
    case .silent(let silence): guard silence >= timeout / 4, now - lookedAt >= timeout / 8 else { return nil }
    case .stalled: break
    }
    try await look(at: now)
    // What the processes do shows only between two looks that lie a moment apart.
    guard looks >= 3, case .stalled(let reason) = watchdog?.judge(at: now) else { return nil }
    return reason
  }

  /// Looks at what costs more than reading the stream; starts no process.
  private func look(at now: Duration) async throws {
    lookedAt = now
    looks += 1
    if let time = run.shim.treeTime { watchdog?.observe(.cpu(time), at: now) }
    if let tip = try await project.repository.commitID(ofRef: "refs/heads/\(attempt.branch)") {
      watchdog?.observe(.commit(tip), at: now)
    }
    if let digest = TreeDigest.of(attempt.worktree) { watchdog?.observe(.files(digest), at: now) }
  }

  private func stop(_ reason: TurnCut) async {
    cut = reason
    _ = await project.supervisor.stop(run, grace: AgentTurn.grace)
  }
}

extension Watchdog.Sign {
  /// What an event of the stream says about progress; nil when it says nothing.
  init?(_ event: AgentEvent) {
    switch event {
    case .text(let text), .note(let text): self = .words(text)
    case .toolUse(let name, let summary): self = .act("\(name) \(summary)")
    case .toolResult(_, let summary): self = .act(summary)
    case .denied(let tool, let reason): self = .act("\(tool) \(reason)")
    case .session(let id): self = .act(id)
    case .retry(_, _, let delay): self = .waiting(delay)
    case .usage, .rateLimited: return nil
    }
  }
}
