import OrchDomain
import OrchSchedule
import Testing

@Suite struct ExplainTests {
  static func texts(_ frontier: Frontier, _ text: String) throws -> [String] {
    frontier.explain(try id(text)).map(\.description)
  }

  @Test("A dependency is explained by what is really behind it")
  func dependency() throws {
    var frontier = Frontier([
      try task("billing/E01"), try task("billing/E02", after: ["billing/E01"]),
      try task("billing/E03", after: ["billing/E02"]), try task("billing/E04", after: ["billing/E03"]),
    ])
    #expect(try Self.texts(frontier, "billing/E01").isEmpty)
    #expect(
      try Self.texts(frontier, "billing/E02") == ["waits for billing/E01, which is ready and needs a free slot"])
    _ = frontier.take(1)
    #expect(try Self.texts(frontier, "billing/E02") == ["waits for billing/E01, which is running"])
    frontier.hold(try id("billing/E01"), Hold(.inReview, "waits for a human: pr approve billing/E01"))
    #expect(try Self.texts(frontier, "billing/E01") == ["waits for a human: pr approve billing/E01"])
    #expect(
      try Self.texts(frontier, "billing/E02")
        == ["waits for billing/E01, which waits for a human: pr approve billing/E01"])
    #expect(
      try Self.texts(frontier, "billing/E03")
        == ["waits for billing/E02, which waits for billing/E01, which waits for a human: pr approve billing/E01"])
    #expect(
      try Self.texts(frontier, "billing/E04") == [
        "waits for billing/E03, which waits through 1 more task for billing/E01, "
          + "which waits for a human: pr approve billing/E01"
      ])
  }

  @Test("The root that needs a person is named before one that is merely running")
  func pressingRoot() throws {
    let frontier = Frontier([
      try task("a/E01", phase: .running), try task("b/E01", phase: .held(Hold(.failed, "gate red"))),
      try task("c/E01", after: ["a/E01", "b/E01"]), try task("d/E01", after: ["c/E01"]),
    ])
    #expect(
      try Self.texts(frontier, "d/E01")
        == ["waits for c/E01, which waits for b/E01, which is marked as failed: gate red"])
    #expect(
      try Self.texts(frontier, "c/E01") == [
        "waits for a/E01, which is running", "waits for b/E01, which is marked as failed: gate red",
      ])
  }

  @Test("Obstacles come in the order of what to do about them")
  func order() throws {
    var frontier = Frontier([
      try task("a/E01", touches: ["src/**"], phase: .running), try task("a/E02"),
      try task(
        "b/E01", after: ["a/E02", "x/E01", "b/E02"], touches: ["src/b/*", "docs/"], tier: 2,
        defect: "P007: no \u{1B}[31m"),
      try task("b/E02", after: ["b/E01"]),
    ])
    frontier.pause(try id("b/E01"))
    frontier.pauseAll()
    frontier.select([])
    #expect(
      try Self.texts(frontier, "b/E01") == [
        "has a plan with errors: P007: no \\u{1b}[31m",
        "is in a cycle: b/E01 waits for b/E02, which waits for b/E01",
        "waits for x/E01, which no plan declares",
        "waits because everything is paused",
        "is paused",
        "is not among the selected tasks",
        "waits for a/E02, which waits because everything is paused",
        "is in tier 2, which opens when the tiers below are complete; tier 0 is open, and 3 tasks are left: "
          + "a/E01, a/E02, b/E02",
        "may change the same files as a/E01, which is at work: 'src/b/*' and 'src/**'",
      ])
    #expect(try Self.texts(frontier, "a/E01") == ["is running"])
    #expect(try Self.texts(frontier, "q/E01") == ["is not in the plan"])
    frontier.complete(try id("a/E01"))
    #expect(try Self.texts(frontier, "a/E01") == ["is complete"])
  }

  @Test(
    "What is behind a dependency has a name for every kind of obstacle",
    arguments: [
      (["x/E09"], 0, nil, "waits for a/E01, which waits for x/E09, which no plan declares"),
      (["a/E01"], 0, nil, "waits for a/E01, which waits for itself"),
      ([], 0, "P001", "waits for a/E01, which has a plan with errors: P001"),
      (
        [], 1, nil,
        "waits for a/E01, which is in tier 1, which opens when the tiers below are complete; tier 0 is open, and "
          + "1 task is left: b/E02"
      ),
    ] as [([String], Int, String?, String)])
  func roots(dependencies: [String], tier: Int, defect: String?, text: String) throws {
    let frontier = Frontier([
      try task("a/E01", after: dependencies, tier: tier, defect: defect),
      try task("b/E01", after: ["a/E01"], tier: tier),
      try task("b/E02", phase: .running),
    ])
    #expect(try Self.texts(frontier, "b/E01").first == text)
  }

  @Test("A dependency on a higher tier is a deadlock, and is called what it is")
  func inversion() throws {
    let frontier = Frontier([
      try task("a/E01", after: ["b/E01"]), try task("b/E01", tier: 1), try task("a/E02", after: ["a/E01"]),
    ])
    let text = "waits for b/E01 of tier 1, which may not start before tier 0, that of this task, is complete"
    #expect(try Self.texts(frontier, "a/E01").first == text)
    #expect(try Self.texts(frontier, "a/E02") == ["waits for a/E01, which \(text)"])
    #expect(frontier.quiescence == .deadlock([try id("a/E01")]))
  }

  @Test("A cycle that somebody breaks by completing a task is gone")
  func brokenCycle() throws {
    var frontier = Frontier([
      try task("a/E01", after: ["a/E03"]), try task("a/E02", after: ["a/E01"]), try task("a/E03", after: ["a/E02"]),
    ])
    #expect(
      try Self.texts(frontier, "a/E02")
        == ["is in a cycle: a/E02 waits for a/E01, which waits for a/E03, which waits for a/E02"])
    frontier.complete(try id("a/E02"))
    #expect(frontier.ready == [try id("a/E03")])
    #expect(try frontier.chain(of: id("a/E03")) == 1)
  }
}
