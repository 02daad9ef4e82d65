import OrchDiagnostics
import OrchDomain
import OrchGraph

extension PlanLinker {
  /// Reports one shortest cycle for every group of tasks that wait for each other.
  ///
  /// There may be more cycles in a group than could ever be listed; the next run shows what is left.
  mutating func reportCycles() {
    for knot in graph.knots(ordering) {
      for node in knot.members { markUnsound(node) }
      add(cycle(knot.path, members: knot.members.count))
    }
  }

  private func cycle(_ path: [Int32], members: Int) -> Diagnostic {
    var place: SourceLocation?
    var notes: [Diagnostic.Note] = []
    for (i, node) in path.enumerated() {
      let next = path[(i + 1) % path.count]
      let (id, other) = (table.ids[Int(node)], table.ids[Int(next)])
      let file = self.path(Int(node))
      if let edge = explicit[Int(node)].first(where: { $0.target == next }) {
        let location = edge.range.location(in: file)
        if place == nil { place = location }
        notes.append(Diagnostic.Note("'\(id)' depends on '\(other)'", at: location))
      } else {
        notes.append(
          Diagnostic.Note(
            "'\(id)' follows '\(other)' in its module", at: PlanRange.fileStart.location(in: file)))
      }
    }
    if members > path.count {
      notes.append(Diagnostic.Note("\(members - path.count) more tasks are part of other cycles with these"))
    }
    let names = (path + path.prefix(1)).map { table.ids[Int($0)].description }
    // A long cycle is shown by its ends; the notes have all of it.
    let shown = names.count <= 12 ? names : names.prefix(6) + ["…"] + names.suffix(5)
    let start = path.first.map { self.path(Int($0)) } ?? ""
    return Diagnostic(
      .error, "P005", at: place ?? PlanRange.fileStart.location(in: start),
      "dependency cycle: \(shown.joined(separator: " -> "))", notes: notes,
      fix: Diagnostic.Fix("remove one of these 'depends_on' entries"))
  }
}
