import OrchGraph

extension Frontier {
  /// Works out the chain of every open task.
  mutating func computeChains() {
    let isOpen = nodes.map(\.state.isOpen)
    let chains = chains(edges.graph, isOpen: isOpen, weights: weights)
    for node in nodes.indices where isOpen[node] { setChain(Int32(node), chains[node]) }
  }

  /// The chain of every node, and on the way whether there are knots.
  mutating func chains(_ graph: IndexGraph, isOpen: [Bool], weights: [Int64]) -> [Int64] {
    let acyclic = graph.acyclicChains(isOpen: isOpen, weights: weights)
    hasKnots = acyclic == nil
    return acyclic ?? graph.chains(isOpen: isOpen, weights: weights)
  }

  /// Corrects the chains of `seeds` and of all open tasks before them, after something behind them has changed.
  mutating func updateChains(from seeds: [Int32]) {
    guard !hasKnots else { return computeChains() }
    // How many open dependents of an affected task are still to be corrected.
    var pending: [Int32: Int] = [:]
    var stack: [Int32] = []
    for seed in seeds where nodes[Int(seed)].state.isOpen && pending[seed] == nil {
      pending[seed] = 0
      stack.append(seed)
    }
    while let node = stack.popLast() {
      for dependency in edges.dependencies(of: node) where nodes[Int(dependency)].state.isOpen {
        if pending[dependency] == nil { stack.append(dependency) }
        pending[dependency, default: 0] += 1
      }
    }
    let affected = pending.count
    var ready = pending.filter { $0.value == 0 }.map(\.key)
    var done = 0
    while let node = ready.popLast() {
      done += 1
      setChain(node, longestChain(behind: node))
      for dependency in edges.dependencies(of: node) {
        guard let count = pending[dependency] else { continue }
        pending[dependency] = count - 1
        if count == 1 { ready.append(dependency) }
      }
    }
    if done < affected { computeChains() }
  }

  private func longestChain(behind node: Int32) -> Int64 {
    var longest: Int64 = 0
    for dependent in edges.dependents(of: node) where nodes[Int(dependent)].state.isOpen {
      longest = max(longest, nodes[Int(dependent)].chain + weights[Int(dependent)])
    }
    return longest
  }

  private mutating func setChain(_ node: Int32, _ chain: Int64) {
    guard nodes[Int(node)].chain != chain else { return }
    changeKey(of: node) {
      $0.chain = chain
      $0.flags.insert(.late)
    }
  }
}
