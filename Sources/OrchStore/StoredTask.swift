package import OrchDomain

/// A task as the store knows it: what its plan says, and where it is in its life.
package struct StoredTask: Hashable, Sendable {
  /// As it was compiled last; `plan.status` is what the Markdown said then.
  package var plan: PlanTask
  package var isSound: Bool
  package var state: TaskState
  /// The state that `parked` or `stuck` interrupted.
  package var heldState: TaskState?
  package var reason: String?
  package var parkedUntil: Timestamp?
  package var failureClass: FailureClass?
  package var isPaused: Bool
  /// What we last wrote to the Markdown, or last accepted from it.
  package var writtenStatus: TaskStatus
  /// The number of the latest attempt; zero before the first.
  package var attempts: Int
  package var addedAt: Timestamp
  package var updatedAt: Timestamp
  /// When the plan disappeared; the row is kept for its history.
  package var removedAt: Timestamp?

  package var id: TaskID { plan.id }
  /// What the Markdown should say.
  package var status: TaskStatus { state.status(heldFrom: heldState) }
  /// The three statuses that are settled with each other.
  package var drift: StatusDrift {
    StatusDrift(
      task: id, path: plan.path, state: state, actual: status, markdown: plan.status, written: writtenStatus)
  }
}

/// What the scheduler needs to know of a task.
package struct GraphTask: Hashable, Sendable {
  package var id: TaskID
  package var state: TaskState
  package var heldState: TaskState?
  package var priority: TaskPriority
  package var isPaused: Bool
  package var isSound: Bool
  package var needsReview: Bool
  package var attempts: Int
  package var parkedUntil: Timestamp?
  package var failureClass: FailureClass?
  package var touches: [String]
  /// In the order of ids; may name tasks that do not exist.
  package var dependencies: [Dependency]
}

/// Which tasks to list; an empty set or nil asks for all.
package struct TaskFilter: Hashable, Sendable {
  package var module: String?
  package var states: Set<TaskState>
  package var statuses: Set<TaskStatus>
  package var priorities: Set<TaskPriority>
  package var includesRemoved: Bool

  package init(
    module: String? = nil, states: Set<TaskState> = [], statuses: Set<TaskStatus> = [],
    priorities: Set<TaskPriority> = [], includesRemoved: Bool = false
  ) {
    self.module = module
    self.states = states
    self.statuses = statuses
    self.priorities = priorities
    self.includesRemoved = includesRemoved
  }

  /// Everything that is not simply waiting or done: what `status` shows in detail. Its cost depends on those only.
  package static let live = TaskFilter(states: Set(TaskState.allCases).subtracting(resting))

  package static let resting: Set<TaskState> = [.blocked, .ready, .complete]
}

/// How many tasks there are, kept up to date by every change and so read in constant time.
package struct TaskCounts: Hashable, Sendable {
  package var total = 0
  package var states: [TaskState: Int] = [:]
  package var statuses: [TaskStatus: Int] = [:]
  package var changes: [Change.State: Int] = [:]

  package init() {}
}
