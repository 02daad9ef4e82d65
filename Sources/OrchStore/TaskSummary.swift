package import OrchDomain

/// One line of a list of tasks: what can be read without the lists, limits and dependencies of a whole task.
package struct TaskSummary: Hashable, Sendable {
  package let id: TaskID
  package let title: String
  package let priority: TaskPriority
  package let state: TaskState
  /// What the Markdown should say.
  package let status: TaskStatus
}

extension StoreTransaction {
  /// Tasks in the order of ids; a fraction of the cost of ``tasks(_:)``.
  package func summaries(_ filter: TaskFilter = TaskFilter()) throws(StoreError) -> [TaskSummary] {
    let (source, arguments) = Self.source(filter)
    let found = try all(
      "SELECT module, prefix, number, title, priority, state, status FROM " + source, [project.number] + arguments
    ) { row in
      TaskSummary(
        id: try row.taskParts(), title: try row.text(), priority: try row.value(), state: try row.value(),
        status: try row.value())
    }
    return found.sorted { $0.id < $1.id }
  }
}
