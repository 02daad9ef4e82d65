import OrchAgents
import OrchDomain
import OrchProcess
import OrchSchedule

/// How the process of a turn ended.
struct TurnEnd: Sendable {
  var exit: AgentExit
  /// How long it ran, without the time that the machine slept; nil when nobody knows.
  var elapsed: Duration?
  /// As its supervisor wrote it down; nil when nobody knows.
  var endedAt: Timestamp?
  /// Whether it was still running when this process began to look.
  var wasFollowed = true
  /// Why we stopped it ourselves; nil when we did not.
  var cut: TurnCut?

  init(exit: AgentExit) { self.exit = exit }

  init(_ record: ExitRecord) {
    exit = AgentTurn.exit(of: record)
    elapsed = record.elapsed
    endedAt = record.endedAt
  }
}

/// Why the orchestrator itself stopped an agent.
enum TurnCut: Hashable, Sendable {
  case budget(BudgetLevel)
  /// It got nowhere any more, for the reason given.
  case stalled(String, hasCommitted: Bool)

  var cause: AgentExit.Cause {
    switch self {
    case .budget: .budget
    case .stalled: .stalled
    }
  }
}
