import OrchProcess
import OrchAgents
import OrchDomain
import OrchSchedule
import OrchStore

// What budgets have to say about a turn.
extension AgentTurn {
  /// How often a turn asks again while others hold what is left of a budget.
  private static let interval = Duration.milliseconds(250)

  /// Sets aside what the turn will probably use. Waits while others hold what is left; parks the task at a limit.
  ///
  /// - Returns: How the drive of the task ends, or nil when the turn may begin, or has begun already.
  func waitForBudget(_ attempt: LiveAttempt, _ turn: Turn) async throws -> TaskDriver.Ending? {
    guard case .notStarted = project.supervisor.state(in: turn.directory(project.paths)) else { return nil }
    try await project.noteCommits(attempt)
    while true {
      switch try project.reserve(task, turn) {
      case .granted: return nil
      case .reached(let level):
        try project.parkAtLimit(task.id, level)
        return .settled(.parked)
      case .wait:
        if let reason = await project.running.reason(for: task.id) {
          try project.park(task.id, reason: reason)
          return .settled(.parked)
        }
        try await project.clock.sleep(Self.interval)
      }
    }
  }

  /// What follows a turn that we stopped ourselves, or that stopped itself at the limit that it was given.
  ///
  /// - Returns: nil when neither was so, or when its stream tells more than that.
  func afterCut(_ cut: TurnCut?, _ attempt: LiveAttempt, _ outcome: AgentOutcome) async throws -> CutEnding? {
    switch cut {
    case .budget(let level): return .ended(try park(at: level))
    case .stalled(let reason, let hasCommitted) where outcome.failureClass == .stalled:
      return try afterStall(reason, hasCommitted: hasCommitted, attempt)
    case .stalled, nil:
      guard outcome.failureClass == .budget, let level = try project.reachedLimit(task) else { return nil }
      return .ended(try park(at: level))
    }
  }

  private func park(at level: BudgetLevel) throws -> TaskDriver.Ending {
    try project.parkAtLimit(task.id, level)
    return .settled(.parked)
  }

  private func afterStall(_ reason: String, hasCommitted: Bool, _ attempt: LiveAttempt) throws -> CutEnding {
    let earlier = attempt.turns.dropLast().reversed().prefix { $0.outcome == FailureClass.stalled.rawValue }.count
    switch Watchdog.afterStop(earlierStalls: earlier, hasCommitted: hasCommitted) {
    case .resume:
      let text = try Prompts(project: project).feedback(.interrupted(reason: "stopped: \(reason)"), task, attempt)
      try project.beginTurn(attempt, reason: .resumed, prompt: text, state: .fixing, summary: "stalled: \(reason)")
      return .goesOn
    case .giveUp:
      try project.setStuck(
        task.id, reason: "stalled again after it was stopped and resumed: \(reason)", failure: .stalled)
      return .ended(.settled(.stuck))
    }
  }
}

/// What becomes of a task after its agent was stopped by us.
enum CutEnding {
  case goesOn
  case ended(TaskDriver.Ending)
}
