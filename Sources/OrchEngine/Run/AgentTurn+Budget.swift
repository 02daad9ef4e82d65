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

  /// What follows a turn that was stopped at a limit, by us or by itself.
  ///
  /// - Returns: nil when it was not.
  func afterLimit(_ cut: TurnCut?, _ outcome: AgentOutcome) throws -> TaskDriver.Ending? {
    let reached: BudgetLevel? =
      switch cut {
      case .budget(let level): level
      case .stalled, nil: outcome.failureClass == .budget ? try project.reachedLimit(task) : nil
      }
    guard let reached else { return nil }
    try project.parkAtLimit(task.id, reached)
    return .settled(.parked)
  }
}
