import OrchDiagnostics
import OrchDomain
import OrchGraph

extension PlanLinker {
  /// P016 for tasks that are not complete.
  mutating func reportOverlaps() {
    var touches: [[String]] = []
    touches.reserveCapacity(rows.count)
    var chains: [Int32] = []
    chains.reserveCapacity(rows.count)
    var chain: Int32 = 0
    for node in rows.indices {
      if implicitDependency(of: node) == nil { chain += 1 }
      chains.append(chain)
      touches.append(isComplete(node) ? [] : units[rows[node]].task?.touches ?? [])
    }
    guard let first = touches.firstIndex(where: { !$0.isEmpty }) else { return }
    let overlaps = TouchOverlaps(touches, chains: chains, graph: graph, ordering: ordering)
    for pair in overlaps.pairs { add(overlap(pair, touches)) }
    guard !overlaps.isComplete else { return }
    add(
      Diagnostic(
        .note, "P016", at: touchPlace(first, 0), "not all 'touches' were compared: too many may overlap",
        fix: Diagnostic.Fix("narrow the globs, so that few of them can match the same file")))
  }

  private func overlap(_ pair: TouchOverlaps.Pair, _ touches: [[String]]) -> Diagnostic {
    let (id, otherID) = (table.ids[Int(pair.node)], table.ids[Int(pair.other)])
    let glob = PlanFindings.quoted(touches[Int(pair.node)][pair.touch])
    let otherGlob = PlanFindings.quoted(touches[Int(pair.other)][pair.otherTouch])
    return Diagnostic(
      .warning, "P016", at: touchPlace(Int(pair.node), pair.touch),
      "\(glob) overlaps \(otherGlob) of '\(otherID)', which may run together with '\(id)'",
      notes: [Diagnostic.Note("the other is here", at: touchPlace(Int(pair.other), pair.otherTouch))],
      fix: Diagnostic.Fix("narrow one of them, or let one task depend on the other"))
  }

  private func touchPlace(_ node: Int, _ touch: Int) -> SourceLocation {
    let ranges = units[rows[node]].touchRanges
    return (ranges.indices.contains(touch) ? ranges[touch] : .fileStart).location(in: path(node))
  }
}
