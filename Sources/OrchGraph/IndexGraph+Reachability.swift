extension IndexGraph {
  /// Whether `node` waits for `other`, directly or through others.
  ///
  /// A node does not reach itself, unless it is on a cycle.
  ///
  /// - Parameter ordering: What ``ordering()`` returned; its levels cut the search short.
  package func reaches(_ node: Node, _ other: Node, _ ordering: Ordering) -> Bool {
    guard contains(node), contains(other) else { return false }
    let goal = ordering.levels[Int(other)]
    // An ordered node waits only for ordered nodes of lower levels.
    func mayLead(_ from: Node) -> Bool {
      let level = ordering.levels[Int(from)]
      return level < 0 || (goal >= 0 && level > goal)
    }
    guard mayLead(node) else { return false }
    var seen = NodeSet(count: count)
    var stack = [node]
    while let next = stack.popLast() {
      for target in dependencies(of: next) {
        if target == other { return true }
        if mayLead(target), seen.insert(target) { stack.append(target) }
      }
    }
    return false
  }

  /// Everything that waits for one of `nodes`, directly or through others, ascending.
  package func transitiveDependents(of nodes: [Node]) -> [Node] { closure(of: nodes, dependents(of:)) }

  /// Everything that one of `nodes` waits for, directly or through others, ascending.
  package func transitiveDependencies(of nodes: [Node]) -> [Node] { closure(of: nodes, dependencies(of:)) }

  private func closure(of nodes: [Node], _ neighbours: (Node) -> ArraySlice<Node>) -> [Node] {
    var seen = NodeSet(count: count)
    var found: [Node] = []
    var stack = nodes.filter(contains)
    while let node = stack.popLast() {
      for next in neighbours(node) where seen.insert(next) {
        found.append(next)
        stack.append(next)
      }
    }
    return found.sorted()
  }
}

/// A set of nodes as bits.
struct NodeSet {
  private var words: [UInt64]

  init(count: Int) { words = [UInt64](repeating: 0, count: (count + 63) / 64) }

  /// Whether the node was new.
  mutating func insert(_ node: Int32) -> Bool {
    let bit: UInt64 = 1 << UInt64(node & 63)
    let word = Int(node >> 6)
    guard words[word] & bit == 0 else { return false }
    words[word] |= bit
    return true
  }
}
