import OrchDiagnostics
import OrchDomain
import OrchGraph
import OrchPlan
import OrchRandom
import Testing

@Suite("Linking plans")
struct PlanLinkTests {
  private func plan(_ dependencies: String = "", _ rest: String = "") -> String {
    "---\n" + (dependencies.isEmpty ? "" : "depends_on: \(dependencies)\n") + rest + "---\n# T\n"
  }

  @Test("Each task follows the highest lower number of its module and prefix")
  func implicit() {
    let result = ScratchPlans([
      ("m/epic-00-a.md", plan()), ("m/epic-01-a.md", plan()), ("m/epic-03-a.md", plan()), ("n/epic-01-a.md", plan()),
      ("n/epic-02-a.md", plan()), ("m/epic-cli-02-a.md", plan()), ("m/epic-cli-07-a.md", plan()),
      ("m/00-overview.md", ""),
    ]).compile()
    #expect(result.tasks.count == 7)
    #expect(result.edges("m/E00") == [])
    #expect(result.edges("m/E03") == ["m/E01"])
    #expect(result.edges("n/E01") == [])
    #expect(result.edges("n/E02") == ["n/E01"])
    #expect(result.edges("m/CLI02") == [])
    #expect(result.edges("m/CLI07") == ["m/CLI02"])
  }

  @Test("One broken file hides nothing and keeps its row")
  func broken() {
    let result = ScratchPlans([
      ("m/epic-01-a.md", plan()), ("m/epic-02-b.md", "---\nstatus: [\n---\n# B\n"), ("m/epic-03-c.md", plan()),
      ("m/epic-04-d.md", plan("[m/E01, m/E02]")),
    ]).compile()
    #expect(result.tasks.map(\.id.number) == [1, 2, 3, 4])
    #expect(result.unsound.map(\.description) == ["m/E02"])
    #expect(result.edges("m/E03") == ["m/E02"])
    let told = result.codes("P019")
    #expect(told.map(\.location.file) == ["docs/plans/m/epic-03-c.md", "docs/plans/m/epic-04-d.md"])
    #expect(told.map(\.location.line) == [1, 2])
    #expect(told.allSatisfy { $0.severity == .note })
  }

  @Test("Two files with one id are told, and the first by path keeps the row")
  func duplicates() {
    let result = ScratchPlans([
      ("m/epic-2.2-b.md", plan("[m/E09]")), ("m/02-epic-c.md", plan()), ("m/epic-1.2-a.md", plan()),
    ]).compile()
    #expect(result.tasks.map(\.path) == ["docs/plans/m/02-epic-c.md"])
    #expect(result.codes("P006").map(\.location.file) == ["docs/plans/m/epic-1.2-a.md", "docs/plans/m/epic-2.2-b.md"])
    #expect(result.codes("P004").count == 1, "mistakes of a file without a row are told as well")
    #expect(result.unsound.count == 1)
  }

  @Test("Unknown dependencies are left out and a near name is offered")
  func unknown() {
    let result = ScratchPlans([
      ("billing/epic-00-a.md", plan()), ("billing/epic-09-a.md", plan("[biling/E00, billing/E90, other/E01]")),
      ("billing/epic-cli-01-a.md", plan("[billing/E01]")),
    ]).compile()
    #expect(result.edges("billing/E09") == ["billing/E00"])
    #expect(result.codes("P004").map { $0.fix?.replacement } == ["billing/E00", nil, nil, "billing/E00"])
    #expect(result.unsound.map(\.description).sorted() == ["billing/CLI01", "billing/E09"])
  }

  @Test("A task that depends on itself is told once, not as a cycle")
  func itself() {
    let result = ScratchPlans([("m/epic-01-a.md", plan("[1]"))]).compile()
    #expect(result.diagnostics.map(\.code) == ["P012"])
    #expect(result.edges("m/E01") == [])
    #expect(!result.isSound(result.tasks[0].id))
  }

