import OrchAgents
import OrchDomain
import OrchStore

/// An attempt with everything that the engine sets at its start.
struct LiveAttempt: Sendable {
  let record: Attempt
  let task: TaskID
  let number: Int
  let branch: String
  let worktree: String
  let runID: String
  /// Empty until the worktree is prepared.
  let baseCommit: String
  /// In ascending order.
  let turns: [Turn]

  init(_ record: Attempt, turns: [Turn], paths: ProjectPaths) {
    self.record = record
    task = record.task
    number = record.number
    branch = record.branch ?? record.task.branch
    worktree = record.worktree ?? paths.worktree(record.task, attempt: record.number)
    runID = record.runID ?? ""
    baseCommit = record.baseCommit ?? ""
    self.turns = turns
  }

  var latestTurn: Turn? { turns.last }
  /// The last turn in which the agent worked, as against one in which somebody looked at its work.
  var latestWork: Turn? { turns.last { !$0.isAcceptance } }

  /// What earlier turns of the same session used. A turn that was killed outright could not save its share.
  func used(before turn: Turn) -> [TurnUsage.Earlier] {
    let killed = AgentExit(.signal(9)).text
    return turnsOfSession(before: turn).map { turn in
      .init(
        TurnUsage(tokens: turn.usage.tokens, cost: turn.usage.cost),
        isInTotals: turn.exit != killed || turn.outcome == "claims_done")
    }
  }

  /// Turns that the agent was given to finish its own work: limits, conflicts and people's wishes cost it nothing.
  var countedTurns: Int {
    turns.count { turn in
      switch TurnReason(rawValue: turn.purpose) {
      case .start, .gate, .noCommits, .uncommitted, .unmet, .secrets: true
      case .rejected, .conflict, .landingGate, .checks, .review, .message, .acceptance, .resumed, .newSession, nil:
        false
      }
    }
  }
}

extension Turn {
  /// Whether it was a reviewer's.
  var isAcceptance: Bool { purpose == TurnReason.acceptance.rawValue }

  /// Whether it goes on in a session that another turn has begun.
  var isResumed: Bool { number > 1 && purpose != TurnReason.newSession.rawValue && !isAcceptance }

  /// What the engine keeps beside a turn: its streams, prompt and feedback.
  func directory(_ paths: ProjectPaths) -> String {
    runDirectory ?? paths.turn(task, attempt: attempt, turn: number)
  }
}
