package import OrchDomain
package import OrchProcess

/// The agents that this process follows, so that they can be stopped.
package actor RunningAgents {
  private var runs: [TaskID: SupervisedRun] = [:]
  private var reasons: [TaskID: String] = [:]

  package init() {}

  func add(_ id: TaskID, _ run: SupervisedRun) { runs[id] = run }
  func remove(_ id: TaskID) { runs[id] = nil }

  /// Says why a task is about to be stopped, so that its record can tell a person.
  package func markStopped(_ id: TaskID, reason: String) { reasons[id] = reason }

  func reasonForStopping(_ id: TaskID) -> String {
    reasons.removeValue(forKey: id) ?? "stopped from outside; `claude-orch resume \(id)` goes on in the same session"
  }
  package var all: [TaskID: SupervisedRun] { runs }
}