  @Test("A cycle is told with every edge and where it comes from")
  func cycle() throws {
    let result = ScratchPlans([
      ("a/epic-01-x.md", plan("b/E02")), ("a/epic-02-x.md", plan()), ("b/epic-01-x.md", plan("[a/E02]")),
      ("b/epic-02-x.md", plan()), ("c/epic-01-x.md", plan("a/E01")), ("d/epic-01-x.md", plan()),
    ]).compile()
    let cycle = try #require(result.codes("P005").first)
    #expect(result.codes("P005").count == 1)
    #expect(cycle.message == "dependency cycle: a/E01 -> b/E02 -> b/E01 -> a/E02 -> a/E01")
    #expect(cycle.location.file == "docs/plans/a/epic-01-x.md")
    #expect(cycle.location.line == 2)
    #expect(
      cycle.notes.map(\.message) == [
        "'a/E01' depends on 'b/E02'", "'b/E02' follows 'b/E01' in its module", "'b/E01' depends on 'a/E02'",
        "'a/E02' follows 'a/E01' in its module",
      ])
    #expect(cycle.notes.map { $0.location?.line } == [2, 1, 2, 1])
    #expect(result.unsound.map(\.description).sorted() == ["a/E01", "a/E02", "b/E01", "b/E02"])
    #expect(result.codes("P019").map(\.location.file) == ["docs/plans/c/epic-01-x.md"])
  }

  @Test("Bad directories are told once each")
  func badModules() {
    let result = ScratchPlans([
      ("Bad/epic-01-a.md", plan()), ("Bad/epic-02-a.md", plan()), ("Worse/epic-01-a.md", plan()),
    ]).compile()
    #expect(result.codes("P013").count == 2)
    #expect(result.codes("P013").first?.notes.last?.message == "2 plans there are not tasks")
    #expect(result.tasks.isEmpty)
  }

  @Test("The order of the units makes no difference", arguments: 0..<60 as Range<UInt64>)
  func anyOrder(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let plans = RandomPlans.make(&random)
    let first = PlanCompiler.link(plans.units)
    let second = PlanCompiler.link(plans.units.shuffled(using: &random))
    #expect(first == second)
    #expect(first.tasks.map(\.id) == first.tasks.map(\.id).sorted())
    #expect(first.diagnostics == first.diagnostics.sorted(by: Diagnostic.comesBefore))
  }

  @Test("Edges lead to tasks that exist, and sound tasks can all be ordered", arguments: 0..<100 as Range<UInt64>)
  func edges(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let plans = RandomPlans.make(&random)
    let result = plans.compile()
    let ids = Set(result.tasks.map(\.id))
    #expect(ids.count == result.tasks.count)
    for task in result.tasks {
      #expect(task.dependencies.allSatisfy { ids.contains($0.id) && $0.id != task.id })
      #expect(task.dependencies.map(\.id) == Set(task.dependencies.map(\.id)).sorted())
      let before = ids.filter { $0.module == task.id.module && $0.prefix == task.id.prefix && $0 < task.id }.max()
      #expect(before.map { id in task.dependencies.contains { $0.id == id } } ?? true)
    }
    let sound = result.tasks.filter { result.isSound($0.id) }
    let graph = DependencyGraph(sound.map { task in (task.id, task.dependencies.map(\.id)) })
    #expect(graph.isAcyclic, "every cycle was told")
    // And the other way round: a task in a told cycle really reaches itself.
    let whole = DependencyGraph(result.tasks.map { task in (task.id, task.dependencies.map(\.id)) })
    #expect(whole.cycles().count == result.codes("P005").count)
  }

  @Test("The random projects hold what the properties are about")
  func notVacuous() {
    var counts: [String: Int] = [:]
    for seed in 0..<100 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      for code in Set(RandomPlans.make(&random).compile().diagnostics.map(\.code)) { counts[code, default: 0] += 1 }
    }
    for code in ["P001", "P004", "P005", "P006", "P008", "P012", "P016", "P019"] {
      #expect(counts[code, default: 0] >= 5, "\(code) in \(counts)")
    }
  }
}

/// Projects of a few modules with all the mistakes that linking can find.
enum RandomPlans {
  static func make(_ random: inout SplitMix64) -> ScratchPlans {
    var names: [(name: String, id: String)] = []
    for module in ["a", "b", "c", "d"] {
      for _ in 0..<random.below(6) {
        let number = random.below(7)
        let name = random.pick(["epic-\(number)-x", "epic-cli-\(number)-x", "0\(number)-epic-x", "epic-1.\(number)-x"])
        names.append(("\(module)/\(name).md", "\(module)/\(name.contains("cli") ? "CLI" : "E")0\(number)"))
      }
    }
    // Most dependencies exist, or else hardly a cycle would be made of tasks that are sound otherwise.
    let ids = names.map(\.id) + ["a/E09"]
    var seen: Set<String> = []
    return ScratchPlans(
      names.filter { seen.insert($0.name).inserted }.map { ($0.name, "---\n\(keys(ids, &random))---\n# T\n") })
  }

  private static func keys(_ ids: [String], _ random: inout SplitMix64) -> String {
    var keys = ""
    if random.below(3) == 0 {
      let chosen = (0..<random.below(3)).map { _ in random.pick(ids) }
      keys += "depends_on: [\(chosen.joined(separator: ", "))]\n"
    }
    if random.below(3) == 0 {
      keys += "touches: [\"\(random.pick(["src/**", "src/a/*.c", "**/*.c", "src/a/x.c", "doc/", "*"]))\"]\n"
    }
    if random.below(8) == 0 { keys += "status: \(random.pick(["done", "nonsense", "[", "running"]))\n" }
    return keys
  }
}
