import Foundation
import OrchDomain
import OrchStore
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Which tasks `start` starts, and how many at a time.
@Suite(.serialized, .timeLimit(.minutes(15))) struct SelectionTests {
  static let plans = [
    Plan("a/E01"), Plan("a/E02"), Plan("b/E01"), Plan("b/E02"), Plan("c/E01", front: "priority: high"),
  ]

  @Test func count() async throws {
    let shop = try Workshop(Self.plans)
    let run = try await shop.expect(0, "start", "--count", "2", "--json")
    let summary = try #require(try Event.all(run).last).json
    #expect(summary["started"].strings == ["c/E01", "a/E01"], "priority, then the longest chain, then the id")
    #expect(try await shop.states().values.count { $0 == "complete" } == 2)
    let next = try await shop.expect(0, "start", "--json")
    #expect(try #require(try Event.all(next).last).json["started"].array.count == 3, "three without any option")
  }

  @Test func module() async throws {
    let shop = try Workshop(Self.plans)
    try await shop.expect(0, "start", "--all", "--module", "b")
    #expect(
      try await shop.states()
        == ["a/E01": "ready", "a/E02": "blocked", "b/E01": "complete", "b/E02": "complete", "c/E01": "ready"])
  }

  @Test func namedTasks() async throws {
    let shop = try Workshop(Self.plans)
    try await shop.expect(0, "start", "b/E1")
    #expect(try await shop.states().filter { $0.value == "complete" }.keys.sorted() == ["b/E01"])
    let blocked = try await shop.expect(0, "start", "a/E02")
    #expect(blocked.err.contains("a/E02 was not started") && blocked.err.contains("a/E01"), "\(blocked)")
    #expect(try await shop.states()["a/E02"] == "blocked")
    try await shop.expect(0, "start", "a/E02", "a/E01")
    #expect(try await shop.states()["a/E02"] == "complete")
  }

  @Test func dryRun() async throws {
    let shop = try Workshop(Self.plans)
    try await shop.expect(0, "sync")
    let run = try await shop.expect(0, "start", "--dry-run", "--all", "--json")
    #expect(try JSON(run.out)["would_start"].strings.first == "c/E01")
    #expect(try await Set(shop.states().values) == ["ready", "blocked"])
    #expect(try shop.git("for-each-ref", "--format=%(refname)") == "refs/heads/main")
  }

  @Test(arguments: [1, 2]) func atMostSoManyAtATime(_ limit: Int) async throws {
    let shop = try Workshop(Self.plans + [Plan("d/E01"), .fixing("e/E01")], parallel: 3)
    let run = try await shop.expect(0, "start", "--all", "--max-parallel", "\(limit)", "--json")
    let holding: Set = ["queued", "preparing", "running", "verifying", "fixing", "publishing"]
    var active: Set<String> = []
    var most = 0
    for event in try Event.all(run) where event.type == "task.state" {
      if holding.contains(event.to) { active.insert(event.task) } else { active.remove(event.task) }
      most = max(most, active.count)
    }
    #expect(most == limit)
    #expect(try await Set(shop.states().values) == ["complete"])
  }

  @Test func overlappingTasksTakeTurns() async throws {
    let shop = try Workshop([
      Plan("a/E01", front: "touches: [data/**]"), Plan("b/E01", front: "touches: ['data/b*']"), Plan("c/E01"),
    ])
    let run = try await shop.expect(0, "start", "--all", "--json")
    var active: Set<String> = []
    for event in try Event.all(run) where event.type == "task.state" {
      if event.to == "running" { active.insert(event.task) }
      if ["approved", "complete"].contains(event.to) { active.remove(event.task) }
      #expect(!active.isSuperset(of: ["a/E01", "b/E01"]))
    }
    #expect(try await Set(shop.states().values) == ["complete"])
  }

  @Test func interruptedOnceFinishesWhatRuns() async throws {
    let (shop, run, _) = try await AgentKillTests.withWaitingAgent()
    kill(run.pid, SIGINT)
    try shop.write("\(shop.scratch.path)/go", "")
    let output = try await run.output()
    #expect(output.status == 130, "\(output)")
    #expect(try shop.turns("core/E01").count == 1)
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(["core/E01"])
  }

  @Test func interruptedTwiceStopsResumably() async throws {
    let (shop, run, agent) = try await AgentKillTests.withWaitingAgent()
    kill(run.pid, SIGINT)
    // Each press is answered on standard error; two signals at once would be one.
    while kill(run.pid, 0) == 0, kill(agent, 0) == 0 {
      kill(run.pid, SIGTERM)
      try await Task.sleep(for: .milliseconds(20))
    }
    let output = try await run.output()
    #expect(output.status == 130, "\(output)")
    #expect(try await shop.states() == ["core/E01": "parked"])
    #expect(try await shop.strays() == [])
    #expect(try shop.git("show", "main:README.md").contains("🟡"))
    try shop.write("\(shop.scratch.path)/go", "")
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(["core/E01"])
    #expect(try shop.attempts("core/E01").count == 1, "it burned no attempt")
  }
}
