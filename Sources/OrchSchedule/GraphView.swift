package import OrchDomain
import OrchGraph

/// The compiled graph, or a part of it, ready to be shown.
///
/// Every rendering is deterministic: tasks by id, or by level and id.
package struct GraphView: Sendable {
  /// A task as it is shown.
  package struct Task: Hashable, Sendable {
    package let id: TaskID
    package let title: String
    package let status: TaskStatus
    package let dependencies: [Dependency]

    package init(id: TaskID, title: String, status: TaskStatus, dependencies: [Dependency]) {
      self.id = id
      self.title = title
      self.status = status
      self.dependencies = dependencies
    }

    package init(_ task: PlanTask) {
      self.init(id: task.id, title: task.title, status: task.status, dependencies: task.dependencies)
    }
  }

  /// Ascending by id; one for each node of `graph`.
  let tasks: [Task]
  let graph: DependencyGraph

  /// - Parameter focus: Shows only these tasks, all that they wait for and all that waits for them; nil shows all.
  package init(_ tasks: [Task], focus: [TaskID]? = nil) {
    var byID: [TaskID: Task] = [:]
    for task in tasks { byID[task.id] = task }
    if let focus {
      let whole = DependencyGraph(tasks.map { ($0.id, $0.dependencies.map(\.id)) })
      let start = focus.compactMap(whole.index)
      let kept = Set(
        start + whole.nodes.transitiveDependencies(of: start) + whole.nodes.transitiveDependents(of: start))
      let names = Set(kept.map(whole.id))
      byID = byID.filter { names.contains($0.key) }
    }
    let shown = byID.values.sorted { $0.id < $1.id }
    self.tasks = shown
    self.graph = DependencyGraph(shown.map { ($0.id, $0.dependencies.map(\.id)) })
  }

  func level(_ node: Int) -> Int32 { graph.ordering.levels[node] }
}
