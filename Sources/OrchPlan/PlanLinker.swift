import OrchDiagnostics
import OrchDomain
import OrchGraph

/// The state of one linking.
struct PlanLinker {
  /// A `depends_on` entry between two tasks that exist.
  struct ExplicitEdge {
    let target: Int32
    let range: PlanRange
  }

  let units: [PlanUnit]
  /// For every row, in the order of ``table``, the place of its unit: copying units would cost more than all the rest.
  private(set) var rows: [Int] = []
  /// For every row its dependencies in the order of the file, without repetitions.
  private(set) var explicit: [[ExplicitEdge]] = []
  private(set) var table = TaskTable([])
  private(set) var graph = IndexGraph(count: 0, dependents: [], dependencies: [])
  private(set) var ordering = IndexGraph(count: 0, dependents: [], dependencies: []).ordering()
  private(set) var unsound: [Bool] = []
  private(set) var diagnostics: [Diagnostic] = []
  /// Places of units whose id another file has taken.
  private var duplicates: [Int] = []
  private var guesses: NearestTask

  init(_ units: [PlanUnit]) {
    self.units = units
    var plans: [(id: TaskID, unit: Int)] = []
    plans.reserveCapacity(units.count)
    for i in units.indices where units[i].kind == .plan {
      if let id = units[i].task?.id { plans.append((id, i)) }
    }
    let comesBefore = { (a: (id: TaskID, unit: Int), b: (id: TaskID, unit: Int)) in
      a.id != b.id ? a.id < b.id : units[a.unit].path < units[b.unit].path
    }
    let isSorted = zip(plans, plans.dropFirst()).allSatisfy { !comesBefore($1, $0) }
    if !isSorted { plans.sort(by: comesBefore) }

    rows.reserveCapacity(plans.count)
    var ids: [TaskID] = []
    ids.reserveCapacity(plans.count)
    unsound.reserveCapacity(plans.count)
    for plan in plans {
      if let last = ids.last, last == plan.id, let first = rows.last {
        unsound[rows.count - 1] = true
        duplicates.append(plan.unit)
        diagnostics.append(PlanLinker.duplicate(units[plan.unit], of: units[first], plan.id))
      } else {
        ids.append(plan.id)
        rows.append(plan.unit)
        unsound.append(!units[plan.unit].isSound)
      }
    }
    table = TaskTable(ids)
    guesses = NearestTask(table)
  }

  private static func duplicate(_ unit: PlanUnit, of first: PlanUnit, _ id: TaskID) -> Diagnostic {
    let place = (first.idRange ?? .fileStart).location(in: first.path)
    return Diagnostic(
      .error, "P006", at: (unit.idRange ?? .fileStart).location(in: unit.path), "duplicate id '\(id)'",
      notes: [Diagnostic.Note("'\(id)' is also given by this file", at: place)],
      fix: Diagnostic.Fix("give one of the files another number"))
  }

  /// Turns names into edges and builds the graph.
  mutating func resolve() {
    var from: [Int32] = []
    var to: [Int32] = []
    from.reserveCapacity(rows.count * 2)
    to.reserveCapacity(rows.count * 2)
    explicit.reserveCapacity(rows.count)
    for node in rows.indices {
      if let before = implicitDependency(of: node) {
        from.append(Int32(node))
        to.append(before)
      }
      let edges = units[rows[node]].dependencies.isEmpty ? [] : resolveExplicit(units[rows[node]], node)
      for edge in edges {
        from.append(Int32(node))
        to.append(edge.target)
      }
      explicit.append(edges)
    }
    // A file that lost its row may have more mistakes, which a person wants to see in the same run.
    for unit in duplicates { _ = resolveExplicit(units[unit], nil) }
    graph = IndexGraph(count: rows.count, dependents: from, dependencies: to)
    ordering = graph.ordering()
  }

  /// The task with the highest lower number of the same module and prefix.
  func implicitDependency(of node: Int) -> Int32? {
    guard node > 0 else { return nil }
    let (id, before) = (table.ids[node], table.ids[node - 1])
    return id.module == before.module && id.prefix == before.prefix ? Int32(node - 1) : nil
  }

  /// - Parameter node: The row of the unit; nil when it has none.
  private mutating func resolveExplicit(_ unit: PlanUnit, _ node: Int?) -> [ExplicitEdge] {
    guard let id = unit.task?.id else { return [] }
    var edges: [ExplicitEdge] = []
    var seen: Set<Int32> = []
    for entry in unit.dependencies {
      let place = entry.range.location(in: unit.path)
      if entry.id == id {
        diagnostics.append(
          Diagnostic(
            .error, "P012", at: place, "'\(id)' depends on itself", fix: Diagnostic.Fix("remove this entry")))
        if let node { unsound[node] = true }
        continue
      }
      let near = node.map { Int32($0) } ?? Int32(table.count)
      guard let target = table.index(of: entry.id, near: near) else {
        diagnostics.append(unknown(entry.id, of: id, at: place))
        if let node { unsound[node] = true }
        continue
      }
      // Lists are short; a set is only worth its price for a long one.
      let isNew =
        unit.dependencies.count <= 16 ? !edges.contains { $0.target == target } : seen.insert(target).inserted
      if isNew { edges.append(ExplicitEdge(target: target, range: entry.range)) }
    }
    return edges
  }

  private mutating func unknown(_ id: TaskID, of task: TaskID, at place: SourceLocation) -> Diagnostic {
    // A task that depends on itself is no better.
    let nearest = guesses.nearest(to: id).flatMap { $0 == task ? nil : $0 }
    return Diagnostic(
      .error, "P004", at: place, "unknown dependency '\(id)'",
      fix: nearest.map {
        Diagnostic.Fix("did you mean '\($0)'?", replacing: place, with: $0.description)
      })
  }

  func isComplete(_ node: Int) -> Bool { units[rows[node]].task?.status == .complete }

  /// The file of a row.
  func path(_ node: Int) -> String { units[rows[node]].path }

  mutating func add(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  mutating func markUnsound(_ node: Int32) { unsound[Int(node)] = true }
}
