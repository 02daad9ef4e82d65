/// A dependency graph over dense node numbers, stored as compressed sparse rows in both directions.
///
/// Rows are ascending and free of duplicates, so everything that is derived from them is deterministic. A node may
/// wait for itself; that is a cycle of one.
package struct IndexGraph: Sendable {
  package typealias Node = Int32

  package let count: Int
  let dependencyStarts: [Int32]
  let dependencyList: [Int32]
  let dependentStarts: [Int32]
  let dependentList: [Int32]

  /// - Parameters:
  ///   - dependents: For every edge, the node that waits.
  ///   - dependencies: For every edge, the node that it waits for. Edges with a node outside `0..<count` are dropped.
  package init(count: Int, dependents: [Node], dependencies: [Node]) {
    self.count = max(0, min(count, Int(Int32.max) - 1))
    var edges = EdgeList(dependents: dependents, dependencies: dependencies)
    edges.clean(count: self.count)
    let waiting = Rows(count: self.count, keys: edges.dependencies, values: edges.dependents, uniquing: true)
    let flipped = waiting.transposed(count: self.count)
    dependentStarts = waiting.starts
    dependentList = waiting.values
    dependencyStarts = flipped.starts
    dependencyList = flipped.values
  }

  package var edgeCount: Int { dependencyList.count }

  /// What `node` waits for, ascending; empty for a node that does not exist.
  package func dependencies(of node: Node) -> ArraySlice<Node> {
    guard contains(node) else { return [] }
    return dependencyList[Int(dependencyStarts[Int(node)])..<Int(dependencyStarts[Int(node) + 1])]
  }

  /// What waits for `node`, ascending; empty for a node that does not exist.
  package func dependents(of node: Node) -> ArraySlice<Node> {
    guard contains(node) else { return [] }
    return dependentList[Int(dependentStarts[Int(node)])..<Int(dependentStarts[Int(node) + 1])]
  }

  package func contains(_ node: Node) -> Bool { node >= 0 && Int(node) < count }
}

/// Edges on their way into a graph.
private struct EdgeList {
  var dependents: [Int32]
  var dependencies: [Int32]

  /// Drops impossible edges and sorts by dependent, which makes every later row ascending.
  mutating func clean(count: Int) {
    let usable = min(dependents.count, dependencies.count)
    let limit = Int32(count)
    var sorted = dependents.count == dependencies.count
    var last: Int32 = 0
    for i in 0..<usable {
      let a = dependents[i]
      let b = dependencies[i]
      if a < last || a >= limit || b < 0 || b >= limit {
        sorted = false
        break
      }
      last = a
    }
    guard !sorted else { return }
    var from: [Int32] = []
    var to: [Int32] = []
    for i in 0..<usable where (0..<limit).contains(dependents[i]) && (0..<limit).contains(dependencies[i]) {
      from.append(dependents[i])
      to.append(dependencies[i])
    }
    let rows = Rows(count: count, keys: from, values: to, uniquing: false)
    dependencies = rows.values
    dependents = rows.keys()
  }
}

/// Values grouped by key with a counting sort; the order within a group is the order of the input.
private struct Rows {
  var starts: [Int32]
  var values: [Int32]

  /// - Parameter uniquing: Drops a value that equals the one before it in its row.
  init(count: Int, keys: [Int32], values input: [Int32], uniquing: Bool) {
    starts = [Int32](repeating: 0, count: count + 1)
    values = [Int32](repeating: 0, count: keys.count)
    for key in keys { starts[Int(key) + 1] += 1 }
    for i in 0..<count { starts[i + 1] += starts[i] }
    var next = starts
    for i in 0..<keys.count {
      let key = Int(keys[i])
      values[Int(next[key])] = input[i]
      next[key] += 1
    }
    if uniquing { removeRepeats(count: count) }
  }

  private init(starts: [Int32], values: [Int32]) {
    self.starts = starts
    self.values = values
  }

  private mutating func removeRepeats(count: Int) {
    var write = 0
    var read = 0
    for row in 0..<count {
      let end = Int(starts[row + 1])
      let first = write
      while read < end {
        if write == first || values[write - 1] != values[read] {
          values[write] = values[read]
          write += 1
        }
        read += 1
      }
      starts[row + 1] = Int32(write)
    }
    values.removeLast(values.count - write)
  }

  /// The key of every value, in order.
  func keys() -> [Int32] {
    var result = [Int32](repeating: 0, count: values.count)
    for row in 0..<(starts.count - 1) {
      for i in Int(starts[row])..<Int(starts[row + 1]) { result[i] = Int32(row) }
    }
    return result
  }

  func transposed(count: Int) -> Rows {
    var flipped = [Int32](repeating: 0, count: count + 1)
    var list = [Int32](repeating: 0, count: values.count)
    for value in values { flipped[Int(value) + 1] += 1 }
    for i in 0..<count { flipped[i + 1] += flipped[i] }
    var next = flipped
    for row in 0..<count {
      for i in Int(starts[row])..<Int(starts[row + 1]) {
        let value = Int(values[i])
        list[Int(next[value])] = Int32(row)
        next[value] += 1
      }
    }
    return Rows(starts: flipped, values: list)
  }
}
