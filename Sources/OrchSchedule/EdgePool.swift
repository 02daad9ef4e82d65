import OrchGraph

/// The edges of a graph that changes: linked lists inside one array.
///
/// Built from compressed rows, the list of a node's dependents lies in one piece, which is what a completion walks, and
/// behind it lies that of the node with the next number.
struct EdgePool {
  private struct Edge {
    var dependent: Int32
    var dependency: Int32
    var nextDependent: Int32
    var previousDependent: Int32
    var nextDependency: Int32
  }

  private var edges: [Edge] = []
  private var firstDependent: [Int32] = []
  private var firstDependency: [Int32] = []
  private var free: Int32 = -1

  init() {}

  /// - Parameter graph: Over places, where the pool is over numbers.
  init(_ graph: IndexGraph, _ names: NodeNames) {
    firstDependent = [Int32](repeating: -1, count: graph.count)
    firstDependency = [Int32](repeating: -1, count: graph.count)
    edges.reserveCapacity(graph.edgeCount)
    for node in 0..<graph.count {
      let row = graph.dependents(of: Int32(names.place(of: Int32(node))))
      guard !row.isEmpty else { continue }
      let first = Int32(edges.count)
      let last = first + Int32(row.count) - 1
      firstDependent[node] = first
      for (offset, place) in row.enumerated() {
        let dependent = names.node(at: place)
        let number = first + Int32(offset)
        edges.append(
          Edge(
            dependent: dependent, dependency: Int32(node), nextDependent: number < last ? number + 1 : -1,
            previousDependent: offset > 0 ? number - 1 : -1, nextDependency: firstDependency[Int(dependent)]))
        firstDependency[Int(dependent)] = number
      }
    }
  }

  var nodeCount: Int { firstDependent.count }

  mutating func addNode() {
    firstDependent.append(-1)
    firstDependency.append(-1)
  }

  mutating func add(dependent: Int32, dependency: Int32) {
    let next = firstDependent[Int(dependency)]
    let edge = Edge(
      dependent: dependent, dependency: dependency, nextDependent: next, previousDependent: -1,
      nextDependency: firstDependency[Int(dependent)])
    var number = free
    if number >= 0 {
      free = edges[Int(number)].nextDependency
      edges[Int(number)] = edge
    } else {
      number = Int32(edges.count)
      edges.append(edge)
    }
    if next >= 0 { edges[Int(next)].previousDependent = number }
    firstDependent[Int(dependency)] = number
    firstDependency[Int(dependent)] = number
  }

  /// Removes everything that `dependent` waits for.
  mutating func removeDependencies(of dependent: Int32) {
    var number = firstDependency[Int(dependent)]
    while number >= 0 {
      let edge = edges[Int(number)]
      if edge.previousDependent >= 0 {
        edges[Int(edge.previousDependent)].nextDependent = edge.nextDependent
      } else {
        firstDependent[Int(edge.dependency)] = edge.nextDependent
      }
      if edge.nextDependent >= 0 { edges[Int(edge.nextDependent)].previousDependent = edge.previousDependent }
      edges[Int(number)].nextDependency = free
      free = number
      number = edge.nextDependency
    }
    firstDependency[Int(dependent)] = -1
  }

  // Cursors instead of sequences, so that a caller can change other parts of itself while it walks.

  func firstDependentEdge(of node: Int32) -> Int32 { firstDependent[Int(node)] }
  func next(_ edge: Int32) -> Int32 { edges[Int(edge)].nextDependent }
  func dependent(_ edge: Int32) -> Int32 { edges[Int(edge)].dependent }

  /// In no particular order.
  func dependents(of node: Int32) -> [Int32] {
    var result: [Int32] = []
    var edge = firstDependent[Int(node)]
    while edge >= 0 {
      result.append(edges[Int(edge)].dependent)
      edge = edges[Int(edge)].nextDependent
    }
    return result
  }

  /// In no particular order.
  func dependencies(of node: Int32) -> [Int32] {
    var result: [Int32] = []
    var edge = firstDependency[Int(node)]
    while edge >= 0 {
      result.append(edges[Int(edge)].dependency)
      edge = edges[Int(edge)].nextDependency
    }
    return result
  }

  /// The same edges in compressed form.
  var graph: IndexGraph { graph(inOrder: Array(0..<Int32(nodeCount))) }

  /// The same edges between the places in `order`, which has every node once.
  func graph(inOrder order: [Int32]) -> IndexGraph {
    var places = order
    for (place, node) in order.enumerated() { places[Int(node)] = Int32(place) }
    var from: [Int32] = []
    var to: [Int32] = []
    for (place, node) in order.enumerated() {
      for dependency in dependencies(of: node) {
        from.append(Int32(place))
        to.append(places[Int(dependency)])
      }
    }
    return IndexGraph(count: nodeCount, dependents: from, dependencies: to)
  }
}
