import Foundation
import OrchDomain
import OrchStore
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Commands of people beside, after and instead of a run.
@Suite(.serialized, .timeLimit(.minutes(15))) struct MailboxTests {
  @Test func aRequestThatCannotBeCarriedOutIsInNobodysWay() async throws {
    let ask = ["implementation", "crash", "gate", "no_work"].map { "[retry.classes.\($0)]\naction = \"ask\"\n" }
    let shop = try Workshop([Plan("core/E01", script: "exit 1")], settings: ask.joined())
    _ = try await shop.launch(["start", "--all"]).output()
    #expect(try await shop.states() == ["core/E01": "stuck"])
    // Where the next turn would be prepared is a file.
    let turn = try #require(try shop.turns("core/E01").first?.runDirectory)
    try shop.write(turn.replacingOccurrences(of: "/turn-1", with: "/input-2"), "in the way\n")
    // Left by a run that was killed before it came to it.
    let store = try Store(path: "\(shop.state)/orchestrator.db")
    let project = try #require(try store.projects().first).id
    let number = try store.postRequest(project, .resume, task: TaskID("core/E01"), at: Timestamp(milliseconds: 1))
    try await shop.expect(0, "pause")
    let request = try #require(try store.read(project) { tx throws(StoreError) in try tx.request(number) })
    #expect(request.outcome?.hasPrefix("refused: ") == true, "\(request)")
    try store.close()
  }

  @Test func aTaskThatCannotGoOnIsInNobodysWay() async throws {
    let first = "if [ \"$ORCH_ATTEMPT\" = 1 ]; then sleep 600; fi\n"
    let shop = try Workshop([Plan("core/E01", script: first + Plan.work("core/E01")), Plan("other/E01")])
    let run = try shop.launch(["start", "core/E01"])
    try await Self.isRunning("core/E01", in: shop)
    // One asks to finish what runs, the next to stop it; two at once may arrive as one.
    try await Eventually.holds("core/E01 is parked") {
      kill(run.pid, SIGINT)
      return try await shop.states()["core/E01"] == "parked"
    }
    #expect(try await run.output().status == 130)
    // Where its next turn would be prepared is a file.
    let turn = try #require(try shop.turns("core/E01").first?.runDirectory)
    try shop.write(turn.replacingOccurrences(of: "/turn-1", with: "/input-2"), "in the way\n")
    try await shop.expect(1, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "stuck", "other/E01": "complete"])
  }

  @Test func aRunThatIsJustStartingIsARun() async throws {
    let shop = try Workshop([
      Plan("a/E01", script: Plan.meet("b/E01") + "\n" + Plan.work("a/E01")),
      Plan("b/E01", script: Plan.meet("a/E01") + "\n" + Plan.work("b/E01")),
    ])
    try await shop.expect(0, "start", "--all")
    let gate = { try shop.git("worktree", "list", "--porcelain").contains("/_gate") }
    #expect(try gate())
    // It holds the lock, and has not written who it is.
    let locks = "\(shop.state)/locks"
    let held = try FileManager.default.contentsOfDirectory(atPath: locks).map { open("\(locks)/\($0)", O_RDONLY) }
    for descriptor in held { #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0) }
    let cleanup = try await shop.expect(0, "cleanup", "worktrees", "--all")
    #expect(cleanup.out.contains("a run goes on"), "\(cleanup)")
    #expect(try gate(), "the checkout of a gate was taken away beside a run")
    for descriptor in held { close(descriptor) }
  }

  /// A task that goes on until the test lets it.
  private static func waiting(_ id: String, for shop: String) -> Plan {
    Plan(id, script: "until [ -e \(shop) ]; do sleep 0.05; done\n" + Plan.work(id))
  }

  private static func isRunning(_ id: String, in shop: Workshop) async throws {
    try await Eventually.holds("\(id) is running") { try await shop.states()[id] == "running" }
  }

  @Test(arguments: ["complete", "not_started"]) func whoSettlesARunningTaskDoesNotEndTheRun(_ status: String)
    async throws
  {
    let go = "/tmp/orch-go-\(UUID().uuidString)"
    defer { do { try FileManager.default.removeItem(atPath: go) } catch { print("\(error)") } }
    let plan = Plan(
      "core/E01", script: "if [ \"$ORCH_ATTEMPT\" = 1 ]; then sleep 600; fi\n" + Plan.work("core/E01"))
    let shop = try Workshop([plan, Plan("core/E02"), Self.waiting("other/E01", for: go)])
    let run = try shop.launch(["start", "core/E01", "core/E02", "other/E01"])
    try await Self.isRunning("core/E01", in: shop)
    try await Self.isRunning("other/E01", in: shop)
    let text = try shop.read(plan.path).split(separator: "\n", omittingEmptySubsequences: false)
    try shop.write(
      plan.path, text.map { $0.hasPrefix("status: ") ? "status: \(status)" : $0 }.joined(separator: "\n"))
    try await shop.expect(0, "sync", "--theirs")
    // The very run begins what waited for it, or begins it again.
    try await Eventually.holds("the next task is done") { try await shop.states()["core/E02"] == "complete" }
    try shop.write(go, "")
    let output = try await run.output()
    #expect(output.status == 0, "\(output)")
    #expect(try await Set(shop.states().values) == ["complete"])
    #expect(try shop.attempts("core/E01").count == (status == "complete" ? 1 : 2))
  }

  @Test func whatASyncBesideARunTakesOverIsStartedByTheRun() async throws {
    let go = "/tmp/orch-go-\(UUID().uuidString)"
    defer { do { try FileManager.default.removeItem(atPath: go) } catch { print("\(error)") } }
    let shop = try Workshop([Self.waiting("core/E01", for: go)])
    let run = try shop.launch(["start", "--all"])
    try await Self.isRunning("core/E01", in: shop)
    // The run looks every two seconds: some of these are found by the sync first.
    var ids: [String] = []
    var isFirst = false
    while !isFirst {
      let plan = Plan(String(format: "other/E%02d", ids.count + 1))
      ids.append(plan.id)
      try shop.write(plan.path, plan.text)
      isFirst = try await shop.expect(0, "sync").out.contains("1 new")
    }
    try shop.write(go, "")
    let output = try await run.output()
    #expect(output.status == 0, "\(output)")
    #expect(try await shop.states().allSatisfy { $0.value == "complete" }, "\(output)")
  }
}
