package import OrchDomain

/// One task as it came out of the compiler, with what the store has to know besides.
package struct CompiledTask: Hashable, Sendable {
  package var task: PlanTask
  /// Whether the plan compiled without errors; a task that is not sound never starts.
  package var isSound: Bool
  /// The state of a task that the store does not know yet; a known task keeps its own.
  package var initialState: TaskState

  /// - Parameter initialState: Without it, what the Markdown says is believed once: `complete` is complete, anything
  ///   else is blocked until the scheduler has looked.
  package init(_ task: PlanTask, isSound: Bool = true, initialState: TaskState? = nil) {
    self.task = task
    self.isSound = isSound
    self.initialState = initialState ?? (task.status == .complete ? .complete : .blocked)
  }
}

/// Everything that one run of the compiler found in a project.
package struct Compilation: Hashable, Sendable {
  /// Every task of the project: a known task that is missing here counts as removed.
  package var tasks: [CompiledTask]
  /// Plan files that exist but gave no task. Their known tasks are kept, as not sound: one bad file removes nothing.
  package var brokenPaths: Set<String>

  package init(tasks: [CompiledTask], brokenPaths: Set<String> = []) {
    self.tasks = tasks
    self.brokenPaths = brokenPaths
  }
}

/// What applying a compilation changed. All lists are in the order of ids.
package struct SyncResult: Hashable, Sendable {
  package var inserted: [TaskID] = []
  /// Tasks that had been removed and are back, with their history.
  package var restored: [TaskID] = []
  package var updated: [TaskID] = []
  package var removed: [TaskID] = []
  package var unchanged = 0

  package init() {}
}

/// A task whose Markdown, last written status and real status are not all the same.
///
/// `written` is the common ancestor: when only `actual` differs from it, the status has to be written; when only
/// `markdown` differs, a person asks for a change; when both do and they disagree, it is a conflict.
package struct StatusDrift: Hashable, Sendable {
  package let task: TaskID
  package let path: String
  package let state: TaskState
  package let actual: TaskStatus
  package let markdown: TaskStatus
  package let written: TaskStatus

  package init(
    task: TaskID, path: String, state: TaskState, actual: TaskStatus, markdown: TaskStatus, written: TaskStatus
  ) {
    self.task = task
    self.path = path
    self.state = state
    self.actual = actual
    self.markdown = markdown
    self.written = written
  }
}
