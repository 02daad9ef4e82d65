import OrchDiagnostics
import OrchDomain
import OrchGraph
import OrchPlan
import OrchRandom
import Testing

@Suite("Overlapping touches")
struct TouchOverlapTests {
  private func plan(_ touches: String, _ rest: String = "") -> String {
    "---\ntouches: [\(touches)]\n\(rest)---\n# T\n"
  }

  @Test(
    "Globs that can match the same file are told",
    arguments: [
      ("src/**", "src/web/**", true), ("src/a.c", "src/a.c", true), ("src/a.c", "src/b.c", false),
      ("src/*.c", "src/a.c", true), ("src/*.c", "src/*.h", false), ("src/", "src/x/y.c", true),
      ("./src/a.c", "/src/a.c", true), ("'**/*.c'", "doc/**", true), ("src/**", "srcx/**", false),
      ("src/web", "src/web/**", true), ("doc/**", "src/**", false), ("'**'", "a", true),
      ("'src/[ab].c'", "src/b.c", true),
    ])
  func pairs(_ first: String, _ second: String, _ overlaps: Bool) {
    let result = ScratchPlans([("a/epic-01-x.md", plan(first)), ("b/epic-01-x.md", plan(second))]).compile()
    #expect(result.diagnostics.map(\.code) == (overlaps ? ["P016"] : []))
  }

  @Test("Tasks that wait for each other, or are complete, are not compared")
  func ordered() {
    let chain = ScratchPlans([("a/epic-01-x.md", plan("src/**")), ("a/epic-02-x.md", plan("src/**"))]).compile()
    #expect(chain.diagnostics.isEmpty)
    let explicit = ScratchPlans([
      ("a/epic-01-x.md", plan("src/**")), ("b/epic-01-x.md", plan("doc/**", "depends_on: a/E01\n")),
      ("b/epic-02-x.md", plan("src/**")),
    ]).compile()
    #expect(explicit.diagnostics.isEmpty)
    let done = ScratchPlans([
      ("a/epic-01-x.md", plan("src/**", "status: done\n")), ("b/epic-01-x.md", plan("src/**")),
    ]).compile()
    #expect(done.diagnostics.isEmpty)
  }

  @Test("Every task of a module with one glob for all is told")
  func sharedGlob() {
    let result = ScratchPlans([
      ("a/epic-01-x.md", plan("src/**")), ("a/epic-02-x.md", plan("src/**")), ("b/epic-01-x.md", plan("src/x")),
    ]).compile()
    #expect(result.codes("P016").map(\.location.file) == ["docs/plans/a/epic-01-x.md", "docs/plans/a/epic-02-x.md"])
  }

  @Test("A task is told exactly when some other overlaps it", arguments: 0..<100 as Range<UInt64>)
  func property(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let result = RandomPlans.make(&random).compile()
    let graph = DependencyGraph(result.tasks.map { task in (task.id, task.dependencies.map(\.id)) })
    var expected: Set<Set<TaskID>> = []
    for a in result.tasks {
      for b in result.tasks where a.id < b.id && a.status != .complete && b.status != .complete {
        guard !graph.reaches(a.id, b.id), !graph.reaches(b.id, a.id) else { continue }
        let meets = a.touches.contains { x in b.touches.contains { Glob(x).mayOverlap(Glob($0)) } }
        if meets { expected.insert([a.id, b.id]) }
      }
    }
    let paths = Dictionary(uniqueKeysWithValues: result.tasks.map { ($0.path, $0.id) })
    let told = result.codes("P016").compactMap { item -> Set<TaskID>? in
      guard let a = paths[item.location.file], let b = item.notes.first?.location.flatMap({ paths[$0.file] }) else {
        return nil
      }
      return [a, b]
    }
    #expect(told.allSatisfy(expected.contains), "nothing is told that is not so")
    // Every task that overlaps another one is named at least once, as the first or the second.
    #expect(expected.allSatisfy { pair in told.contains { !$0.isDisjoint(with: pair) } })
    #expect(expected.isEmpty == told.isEmpty)
  }

  @Test("Thousands of tasks with the same glob are bounded and the bound is told when it is reached")
  func bounded() {
    var files: [(String, String)] = []
    for i in 0..<3000 { files.append(("m\(i)/epic-01-x.md", plan("'**/*.c', '**/x?.c'"))) }
    let result = ScratchPlans(files).compile()
    let told = result.codes("P016")
    #expect(told.count <= 3001)
    #expect(told.count >= 1000)
    #expect(told.count { $0.severity == .note } == 1)
  }
}
