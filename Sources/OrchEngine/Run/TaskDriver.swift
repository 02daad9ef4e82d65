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
  }

  func drive() async throws -> Ending {
    while true {
      try Task.checkCancellation()
      let task = try project.task(id)
      if task.state.holdsSlot, let reason = await project.running.reason(for: id) {
        try project.park(id, reason: reason)
        return .settled(.parked)
      }
      if [.running, .fixing, .verifying].contains(task.state) {
        try await Workspace(project: project).restoreIfReclaimed(id)
      }
      switch task.state {
      case .queued:
        try beginAttempt(task)
      case .preparing:
        try await untilStopped { try await prepare(task) }
      case .running, .fixing:
        if let ending = try await AgentTurn(project: project, task: task).run() { return ending }
      case .verifying:
        try await untilStopped { try await verify(task) }
      case .publishing:
        try await Publisher(project: project).publish(task)
      case .blocked, .ready, .inReview, .approved, .landing, .complete, .parked, .stuck, .failed, .cancelled:
        return .settled(task.state)
      }
    }
  }

  private enum StepEnd: Sendable {
    case done
    case failed(any Error)
    case stopWanted
  }

  /// Runs a step that follows no agent, and cancels it when the task is asked to stop. What the step has recorded by
  /// then says where to go on.
  private func untilStopped(_ step: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: StepEnd.self) { group in
      group.addTask {
        do {
          try await step()
          return .done
        } catch {
          return .failed(error)
        }
      }
      group.addTask { [project, id] in
        await project.running.waitForStop(id)
        return .stopWanted
      }
      var isStopping = false
      while let end = try await group.next() {
        switch end {
        case .stopWanted: isStopping = true
        case .done: return group.cancelAll()
        // Being cancelled has many names; that the store cannot be written is trouble in any case.
        case .failed(let error) where isStopping && !(error is StoreError):
          try Task.checkCancellation()
          return
        case .failed(let error): throw error
        }
        group.cancelAll()
      }
    }
  }
}
