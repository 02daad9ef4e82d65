import OrchDiagnostics
import OrchDomain
import OrchGraph

extension PlanLinker {
  /// Tells sound tasks that something they wait for itself can't be started.
  mutating func reportBlocked() {
    guard unsound.contains(true) else { return }
    for node in rows.indices where !unsound[node] && !isComplete(node) {
      var told: Set<Int32> = []
      for edge in explicit[node] where unsound[Int(edge.target)] {
        told.insert(edge.target)
        addBlocked(edge.target, at: edge.range.location(in: path(node)), how: "depends on")
      }
      if let before = implicitDependency(of: node), unsound[Int(before)], !told.contains(before) {
        addBlocked(before, at: PlanRange.fileStart.location(in: path(node)), how: "follows")
      }
    }
  }

  private mutating func addBlocked(_ target: Int32, at place: SourceLocation, how: String) {
    let id = table.ids[Int(target)]
    // What is complete blocks nobody.
    guard !isComplete(Int(target)) else { return }
    add(
      Diagnostic(
        .note, "P019", at: place, "this task \(how) '\(id)', which can't be started until its errors are gone",
        notes: [Diagnostic.Note("'\(id)' is described here", at: PlanRange.fileStart.location(in: path(Int(target))))]))
  }

  func compilation() -> Compilation {
    var tasks: [PlanTask] = []
    tasks.reserveCapacity(rows.count)
    for node in rows.indices {
      guard var task = units[rows[node]].task else { continue }
      task.dependencies = dependencies(of: node)
      tasks.append(task)
    }
    var all = diagnostics
    var overviews: [String: [String]] = [:]
    for i in units.indices {
      if !units[i].diagnostics.isEmpty { all += units[i].diagnostics }
      if units[i].kind == .overview, let module = units[i].module {
        overviews[module, default: []].append(units[i].path)
      }
    }
    for module in overviews.keys { overviews[module]?.sort() }
    let refused = unsound.indices.lazy.filter { unsound[$0] }.map { table.ids[$0] }
    return Compilation(
      tasks: tasks, unsound: Set(refused),
      diagnostics: PlanLinker.mergingModules(all).sorted(by: Diagnostic.comesBefore), overviews: overviews)
  }

  /// Sorted by id; an edge that is both is explicit, because a person wrote it.
  private func dependencies(of node: Int) -> [Dependency] {
    let edges = explicit[node]
    let before = implicitDependency(of: node)
    guard !edges.isEmpty else { return before.map { [Dependency(table.ids[Int($0)], .implicit)] } ?? [] }
    var targets = edges.map { ($0.target, Dependency.Kind.explicit) }
    if let before, !edges.contains(where: { $0.target == before }) { targets.append((before, .implicit)) }
    if targets.count > 1 { targets.sort { $0.0 < $1.0 } }
    return targets.map { Dependency(table.ids[Int($0.0)], $0.1) }
  }

  /// One P013 for every directory with a bad name instead of one for every file in it.
  private static func mergingModules(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
    let isAboutDirectory = { (item: Diagnostic) in item.code == "P013" && item.location.line == 1 }
    guard diagnostics.contains(where: isAboutDirectory) else { return diagnostics }
    var result: [Diagnostic] = []
    var groups: [String: [Diagnostic]] = [:]
    for item in diagnostics {
      if isAboutDirectory(item) { groups[item.message, default: []].append(item) } else { result.append(item) }
    }
    for group in groups.values {
      guard var first = group.min(by: Diagnostic.comesBefore) else { continue }
      if group.count > 1 { first.notes.append(Diagnostic.Note("\(group.count) plans there are not tasks")) }
      result.append(first)
    }
    return result
  }
}
