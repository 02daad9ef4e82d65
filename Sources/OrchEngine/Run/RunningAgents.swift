package import OrchDomain
package import OrchProcess

/// The agents that this process follows, and which tasks were asked to stop.
///
/// Asking is remembered until the drive of the task has ended, so that it also reaches a task that is between two
/// agents, or whose agent is only just starting.
package actor RunningAgents {
  private var runs: [TaskID: SupervisedRun] = [:]
  private var reasons: [TaskID: String] = [:]
  private var reasonForAll: String?
  private var watchers: [TaskID: AsyncStream<Void>.Continuation] = [:]

  package init() {}

  package var all: [TaskID: SupervisedRun] { runs }

  /// - Returns: Whether the task was asked to stop while its agent was being started.
  func add(_ id: TaskID, _ run: SupervisedRun) -> Bool {
    runs[id] = run
    return reason(for: id) != nil
  }

  func remove(_ id: TaskID) { runs[id] = nil }

  /// Asks the drive of a task to park it, for a reason that its record then tells.
  ///
  /// - Returns: The agent that has to be ended for that; nil when none works at the moment.
  func askToStop(_ id: TaskID, reason: String) -> SupervisedRun? {
    reasons[id] = reason
    watchers[id]?.finish()
    return runs[id]
  }

  /// Asks every drive, also those that begin later, to park its task.
  ///
  /// - Returns: The agents that have to be ended for that.
  func askAllToStop(reason: String) -> [SupervisedRun] {
    reasonForAll = reason
    for watcher in watchers.values { watcher.finish() }
    return runs.sorted { $0.key < $1.key }.map(\.value)
  }

  /// Why the task was asked to stop; nil when it was not.
  func reason(for id: TaskID) -> String? { reasons[id] ?? reasonForAll }

  /// The drive of the task has ended: what was asked of it is done.
  func forget(_ id: TaskID) {
    reasons[id] = nil
    watchers.removeValue(forKey: id)?.finish()
  }

  /// Returns when the task is asked to stop, or when the caller is cancelled.
  func waitForStop(_ id: TaskID) async {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    watchers.updateValue(continuation, forKey: id)?.finish()
    if reason(for: id) != nil { continuation.finish() }
    for await _ in stream {}
  }
}
