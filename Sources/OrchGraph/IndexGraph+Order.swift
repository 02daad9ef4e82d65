extension IndexGraph {
  /// The nodes sorted so that every node comes after all that it waits for.
  package struct Ordering: Sendable {
    /// Ordered by level, then node. Nodes on a cycle, or behind one, are missing.
    package let order: [Node]
    /// For every node the longest way, in edges, from a node that waits for nothing; -1 for a node not in `order`.
    package let levels: [Int32]

    package var levelCount: Int { order.last.map { Int(levels[Int($0)]) + 1 } ?? 0 }

    /// Whether every node could be ordered.
    package var isComplete: Bool { order.count == levels.count }

    /// The nodes of each level: those of one level do not wait for each other.
    package var waves: [[Node]] {
      var result = [[Node]](repeating: [], count: levelCount)
      for node in order { result[Int(levels[Int(node)])].append(node) }
      return result
    }
  }

  /// Sorts in linear time, without recursion.
  package func ordering() -> Ordering {
    var waiting = [Int32](repeating: 0, count: count)
    var queue: [Node] = []
    queue.reserveCapacity(count)
    for node in 0..<count {
      waiting[node] = dependencyStarts[node + 1] - dependencyStarts[node]
      if waiting[node] == 0 { queue.append(Node(node)) }
    }
    var levels = [Int32](repeating: -1, count: count)
    var sizes: [Int32] = []
    var head = 0
    var level: Int32 = 0
    // A node enters the queue with the last of its dependencies, so the queue is already sorted by level.
    while head < queue.count {
      let end = queue.count
      sizes.append(Int32(end - head))
      while head < end {
        let node = Int(queue[head])
        head += 1
        levels[node] = level
        for i in Int(dependentStarts[node])..<Int(dependentStarts[node + 1]) {
          let next = Int(dependentList[i])
          waiting[next] -= 1
          if waiting[next] == 0 { queue.append(Node(next)) }
        }
      }
      level += 1
    }
    return Ordering(order: sortedByLevel(queue, levels: levels, sizes: sizes), levels: levels)
  }

  /// The queue with the nodes of each level ascending; a second counting sort, so still linear.
  private func sortedByLevel(_ queue: [Node], levels: [Int32], sizes: [Int32]) -> [Node] {
    var next = [Int32](repeating: 0, count: sizes.count + 1)
    for i in 0..<sizes.count { next[i + 1] = next[i] + sizes[i] }
    var order = queue
    for node in 0..<count where levels[node] >= 0 {
      let level = Int(levels[node])
      order[Int(next[level])] = Node(node)
      next[level] += 1
    }
    return order
  }
}
