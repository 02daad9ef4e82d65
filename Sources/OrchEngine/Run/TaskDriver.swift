import OrchDomain
import OrchStore

/// Takes one task from `queued` to the point where it no longer needs a slot.
///
/// Each step reads where the task is from the store, does one thing, and records it together with the new state. A
/// process that is killed anywhere leaves a state from which ``drive()`` goes on: that is the whole recovery.
struct TaskDriver: Sendable {
  let project: OpenProject
  let id: TaskID

  /// Why the drive ended.
  enum Ending: Hashable, Sendable {
    /// The task is in a state that holds no slot.
    case settled(TaskState)
    /// A failure that every other task would meet as well.
    case stopDispatching(FailureClass, reason: String)
  }

  func drive() async throws -> Ending {
    while true {
      try Task.checkCancellation()
      let task = try project.task(id)
      switch task.state {
      case .queued:
        try beginAttempt(task)
      case .preparing:
        try await prepare(task)
      case .running, .fixing:
        if let ending = try await AgentTurn(project: project, task: task).run() { return ending }
      case .verifying:
        try await verify(task)
      case .publishing:
        try await Publisher(project: project).publish(task)
      case .blocked, .ready, .inReview, .approved, .landing, .complete, .parked, .stuck, .failed, .cancelled:
        return .settled(task.state)
      }
    }
  }
}
