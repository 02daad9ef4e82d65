extension IndexGraph {
  /// Nodes that wait for each other.
  package struct Knot: Hashable, Sendable {
    /// All nodes of the strongly connected component, ascending.
    package let members: [Node]
    /// A shortest cycle through the smallest member, starting there: `path[i]` waits for `path[i + 1]`, and the last
    /// waits for the first.
    package let path: [Node]

    package init(members: [Node], path: [Node]) {
      self.members = members
      self.path = path
    }
  }

  /// Every strongly connected component that holds a cycle, ordered by smallest member.
  ///
  /// - Parameter ordering: What ``ordering()`` returned; only what it could not order is looked at.
  package func knots(_ ordering: Ordering) -> [Knot] {
    guard !ordering.isComplete else { return [] }
    let components = stronglyConnected { ordering.levels[Int($0)] < 0 }
    return
      components
      .map { Knot(members: $0, path: shortestCycle(in: $0)) }
      .sorted { $0.members[0] < $1.members[0] }
  }

  /// Tarjan's components that hold a cycle, each ascending, with an explicit stack instead of recursion.
  private func stronglyConnected(among included: (Node) -> Bool) -> [[Node]] {
    var number = [Int32](repeating: -1, count: count)
    var low = [Int32](repeating: 0, count: count)
    var isOpen = [Bool](repeating: false, count: count)
    var open: [Node] = []
    var calls: [(node: Int, edge: Int)] = []
    var found: [[Node]] = []
    var next: Int32 = 0

    func enter(_ node: Int) {
      number[node] = next
      low[node] = next
      next += 1
      open.append(Node(node))
      isOpen[node] = true
      calls.append((node, Int(dependencyStarts[node])))
    }

    for root in 0..<count where number[root] < 0 && included(Node(root)) {
      enter(root)
      while let (node, edge) = calls.last {
        if edge < Int(dependencyStarts[node + 1]) {
          calls[calls.count - 1].edge += 1
          let target = Int(dependencyList[edge])
          if number[target] < 0 {
            if included(Node(target)) { enter(target) }
          } else if isOpen[target] {
            low[node] = min(low[node], number[target])
          }
          continue
        }
        calls.removeLast()
        if let parent = calls.last?.node { low[parent] = min(low[parent], low[node]) }
        guard low[node] == number[node] else { continue }
        var members: [Node] = []
        while let top = open.popLast() {
          isOpen[Int(top)] = false
          members.append(top)
          if Int(top) == node { break }
        }
        if members.count > 1 || dependencies(of: Node(node)).contains(Node(node)) { found.append(members.sorted()) }
      }
    }
    return found
  }

  /// Breadth first from the smallest member back to itself.
  private func shortestCycle(in members: [Node]) -> [Node] {
    let start = members[0]
    // Position in `members`, which is ascending, of the node that led here.
    var cameFrom = [Int](repeating: -1, count: members.count)
    var queue = [0]
    var head = 0
    while head < queue.count {
      let position = queue[head]
      head += 1
      for target in dependencies(of: members[position]) {
        if target == start { return path(to: position, cameFrom: cameFrom, members: members) }
        guard let place = members.sortedIndex(of: target), cameFrom[place] < 0 else { continue }
        cameFrom[place] = position
        queue.append(place)
      }
    }
    return members
  }

  private func path(to end: Int, cameFrom: [Int], members: [Node]) -> [Node] {
    var path: [Node] = []
    var position = end
    while position > 0 {
      path.append(members[position])
      position = cameFrom[position]
    }
    path.append(members[0])
    return path.reversed()
  }
}

extension [Int32] {
  /// The place of `value` in an ascending array.
  func sortedIndex(of value: Int32) -> Int? {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low < count && self[low] == value ? low : nil
  }
}
