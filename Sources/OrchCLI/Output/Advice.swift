import OrchDomain
import OrchSchedule
import OrchStore

/// What a person can do about a task that does not go on by itself.
struct Advice: Hashable {
  /// What to do, as the beginning of a sentence: `look at it, then approve or reject it`.
  let text: String
  let command: String

  private init(_ text: String, _ command: String) {
    self.text = text
    self.command = "claude-orch \(command)"
  }

  /// The next step for a task by its state; nil when there is nothing to do.
  ///
  /// - Parameter isDriven: Whether a process drives the tasks of the project now.
  init?(_ task: StoredTask, isDriven: Bool) {
    let id = task.id
    switch task.state {
    case .complete: return nil
    case .inReview: self.init("look at it, then `pr approve \(id)` or `pr reject \(id) --reason …`", "pr show \(id)")
    case .approved where task.reason != nil: self.init("clear what is in the way; it lands then", "pr merge \(id)")
    case .approved, .landing:
      guard !isDriven else { return nil }
      self.init("let it land", "pr merge \(id)")
    case .parked where task.parkedUntil != nil && isDriven: return nil
    case .parked: self.init("let it go on where it was", "resume \(id)")
    case .stuck: self.init("settle the reason, then let it go on where it was", "resume \(id)")
    case .failed: self.init("see what happened, then `retry \(id)`", "logs \(id)")
    case .cancelled: self.init("give it a new attempt", "retry \(id)")
    case .queued, .preparing, .running, .verifying, .fixing, .publishing:
      if isDriven { self.init("watch it", "logs \(id) -f") } else { self.init("let it go on where it was", "start") }
    case .ready where !task.isSound, .blocked where !task.isSound: self.init("mend its plan", "check \(task.plan.path)")
    case .ready: self.init("start it", "start \(id)")
    case .blocked: self.init("see what it waits for", "why \(id)")
    }
  }

  /// What to do about one obstacle of `task`.
  ///
  /// - Parameter other: Finds another task of the plan.
  init?(_ obstacle: Obstacle, of task: StoredTask, isDriven: Bool, other: (TaskID) -> StoredTask?) {
    switch obstacle {
    case .notInPlan: self.init("read the plans", "sync")
    case .complete, .running, .held:
      guard let itself = Advice(task, isDriven: isDriven) else { return nil }
      self = itself
    case .defect: self.init("mend its plan", "check \(task.plan.path)")
    case .cycle: self.init("take one of the entries of depends_on away", "check")
    case .unknownDependency: self.init("name a task that exists", "check \(task.plan.path)")
    case .tierInversion(let id, _, let own): self.init("put both into one tier", "groups set \(id.module) \(own)")
    case .paused(let everything): self.init("let it go on", everything ? "resume" : "resume \(task.id)")
    case .notSelected: self.init("start it by name", "start \(task.id)")
    case .withoutAgent where isDriven: return nil
    case .withoutAgent: self.init("start it then, or name another agent with --agent", "start \(task.id)")
    case .dependency(_, let root):
      guard let cause = other(root.task) else {
        self.init("name a task that exists", "check")
        return
      }
      guard let behind = root.obstacle else {
        self.init("start that one", "start \(cause.id)")
        return
      }
      guard let step = Advice(behind, of: cause, isDriven: isDriven, other: other) else { return nil }
      self = step
    case .closedTier(_, _, let tasks, _):
      self.init("see what is left", tasks.first.map { "why \($0)" } ?? "groups list")
    case .overlap(let id, _):
      guard let step = other(id).flatMap({ Advice($0, isDriven: isDriven) }) else { return nil }
      self = step
    }
  }
}
