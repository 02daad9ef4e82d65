package import OrchConfig
package import OrchDomain
package import OrchStore

/// Everything outside of itself that the engine waits for. Each kind has an owner and a deadline; a test holds every
/// suspension point of the engine to this list.
package enum WaitKind: String, Hashable, Sendable, CaseIterable {
  /// An agent's process.
  case agent
  /// A command of the gate, or of `[worktree] setup`, in an attempt's worktree or on a merged tree.
  case gate
  /// A process that was asked to end.
  case stop
  /// A supervisor that starts a process, or another process that has just started one.
  case shim
  /// What other turns hold of a budget.
  case budget
  /// The time at which a parked task goes on.
  case time
  /// A person: to review, to resume, to clear a checkout.
  case person
  /// An answer from the process that drives the project.
  case mailbox
  /// Something to do: the loop of a run, or of the daemon, looks again.
  case news

  /// Who ends it.
  package var owner: String {
    switch self {
    case .agent, .stop, .shim: "the supervisor of the process"
    case .gate: "the gate"
    case .budget, .news: "the run"
    case .time: "the clock"
    case .person: "a person"
    case .mailbox: "the process that drives the project"
    }
  }

  /// How long it can take at most.
  package var deadline: String {
    switch self {
    case .agent:
      "`timeout` of the plan or the agent, else `attempt_timeout` of [limits]; `stall_timeout` without progress"
    case .gate: "`timeout` of [verify] for each command, and the stage's own"
    case .stop: "10 seconds to end by itself, 30 more to be killed and recorded"
    case .shim: "60 seconds"
    case .budget: "as long as another turn that is paid from the same budget: the deadline of its agent"
    case .time: "the time that is named, at most 8 days"
    case .person: "none; a reminder after `remind_after` of [limits], and again"
    case .mailbox: "60 seconds, then the request stays in the mailbox"
    case .news: "100 milliseconds in a run, 30 seconds in a daemon that has nothing to do"
    }
  }
}

/// What a task waits for now.
package struct Wait: Hashable, Sendable {
  package let kind: WaitKind
  package let since: Timestamp
  /// nil when only a person ends it.
  package let until: Timestamp?

  /// - Parameter turn: The latest turn of its latest attempt.
  /// - Returns: nil for a task that waits for nothing outside.
  package init?(_ task: StoredTask, attempt: Attempt?, turn: Turn?, settings: Settings) {
    switch task.state {
    case .running, .fixing:
      guard let turn, let attempt else { return nil }
      let agent = settings.agents[attempt.agent]?.timeout
      kind = .agent
      since = turn.startedAt
      until = since.advanced(by: task.plan.timeout ?? agent ?? settings.limits.attemptTimeout)
    case .verifying, .landing, .preparing:
      kind = .gate
      since = task.updatedAt
      until = since.advanced(by: Self.longestGate(task, settings))
    case .parked:
      kind = task.parkedUntil == nil ? .person : .time
      since = task.updatedAt
      until = task.parkedUntil
    case .inReview, .stuck:
      kind = .person
      since = task.updatedAt
      until = nil
    case .approved:
      guard task.reason != nil else { return nil }
      kind = .person
      since = task.updatedAt
      until = nil
    case .blocked, .ready, .queued, .publishing, .complete, .failed, .cancelled: return nil
    }
  }

  /// Of all commands one after the other: those that make a worktree ready, and the stages.
  private static func longestGate(_ task: StoredTask, _ settings: Settings) -> Duration {
    let each = settings.verify.timeout
    let stages = settings.verify.allStages.reduce(Duration.zero) { sum, stage in
      let whole = each * stage.commands.count
      return sum + (stage.timeout.map { min($0, whole) } ?? whole)
    }
    return stages + each * (settings.worktree.setup.count + task.plan.verify.count)
  }

  /// `waits for a person since 2026-11-27T17:00:00Z, with no deadline`
  package var text: String {
    let end = until.map { ", until \($0.rfc3339) at most" } ?? ", with no deadline"
    return "waits for \(kind.owner) since \(since.rfc3339)\(end)"
  }
}
