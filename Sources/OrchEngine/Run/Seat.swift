import OrchAgents
import OrchConfig
import OrchDomain
import OrchReview
import OrchStore

/// Who takes a turn of an attempt, and where: the agent that works on it, or a reviewer beside it.
struct Seat: Sendable {
  var agent: String
  var model: String?
  var directory: String
  /// Whether it carries out the plan; else it looks at what was carried out.
  var isWork: Bool
  /// The conversation that an earlier turn has begun; nil when the turn begins one.
  var resumes: String?
  /// The id for a conversation that the turn begins.
  var session: String?
  /// Largest spend of the turn beside what the limits leave; nil when only those count.
  var maxCost: MicroUSD?
}

extension OpenProject {
  func seat(_ attempt: LiveAttempt, _ turn: Turn) -> Seat {
    guard turn.isAcceptance else {
      return Seat(
        agent: attempt.record.agent, model: attempt.record.model, directory: attempt.worktree, isWork: true,
        resumes: turn.isResumed ? attempt.record.session : nil, session: attempt.record.session)
    }
    let own = settings.verify.acceptanceAgent ?? attempt.record.agent
    let isSame = own == attempt.record.agent
    return Seat(
      agent: own,
      model: settings.verify.acceptanceModel ?? (isSame ? attempt.record.model : settings.agent(named: own).model),
      directory: paths.reviewWorktree(attempt.task), isWork: false,
      session: turn.session, maxCost: settings.verify.acceptanceMaxCost)
  }
}
