import Foundation
import OrchDomain
import OrchStore
import Testing

/// Limits on what work may cost: agents that tell their cost are paused and kept, and go on when there is room again.
@Suite(.serialized, .timeLimit(.minutes(15))) struct BudgetTests {
  /// Commits at once, tells what it cost, and then stays until it is stopped; the second turn finishes the work.
  private static let spender = """
    mkdir -p data
    if [ -z "${ORCH_FEEDBACK_FILE:-}" ]; then
      echo "ok begun" > "data/$(basename "$ORCH_BRANCH")"
      git add data && git commit --quiet -m "Begin $ORCH_TASK"
      echo '{"type":"result","is_error":false,"total_cost_usd":0.30,"usage":{"input_tokens":1000}}'
      exec sleep 600
    fi
    echo "ok done" > "data/$(basename "$ORCH_BRANCH")"
    git add data && git commit --quiet -m "Finish $ORCH_TASK"
    echo '{"type":"result","is_error":false,"total_cost_usd":0.35,"usage":{"input_tokens":1000}}'
    """

  /// Works and tells only at its end what it cost.
  private static let teller = """
    mkdir -p data
    echo "ok" > "data/$(basename "$ORCH_BRANCH")"
    git add data && git commit --quiet -m "Do $ORCH_TASK"
    echo '{"type":"result","is_error":false,"total_cost_usd":0.30}'
    """

  private static func workshop(_ tasks: Int, _ agent: String, limits: String) throws -> Workshop {
    let plans = (1...tasks).map { Plan("m\($0)/E01", front: "agent: spender") }
    let shop = try Workshop(
      plans,
      settings: """
        [limits]
        \(limits)

        [agents.spender]
        adapter = "command"
        command = ["sh", "agent.sh"]
        """, parallel: 4)
    try shop.write("agent.sh", agent.replacing("@SCRATCH@", with: shop.scratch.path))
    try shop.git("add", "--all")
    try shop.git("commit", "--quiet", "-m", "Add the agent")
    return shop
  }

  private static func events(_ shop: Workshop) throws -> [StoredEvent] {
    try shop.inStore { store, project in try store.events(project, after: 0, limit: 100_000) }
      .filter { $0.type == .budgetReached }
  }

  private static func spentToday(_ shop: Workshop) throws -> MicroUSD {
    try shop.inStore { store, project in
      try store.read(project) { tx throws(StoreError) in
        try tx.spendings(.day).reduce(.zero) { $0 + $1.spent.cost }
      }
    }
  }

  @Test("Four agents at a daily limit are paused with all they have; raised, the same attempts come to their end")
  func pausedAndKept() async throws {
    // None tells its cost before all have begun: a late one would wait for what the others have set aside.
    let together = """
      touch "@SCRATCH@/begun-$(basename "$ORCH_BRANCH")"
        while [ "$(ls @SCRATCH@/begun-* | wc -l)" -lt 4 ]; do sleep 0.1; done
        echo '{"type":"result","is_error":false,"total_cost_usd":0.30
      """
    let agent = Self.spender.replacing(
      #"echo '{"type":"result","is_error":false,"total_cost_usd":0.30"#, with: together)
    let shop = try Self.workshop(4, agent, limits: "day_cost_usd = 1.00\nreserve_cost_usd = 0.20")
    let ids = (1...4).map { "m\($0)/E01" }
    let run = try await shop.expect(75, "start", "--all", "--json")
    let summary = try #require(try Event.all(run).last).json
    #expect(summary["parked"].strings == ids, "\(run)")
    // The reservations are 0.20, and each of the four used 0.10 more.
    #expect(try Self.spentToday(shop) <= MicroUSD(usd: 1.00 + 4 * 0.10))
    #expect(try Self.spentToday(shop) >= MicroUSD(usd: 1.00))
    let told = try Self.events(shop).map(\.data)
    #expect(told.count { $0.contains(#""percent":100"#) } == 1, "\(told)")
    #expect(told.count { $0.contains(#""percent":80"#) } <= 1 && told.allSatisfy { $0.contains(#""scope":"day""#) })
    for id in ids {
      let attempt = try #require(try shop.attempts(id).first)
      #expect(attempt.session != nil && attempt.endedAt == nil)
      #expect(shop.exists(try #require(attempt.worktree)))
      let log = try shop.git("log", "--format=%s", "main..\(try #require(attempt.branch))")
      #expect(log == "Begin \(id)")
    }
    let why = try await shop.expect(0, "why", "m1/E01")
    #expect(why.out.contains("1.00 USD for the day") && why.out.contains("day_cost_usd"), "\(why)")
    // As long as nothing has changed, nothing goes on.
    try await shop.expect(75, "start", "--all")
    #expect(try shop.turns("m1/E01").count == 1)

    let settings = try shop.read(".claude-orchestrator.toml")
    try shop.write(".claude-orchestrator.toml", settings.replacing("day_cost_usd = 1.00", with: "day_cost_usd = 100"))
    try shop.git("commit", "--quiet", "--all", "-m", "Raise the limit")
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(ids)
    for id in ids { #expect(try shop.turns(id).map(\.purpose) == ["start", "resumed"]) }
    // A resumed session tells the cost of all its turns: nothing is charged twice.
    #expect(try Self.spentToday(shop) == MicroUSD(usd: 4 * 0.35))
  }

  @Test("Agents that tell their cost only at the end go over the limit by what they used beyond their reservation")
  func toldAtTheEnd() async throws {
    let shop = try Self.workshop(6, Self.teller, limits: "day_cost_usd = 0.50\nreserve_cost_usd = 0.20")
    try await shop.expect(75, "start", "--all")
    let spent = try Self.spentToday(shop)
    #expect(spent >= MicroUSD(usd: 0.50) && spent <= MicroUSD(usd: 0.50 + 2 * 0.10), "\(spent)")
    let states = try await shop.states()
    #expect(states.values.count { $0 == "complete" } == 2, "\(states)")
  }

  @Test("Spend without progress parks a task; a person who has looked lets it go on")
  func breaker() async throws {
    let agent = Self.spender.replacing("git add data && git commit --quiet -m \"Begin $ORCH_TASK\"", with: "true")
    let shop = try Self.workshop(1, agent, limits: "cost_without_progress_usd = 0.25")
    let run = try await shop.expect(75, "start", "--all")
    #expect(run.out.contains("since the last commit or green gate"), "\(run)")
    let again = try await shop.expect(75, "start", "--all")
    #expect(again.out.contains("since the last commit or green gate"), "\(again)")
    #expect(try shop.turns("m1/E01").count == 1, "another start begins nothing")
    #expect(try Self.spentToday(shop) == MicroUSD(usd: 0.30), "another start spends nothing")
    try await shop.expect(0, "resume", "m1/E01")
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(["m1/E01"])
  }

  @Test(
    "Whatever limit of its own parked a task, another start begins nothing, and one with a higher limit goes on",
    arguments: ["cost_without_progress_usd", "attempt_cost_usd", "task_cost_usd"])
  func anotherStart(_ key: String) async throws {
    let agent = Self.spender.replacing("git add data && git commit --quiet -m \"Begin $ORCH_TASK\"", with: "true")
    let shop = try Self.workshop(1, agent, limits: "\(key) = 0.25")
    for _ in 1...3 {
      let run = try await shop.expect(75, "start", "--all")
      #expect(run.out.contains("0.30 of 0.25 USD"), "\(run)")
      #expect(try shop.turns("m1/E01").count == 1)
    }
    let settings = try shop.read(".claude-orchestrator.toml")
    try shop.write(".claude-orchestrator.toml", settings.replacing("\(key) = 0.25", with: "\(key) = 1.00"))
    try shop.git("commit", "--quiet", "--all", "-m", "Raise the limit")
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(["m1/E01"])
    #expect(try shop.turns("m1/E01").map(\.purpose) == ["start", "resumed"])
  }

  @Test("A limit of the run and one of the plan are the same kind of limit")
  func otherScopes() async throws {
    let shop = try Self.workshop(2, Self.spender, limits: "reserve_cost_usd = 0.20")
    let run = try await shop.expect(75, "start", "--all", "--max-cost", "0.45")
    #expect(run.out.contains("for this run"), "\(run)")
    #expect(Set(try await shop.states().values) == ["parked"])
    // Another run has a budget of its own.
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(["m1/E01", "m2/E01"])
  }
}
