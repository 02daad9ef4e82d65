import OrchDiagnostics
import OrchDomain
import OrchGraph

/// Finds tasks that may run together and say that they change the same files.
///
/// Two globs can only overlap when the literal beginning of one is the beginning of the other's, so they are sorted by
/// it and only neighbours are compared. What remains is bounded: every task is reported once as the first of a pair, each
/// glob is compared with at most ``candidateLimit`` others, and all together ask for at most ``globLimit`` comparisons of
/// wildcards and ``reachLimit`` searches of the graph. When that is not enough, ``isComplete`` is false.
struct TouchOverlaps {
  static let candidateLimit = 64
  static let globLimit = 5000
  static let reachLimit = 2000

  /// One overlap: entry `touch` of the node's task with an entry of another task.
  struct Pair {
    let node: Int32
    let touch: Int
    let other: Int32
    let otherTouch: Int
  }

  private(set) var pairs: [Pair] = []
  private(set) var isComplete = true

  private struct Entry {
    let node: Int32
    let touch: Int
    /// The number of the sequence of module and prefix, whose tasks always run one after the other.
    let chain: Int32
    /// The components before the first wildcard, each followed by a zero byte.
    let literal: [UInt8]
    let isLiteral: Bool
    /// Whether the wildcard takes everything below the literal part.
    let isTree: Bool
    let pattern: String
  }

  /// - Parameters:
  ///   - touches: The globs of every node; empty for a task that needs no comparison.
  ///   - chains: The number of every node's sequence.
  init(_ touches: [[String]], chains: [Int32], graph: IndexGraph, ordering: IndexGraph.Ordering) {
    var entries: [Entry] = []
    for (node, globs) in touches.enumerated() {
      for (touch, glob) in globs.enumerated() {
        entries.append(TouchOverlaps.entry(Int32(node), touch, chains[node], glob))
      }
    }
    guard entries.count > 1 else { return }
    entries.sort { a, b in
      if a.literal != b.literal { return a.literal.lexicographicallyPrecedes(b.literal) }
      return (a.node, a.touch) < (b.node, b.touch)
    }
    search(entries, graph, ordering, nodes: touches.count)
  }

  private mutating func search(
    _ entries: [Entry], _ graph: IndexGraph, _ ordering: IndexGraph.Ordering, nodes: Int
  ) {
    var isReported = [Bool](repeating: false, count: nodes)
    var globs = 0
    var searches = 0
    for (i, first) in entries.enumerated() where !isReported[Int(first.node)] {
      var candidates = 0
      for j in (i + 1)..<max(i + 1, entries.count) {
        let second = entries[j]
        guard second.literal.starts(with: first.literal) else { break }
        if first.isLiteral, second.literal.count > first.literal.count { break }
        if first.chain == second.chain { continue }
        guard candidates < TouchOverlaps.candidateLimit else {
          isComplete = false
          break
        }
        candidates += 1
        if !TouchOverlaps.surelyOverlap(first, second) {
          guard globs < TouchOverlaps.globLimit else {
            isComplete = false
            return
          }
          globs += 1
          guard Glob(first.pattern).mayOverlap(Glob(second.pattern)) else { continue }
        }
        guard searches < TouchOverlaps.reachLimit else {
          isComplete = false
          return
        }
        searches += 1
        if graph.reaches(first.node, second.node, ordering) || graph.reaches(second.node, first.node, ordering) {
          continue
        }
        isReported[Int(first.node)] = true
        pairs.append(Pair(node: first.node, touch: first.touch, other: second.node, otherTouch: second.touch))
        break
      }
    }
  }

  private static func surelyOverlap(_ first: Entry, _ second: Entry) -> Bool {
    first.isTree || (first.isLiteral && second.isLiteral)
  }

  /// Reads a pattern as ``Glob`` does.
  private static func entry(_ node: Int32, _ touch: Int, _ chain: Int32, _ glob: String) -> Entry {
    var text = glob.hasPrefix("./") ? String(glob.dropFirst(2)) : glob
    if text.hasPrefix("/") { text.removeFirst() }
    if text.hasSuffix("/") { text += "**" }
    let parts = text.utf8.split(separator: UInt8(ascii: "/"))
    var literal: [UInt8] = []
    var used = 0
    for part in parts {
      guard !part.contains(where: { $0 == 0x2A || $0 == 0x3F || $0 == 0x5B }) else { break }
      literal += part
      literal.append(0)
      used += 1
    }
    let isTree = used + 1 == parts.count && parts.last?.elementsEqual("**".utf8) == true
    return Entry(
      node: node, touch: touch, chain: chain, literal: literal, isLiteral: used == parts.count, isTree: isTree,
      pattern: glob)
  }
}

extension PlanLinker {
  /// P016 for tasks that are not complete.
  mutating func reportOverlaps() {
    guard rows.contains(where: { $0.task?.touches.isEmpty == false }) else { return }
    var touches: [[String]] = []
    var chains: [Int32] = []
    var chain: Int32 = 0
    for node in rows.indices {
      if implicitDependency(of: node) == nil { chain += 1 }
      chains.append(chain)
      let task = rows[node].task
      touches.append(task?.status == .complete ? [] : task?.touches ?? [])
    }
    let overlaps = TouchOverlaps(touches, chains: chains, graph: graph, ordering: ordering)
    for pair in overlaps.pairs { add(overlap(pair, touches)) }
    guard !overlaps.isComplete, let first = rows.first(where: { $0.task?.touches.isEmpty == false }) else { return }
    add(
      Diagnostic(
        .note, "P016", at: touchPlace(first, 0), "not all 'touches' were compared: too many may overlap",
        fix: Diagnostic.Fix("narrow the globs, so that few of them can match the same file")))
  }

  private func overlap(_ pair: TouchOverlaps.Pair, _ touches: [[String]]) -> Diagnostic {
    let (unit, other) = (rows[Int(pair.node)], rows[Int(pair.other)])
    let (id, otherID) = (table.ids[Int(pair.node)], table.ids[Int(pair.other)])
    let glob = PlanFindings.quoted(touches[Int(pair.node)][pair.touch])
    let otherGlob = PlanFindings.quoted(touches[Int(pair.other)][pair.otherTouch])
    return Diagnostic(
      .warning, "P016", at: touchPlace(unit, pair.touch),
      "\(glob) overlaps \(otherGlob) of '\(otherID)', which may run together with '\(id)'",
      notes: [Diagnostic.Note("the other is here", at: touchPlace(other, pair.otherTouch))],
      fix: Diagnostic.Fix("narrow one of them, or let one task depend on the other"))
  }

  private func touchPlace(_ unit: PlanUnit, _ touch: Int) -> SourceLocation {
    let range = unit.touchRanges.indices.contains(touch) ? unit.touchRanges[touch] : .fileStart
    return range.location(in: unit.path)
  }
}
