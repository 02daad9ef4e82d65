import OrchAgents
import OrchDomain
import OrchStore

/// Carries out what was decided about an attempt that does not simply go on.
struct Aftermath: Sendable {
  let project: OpenProject
  let task: StoredTask

  /// - Parameters:
  ///   - feedback: What the agent is told on another turn.
  ///   - summary: Why it gets one, for the record.
  /// - Returns: How the drive of the task ends, or nil when it goes on.
  func carryOut(
    _ decision: TurnDecision, _ attempt: LiveAttempt, feedback: PromptFacts.Feedback, summary: String? = nil
  ) async throws -> TaskDriver.Ending? {
    switch decision {
    case .verify:
      try project.move(task.id, from: [.running, .fixing], to: .verifying)
      return nil
    case .anotherTurn(let reason):
      let text = try Prompts(project: project).feedback(feedback, task, attempt)
      try project.beginTurn(attempt, reason: reason, prompt: text, state: .fixing, summary: summary)
      return nil
    case .newSession(let agent, let failure, let reason):
      try await beginSession(attempt, agent, "\(reason) [\(failure.rawValue)]")
      return nil
    case .newAttempt(let failure, let reason, let after):
      try await end(attempt, failure, reason, next: .parked, until: project.clock.now().advanced(by: after))
      return .settled(.parked)
    case .park(let failure, let reason, let until):
      try project.park(task.id, reason: reason, until: until, failure: failure)
      return .settled(.parked)
    case .stuck(let failure, let reason):
      try project.setStuck(task.id, reason: reason, failure: failure)
      return .settled(.stuck)
    case .fail(let failure, let reason):
      try await end(attempt, failure, reason, next: .failed)
      return .settled(.failed)
    }
  }

  private func end(
    _ attempt: LiveAttempt, _ failure: FailureClass, _ reason: String, next: TaskState, until: Timestamp? = nil
  ) async throws {
    let kept = try await Workspace(project: project).preserve(attempt)
    try project.failAttempt(
      attempt, failure: failure, reason: reason, preserved: kept, next: next, until: until)
  }

  /// The worktree stays as it is, with whatever is uncommitted in it: nothing of the session before is lost.
  private func beginSession(_ attempt: LiveAttempt, _ agent: String?, _ reason: String) async throws {
    let choice = try project.agentPicker().chain(for: task.plan).first { $0.agent == agent }
    let next = choice ?? AgentChoice(agent: attempt.record.agent, model: attempt.record.model)
    let prompt = try await Prompts(project: project).takeOver(task, attempt, because: reason)
    try project.beginTurn(
      attempt, reason: .newSession, prompt: prompt, state: .fixing, summary: reason, session: next)
  }
}
