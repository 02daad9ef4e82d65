import OrchGraph
import OrchRandom
import Testing

/// The graph against definitions that are too slow for work, but plainly right.
@Suite struct IndexGraphTests {
  /// Edges as pairs, with answers by brute force.
  struct Model {
    let count: Int
    let waits: Set<[Int32]>
    private let closure: [[Bool]]

    init(count: Int, edges: [(Int32, Int32)]) {
      self.count = count
      waits = Set(edges.map { [$0.0, $0.1] })
      var closure = [[Bool]](repeating: [Bool](repeating: false, count: count), count: count)
      for edge in waits { closure[Int(edge[0])][Int(edge[1])] = true }
      for k in 0..<count {
        for i in 0..<count where closure[i][k] {
          for j in 0..<count where closure[k][j] { closure[i][j] = true }
        }
      }
      self.closure = closure
    }

    func reaches(_ a: Int, _ b: Int) -> Bool { closure[a][b] }
    func isKnotted(_ a: Int) -> Bool { closure[a][a] }
    func dependencies(_ a: Int) -> [Int32] { waits.filter { $0[0] == a }.map { $0[1] }.sorted() }
    func dependents(_ a: Int) -> [Int32] { waits.filter { $0[1] == a }.map { $0[0] }.sorted() }

    /// Sets of nodes that reach each other, by smallest member.
    var knots: [[Int32]] {
      var seen: Set<Int32> = []
      var result: [[Int32]] = []
      for a in 0..<count where isKnotted(a) && !seen.contains(Int32(a)) {
        let members = (0..<count).filter { $0 == a || (reaches(a, $0) && reaches($0, a)) }.map { Int32($0) }
        seen.formUnion(members)
        result.append(members)
      }
      return result
    }

    /// The length of a shortest cycle through `a`.
    func girth(through a: Int) -> Int? {
      var distance = [Int](repeating: .max, count: count)
      var layer = [a]
      var steps = 0
      while !layer.isEmpty {
        steps += 1
        var next: [Int] = []
        for node in layer {
          for target in dependencies(node) {
            if Int(target) == a { return steps }
            if distance[Int(target)] == .max {
              distance[Int(target)] = steps
              next.append(Int(target))
            }
          }
        }
        layer = next
      }
      return nil
    }

    /// Longest way down; nil behind a cycle.
    func level(_ a: Int) -> Int32? {
      guard !isKnotted(a), !(0..<count).contains(where: { reaches(a, $0) && isKnotted($0) }) else { return nil }
      return dependencies(a).map { (level(Int($0)) ?? 0) + 1 }.max() ?? 0
    }
  }

  static func random(_ seed: Int, acyclic: Bool) -> (IndexGraph, Model, SplitMix64) {
    var random = SplitMix64(seed: UInt64(seed))
    let count = 1 + random.below(14)
    var edges: [(Int32, Int32)] = []
    for _ in 0..<random.below(count * 3) {
      let a = random.below(count)
      let b = random.below(count)
      if acyclic, a == b { continue }
      edges.append(acyclic ? (Int32(max(a, b)), Int32(min(a, b))) : (Int32(a), Int32(b)))
    }
    let graph = IndexGraph(count: count, dependents: edges.map(\.0), dependencies: edges.map(\.1))
    return (graph, Model(count: count, edges: edges), random)
  }

  @Test("Rows, order, levels, cycles and reachability are what their definitions say", arguments: 0..<300)
  func matchesModel(seed: Int) {
    let (graph, model, _) = Self.random(seed, acyclic: seed % 3 == 0)
    let ordering = graph.ordering()
    #expect(graph.edgeCount == model.waits.count)
    for node in 0..<model.count {
      #expect(Array(graph.dependencies(of: Int32(node))) == model.dependencies(node))
      #expect(Array(graph.dependents(of: Int32(node))) == model.dependents(node))
      #expect(ordering.levels[node] == (model.level(node) ?? -1))
      for other in 0..<model.count {
        #expect(graph.reaches(Int32(node), Int32(other), ordering) == model.reaches(node, other))
      }
      let behind = (0..<model.count).filter { model.reaches($0, node) }.map { Int32($0) }
      #expect(graph.transitiveDependents(of: [Int32(node)]) == behind)
      let before = (0..<model.count).filter { model.reaches(node, $0) }.map { Int32($0) }
      #expect(graph.transitiveDependencies(of: [Int32(node)]) == before)
    }
    let sorted = (0..<model.count).filter { model.level($0) != nil }
      .sorted { (model.level($0) ?? 0, $0) < (model.level($1) ?? 0, $1) }
    #expect(ordering.order == sorted.map { Int32($0) })
    let knots = graph.knots(ordering)
    #expect(knots.map(\.members) == model.knots)
    for knot in knots {
      #expect(knot.path.first == knot.members.first)
      #expect(knot.path.count == model.girth(through: Int(knot.members[0])))
      for (from, to) in zip(knot.path, knot.path.dropFirst() + [knot.path[0]]) {
        #expect(model.waits.contains([from, to]))
      }
    }
  }

