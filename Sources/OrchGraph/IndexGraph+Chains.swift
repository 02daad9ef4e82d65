extension IndexGraph {
  /// How much work each node holds up: the longest chain of open nodes that wait for it, without itself.
  ///
  /// A node that is not open ends a chain, because what waits for it is not held up by what is before it. So does a
  /// node that is on a cycle of open nodes, because it can never run; it is given 0 itself.
  ///
  /// - Parameters:
  ///   - isOpen: One value per node: whether its work is still to be done.
  ///   - weights: One value per node, such as an expected duration; nil counts nodes. Taken between 1 and 2³¹ - 1, so
  ///     that no sum overflows.
  package func chains(isOpen: [Bool], weights: [Int64]? = nil) -> [Int64] {
    guard isOpen.count == count, weights.map({ $0.count == count }) ?? true else {
      return [Int64](repeating: 0, count: count)
    }
    if let result = acyclicChains(isOpen: isOpen, weights: weights) { return result }
    var usable = isOpen
    for knot in openKnots(isOpen: isOpen) { for node in knot.members { usable[Int(node)] = false } }
    var result = acyclicChains(isOpen: usable, weights: weights) ?? [Int64](repeating: 0, count: count)
    for node in 0..<count where isOpen[node] && !usable[node] { result[node] = 0 }
    return result
  }

  /// The cycles that remain when nodes that are not open are taken out.
  package func openKnots(isOpen: [Bool]) -> [Knot] {
    guard isOpen.count == count else { return [] }
    var from: [Node] = []
    var to: [Node] = []
    for node in 0..<count where isOpen[node] {
      for dependency in dependencies(of: Node(node)) where isOpen[Int(dependency)] {
        from.append(Node(node))
        to.append(dependency)
      }
    }
    let open = IndexGraph(count: count, dependents: from, dependencies: to)
    return open.knots(open.ordering())
  }

  /// As ``chains(isOpen:weights:)``; nil when open nodes form a cycle, or when an array has the wrong length.
  package func acyclicChains(isOpen: [Bool], weights: [Int64]? = nil) -> [Int64]? {
    guard isOpen.count == count, weights.map({ $0.count == count }) ?? true else { return nil }
    var chain = [Int64](repeating: 0, count: count)
    var outstanding = [Int32](repeating: 0, count: count)
    var stack: [Node] = []
    for node in 0..<count {
      for i in Int(dependentStarts[node])..<Int(dependentStarts[node + 1]) where isOpen[Int(dependentList[i])] {
        outstanding[node] += 1
      }
      if outstanding[node] == 0 { stack.append(Node(node)) }
    }
    var done = 0
    while let next = stack.popLast() {
      let node = Int(next)
      done += 1
      guard isOpen[node] else { continue }
      let length = chain[node] + IndexGraph.weight(weights?[node])
      for i in Int(dependencyStarts[node])..<Int(dependencyStarts[node + 1]) {
        let dependency = Int(dependencyList[i])
        if length > chain[dependency] { chain[dependency] = length }
        outstanding[dependency] -= 1
        if outstanding[dependency] == 0 { stack.append(Node(dependency)) }
      }
    }
    return done == count ? chain : nil
  }

  /// The weight that counts: at least 1, at most what a 31-bit number holds; 1 when there is none.
  package static func weight(_ weight: Int64?) -> Int64 { max(1, min(weight ?? 1, Int64(Int32.max))) }

  /// The heaviest chain of open nodes, first the one that can start; ties go to the smaller node.
  package func longestChain(isOpen: [Bool], weights: [Int64]? = nil) -> [Node] {
    let chains = chains(isOpen: isOpen, weights: weights)
    guard isOpen.count == count, weights.map({ $0.count == count }) ?? true else { return [] }
    let knotted = Set(openKnots(isOpen: isOpen).flatMap(\.members))
    func total(_ node: Node) -> Int64 { chains[Int(node)] + IndexGraph.weight(weights?[Int(node)]) }
    func heaviest(_ nodes: some Sequence<Node>) -> Node? {
      var best: Node?
      for node in nodes where isOpen[Int(node)] && !knotted.contains(node) {
        if best.map({ total(node) > total($0) }) ?? true { best = node }
      }
      return best
    }
    var path: [Node] = []
    var next = heaviest((0..<count).lazy.map { Node($0) })
    while let node = next {
      path.append(node)
      next = heaviest(dependents(of: node))
    }
    return path
  }
}
