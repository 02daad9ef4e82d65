package import OrchDomain

/// The dependency graph of a whole plan by task id.
///
/// Node numbers are dense and ascend with the ids, so "smallest node" and "smallest id" mean the same.
package struct DependencyGraph: Sendable {
  /// An edge to a task that no plan declares.
  package struct UnknownDependency: Hashable, Sendable {
    package let task: TaskID
    package let dependency: TaskID
  }

  /// Tasks that wait for each other.
  package struct Cycle: Hashable, Sendable {
    /// All tasks of the strongly connected component, ascending.
    package let members: [TaskID]
    /// A shortest cycle through the smallest member, starting there: `path[i]` waits for `path[i + 1]`, and the last
    /// waits for the first. One element for a task that waits for itself.
    package let path: [TaskID]
  }

  package let table: TaskTable
  package let nodes: IndexGraph
  package let ordering: IndexGraph.Ordering
  /// Edges that were left out, ordered by task and then by dependency.
  package let unknown: [UnknownDependency]

  /// Builds the graph; tasks with the same id are one node with the dependencies of all of them.
  package init(_ tasks: [(id: TaskID, dependencies: [TaskID])]) {
    let table = TaskTable(tasks.map(\.id))
    var from: [Int32] = []
    var to: [Int32] = []
    from.reserveCapacity(tasks.count * 2)
    to.reserveCapacity(tasks.count * 2)
    var unknown: Set<UnknownDependency> = []
    for (place, task) in tasks.enumerated() {
      let inPlace = place < table.count && table.ids[place] == task.id
      guard let node = inPlace ? Int32(place) : table.index(of: task.id) else { continue }
      for dependency in task.dependencies {
        guard let target = table.index(of: dependency, near: node) else {
          unknown.insert(UnknownDependency(task: task.id, dependency: dependency))
          continue
        }
        from.append(node)
        to.append(target)
      }
    }
    self.table = table
    self.nodes = IndexGraph(count: table.count, dependents: from, dependencies: to)
    self.ordering = nodes.ordering()
    self.unknown = unknown.sorted { ($0.task, $0.dependency) < ($1.task, $1.dependency) }
  }

  package var count: Int { table.count }
  package var isAcyclic: Bool { ordering.isComplete }

  package func index(of id: TaskID) -> Int32? { table.index(of: id) }

  package func id(_ node: Int32) -> TaskID { table.ids[Int(node)] }

  /// Every group of tasks that wait for each other, ordered by smallest id.
  package func cycles() -> [Cycle] {
    nodes.knots(ordering).map { Cycle(members: $0.members.map(id), path: $0.path.map(id)) }
  }

  /// Every task after all that it waits for: by level, then id. Tasks on a cycle, or behind one, are missing.
  package var topologicalOrder: [TaskID] { ordering.order.map(id) }

  /// The tasks by level: those of one wave do not wait for each other.
  package var waves: [[TaskID]] { ordering.waves.map { $0.map(id) } }

  /// What `task` waits for itself, ascending.
  package func dependencies(of task: TaskID) -> [TaskID] {
    index(of: task).map { nodes.dependencies(of: $0).map(id) } ?? []
  }

  /// What itself waits for `task`, ascending.
  package func dependents(of task: TaskID) -> [TaskID] {
    index(of: task).map { nodes.dependents(of: $0).map(id) } ?? []
  }

  /// Whether `task` waits for `other`, directly or through others; false for unknown ids.
  package func reaches(_ task: TaskID, _ other: TaskID) -> Bool {
    guard let a = index(of: task), let b = index(of: other) else { return false }
    return nodes.reaches(a, b, ordering)
  }

  /// Everything that waits for `task`, directly or through others, ascending.
  package func transitiveDependents(of task: TaskID) -> [TaskID] {
    index(of: task).map { nodes.transitiveDependents(of: [$0]).map(id) } ?? []
  }

  /// Everything that `task` waits for, directly or through others, ascending.
  package func transitiveDependencies(of task: TaskID) -> [TaskID] {
    index(of: task).map { nodes.transitiveDependencies(of: [$0]).map(id) } ?? []
  }

  /// For every node, see ``IndexGraph/chains(isOpen:weights:)``.
  package func chains(isComplete: (TaskID) -> Bool, weight: ((TaskID) -> Int64)? = nil) -> [Int64] {
    nodes.chains(isOpen: table.ids.map { !isComplete($0) }, weights: weight.map(table.ids.map))
  }

  /// The critical path: the heaviest chain of incomplete tasks, the first of them first.
  package func criticalPath(isComplete: (TaskID) -> Bool, weight: ((TaskID) -> Int64)? = nil) -> [TaskID] {
    nodes.longestChain(isOpen: table.ids.map { !isComplete($0) }, weights: weight.map(table.ids.map)).map(id)
  }
}