  @Test("A chain is the heaviest way over open nodes that are not on a cycle", arguments: 0..<300)
  func chains(seed: Int) {
    let (graph, model, generator) = Self.random(seed, acyclic: seed % 2 == 0)
    var random = generator
    let isOpen = (0..<model.count).map { _ in !random.chance(25) }
    let weights = (0..<model.count).map { _ in Int64(1 + random.below(9)) }
    let open = Model(
      count: model.count, edges: model.waits.filter { isOpen[Int($0[0])] && isOpen[Int($0[1])] }.map { ($0[0], $0[1]) })
    func chain(_ node: Int) -> Int64 {
      if isOpen[node], open.isKnotted(node) { return 0 }
      return model.dependents(node).map { Int($0) }.filter { isOpen[$0] && !open.isKnotted($0) }
        .map { weights[$0] + chain($0) }.max() ?? 0
    }
    // A node that is complete may still be asked for; the definition is the same.
    let expected = (0..<model.count).map(chain)
    #expect(graph.chains(isOpen: isOpen, weights: weights) == expected)
    let isKnotted = (0..<model.count).contains(where: open.isKnotted)
    #expect((graph.acyclicChains(isOpen: isOpen, weights: weights) == nil) == isKnotted)
    let path = graph.longestChain(isOpen: isOpen, weights: weights)
    let best = (0..<model.count).filter { isOpen[$0] && !open.isKnotted($0) }.map { weights[$0] + expected[$0] }.max()
    #expect(path.reduce(0) { $0 + weights[Int($1)] } == best ?? 0)
    for (from, to) in zip(path, path.dropFirst()) { #expect(model.waits.contains([to, from])) }
  }

  @Test(
    "The same edges in any order, repeated, and with impossible ones between, give the same graph", arguments: 0..<50)
  func normalises(seed: Int) {
    let (graph, model, generator) = Self.random(seed, acyclic: false)
    var random = generator
    var edges = model.waits.map { ($0[0], $0[1]) }
    edges += edges.filter { _ in random.chance(30) }
    edges += [(-1, 0), (0, Int32(model.count)), (Int32.max, 0), (0, Int32.min)]
    edges.shuffle(using: &random)
    let other = IndexGraph(count: model.count, dependents: edges.map(\.0), dependencies: edges.map(\.1))
    for node in 0..<Int32(model.count) {
      #expect(other.dependencies(of: node) == graph.dependencies(of: node))
      #expect(Array(other.dependents(of: node)) == Array(graph.dependents(of: node)))
    }
  }

  @Test("Impossible input gives empty answers")
  func hostile() {
    let empty = IndexGraph(count: 0, dependents: [1], dependencies: [2])
    #expect(empty.ordering().order.isEmpty && empty.ordering().levelCount == 0 && empty.ordering().isComplete)
    #expect(IndexGraph(count: -5, dependents: [], dependencies: []).count == 0)
    let one = IndexGraph(count: 1, dependents: [0, 0], dependencies: [])
    #expect(one.edgeCount == 0)
    #expect(one.dependencies(of: 7).isEmpty && one.dependents(of: -1).isEmpty)
    #expect(!one.reaches(0, 9, one.ordering()))
    #expect(one.chains(isOpen: []) == [0])
    #expect(one.chains(isOpen: [true], weights: [1, 2]) == [0])
    #expect(one.longestChain(isOpen: [], weights: nil).isEmpty)
  }

  @Test("Weights are clamped, so no chain overflows")
  func clampedWeights() {
    let graph = IndexGraph(count: 3, dependents: [1, 2], dependencies: [0, 1])
    #expect(graph.chains(isOpen: [true, true, true], weights: [1, .max, .min]) == [Int64(Int32.max) + 1, 1, 0])
  }

  @Test("A chain of 200,000 tasks and a cycle as long need no recursion")
  func deep() {
    let count = 200_000
    let from = (1..<Int32(count)).map { $0 }
    let to = (0..<Int32(count - 1)).map { $0 }
    let chain = IndexGraph(count: count, dependents: from, dependencies: to)
    let ordering = chain.ordering()
    #expect(ordering.levelCount == count)
    #expect(chain.reaches(Int32(count - 1), 0, ordering) && !chain.reaches(0, Int32(count - 1), ordering))
    #expect(chain.chains(isOpen: [Bool](repeating: true, count: count))[0] == Int64(count - 1))
    #expect(chain.longestChain(isOpen: [Bool](repeating: true, count: count)).count == count)
    let ring = IndexGraph(count: count, dependents: from + [0], dependencies: to + [Int32(count - 1)])
    let knots = ring.knots(ring.ordering())
    #expect(knots.count == 1 && knots[0].path.count == count && knots[0].path[1] == Int32(count - 1))
  }
}
