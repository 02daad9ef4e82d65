import OrchDomain
import OrchGraph
import OrchRandom
import Testing

@Suite struct DependencyGraphTests {
  static func id(_ text: String) throws -> TaskID { try #require(TaskID(text)) }

  static func graph(_ tasks: [(String, [String])]) throws -> DependencyGraph {
    DependencyGraph(try tasks.map { (try id($0.0), try $0.1.map(id)) })
  }

  @Test("Depth counts what a task unblocks: tech/E00 of a chain of three has 2, billing/E00 has 0")
  func depth() throws {
    let graph = try Self.graph([
      ("tech/E02", ["tech/E01"]), ("tech/E00", []), ("billing/E00", []), ("tech/E01", ["tech/E00"]),
    ])
    let chains = graph.chains(isComplete: { _ in false })
    func chain(_ text: String) throws -> Int64 { chains[Int(try #require(graph.index(of: Self.id(text))))] }
    #expect(try chain("tech/E00") == 2)
    #expect(try chain("tech/E01") == 1)
    #expect(try chain("billing/E00") == 0)
    #expect(graph.topologicalOrder.map(\.description) == ["billing/E00", "tech/E00", "tech/E01", "tech/E02"])
    #expect(graph.waves.map(\.count) == [2, 1, 1])
    #expect(graph.criticalPath(isComplete: { _ in false }).map(\.code) == ["E00", "E01", "E02"])
    let first = try Self.id("tech/E00")
    #expect(graph.criticalPath(isComplete: { $0 == first }).map(\.code) == ["E01", "E02"])
    #expect(try graph.reaches(Self.id("tech/E02"), first))
    #expect(try !graph.reaches(first, Self.id("tech/E02")))
    #expect(try !graph.reaches(Self.id("none/E01"), first))
    #expect(graph.transitiveDependents(of: first).map(\.code) == ["E01", "E02"])
    #expect(try graph.transitiveDependencies(of: Self.id("tech/E02")).map(\.code) == ["E00", "E01"])
    #expect(graph.dependents(of: first).map(\.code) == ["E01"])
  }

  @Test("Cycles across modules are named as paths from the smallest id, one for each knot")
  func cycles() throws {
    let graph = try Self.graph([
      ("c/E01", ["b/E01"]), ("b/E01", ["a/E01"]), ("a/E01", ["c/E01", "a/E02"]), ("a/E02", ["a/E01"]),
      ("z/E01", ["z/E01"]), ("d/E01", ["c/E01"]), ("e/E01", []),
    ])
    #expect(!graph.isAcyclic)
    let cycles = graph.cycles()
    #expect(cycles.map { $0.path.map(\.description) } == [["a/E01", "a/E02"], ["z/E01"]])
    #expect(cycles[0].members.map(\.description) == ["a/E01", "a/E02", "b/E01", "c/E01"])
    // Behind a cycle, but not on one.
    #expect(graph.topologicalOrder.map(\.description) == ["e/E01"])
  }

  @Test("Unknown dependencies are left out and returned in order; a repeated id joins its dependencies")
  func unknown() throws {
    let graph = try Self.graph([
      ("b/E01", ["x/E09", "a/E01"]), ("a/E01", ["x/E09", "x/E01", "x/E09"]), ("b/E01", ["a/E02"]), ("a/E02", []),
    ])
    #expect(graph.count == 3)
    #expect(
      graph.unknown.map { "\($0.task) \($0.dependency)" } == ["a/E01 x/E01", "a/E01 x/E09", "b/E01 x/E09"])
    #expect(try graph.dependencies(of: Self.id("b/E01")).map(\.description) == ["a/E01", "a/E02"])
    #expect(graph.isAcyclic)
  }

  @Test("A table finds exactly its ids", arguments: 0..<50)
  func table(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    func anyID() -> TaskID {
      TaskID(
        module: ["a", "b-1", "b", "zz", "a-module-with-a-long-name"][random.below(5)],
        prefix: ["", "CLI", "TUI"][random.below(3)], number: random.below(12))
    }
    let ids = (0..<random.below(40)).map { _ in anyID() }
    let table = TaskTable(ids)
    #expect(table.ids == Set(ids).sorted())
    for _ in 0..<60 {
      let id = anyID()
      let place = table.ids.firstIndex(of: id).map { Int32($0) }
      #expect(table.index(of: id) == place)
      #expect(table.index(of: id, near: Int32(random.below(50)) - 5) == place)
      #expect(table.insertionPoint(of: id) == table.ids.filter { $0 < id }.count)
      #expect(Array(table.ids(of: id.module)) == table.ids.filter { $0.module == id.module })
    }
  }
}
