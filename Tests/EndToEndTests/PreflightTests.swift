import Foundation
import OrchDomain
import OrchStore
import Testing

/// What keeps a due run from beginning: each is over by itself one day, so the run ends with 75 and says until when.
@Suite("Before a batch begins", .serialized, .timeLimit(.minutes(15)))
struct PreflightTests {
  private static func shop(_ settings: String, _ plans: [Plan] = [Plan("a/E01")]) throws -> Workshop {
    try Workshop(plans, settings: settings, files: ["schedule.toml": BatchTests.yearly])
  }

  /// A due run that does not begin, and what the history says about it.
  private static func missed(_ shop: Workshop, _ status: Int32 = 75) async throws -> String {
    try await shop.expect(0, "batch", "list")
    try BatchTests.makeDue(shop, "nightly", "0 0 1 1 *")
    let run = try await shop.expect(status, "batch", "run", "nightly", "--if-due")
    let outcome = try #require(try await BatchTests.history(shop).first)["outcome"].string
    #expect(outcome.hasPrefix("missed: the preflight failed: "), "\(outcome) \(run)")
    #expect(try await shop.states()["a/E01"] == "ready")
    return outcome
  }

  @Test("A disk that is too full")
  func disk() async throws {
    let shop = try Self.shop("[worktree]\nmin_free_disk = \"900000GB\"")
    let outcome = try await Self.missed(shop)
    #expect(outcome.contains("are free and [worktree] min_free_disk is"), "\(outcome)")
  }

  @Test("A limit of the day that is used up")
  func day() async throws {
    let shop = try Self.shop(
      """
      [limits]
      day_cost_usd = 0.20
      [agents.teller]
      adapter = "command"
      command = ["sh", "agent.sh"]
      """, [Plan("a/E01"), Plan("b/E01", front: "agent: teller")])
    try shop.write(
      "agent.sh",
      """
      \(Plan.work("b/E01"))
      echo '{"type":"result","is_error":false,"total_cost_usd":0.30}'
      """)
    try shop.git("add", "--all")
    try shop.git("commit", "--quiet", "-m", "Add the agent")
    _ = try await shop.orch("start", "b/E01")
    let outcome = try await Self.missed(shop)
    #expect(outcome.contains("a limit is used up") && outcome.contains("day_cost_usd"), "\(outcome)")
  }

  @Test("A cool-down of the only agent that lasts longer than the run may; a shorter one is waited for")
  func coolDown() async throws {
    let shop = try Self.shop("")
    try await shop.expect(0, "sync")
    func cool(until end: Int64) throws {
      let now = Int64(Date().timeIntervalSince1970 * 1000)
      let store = try Store(path: "\(shop.state)/orchestrator.db")
      let project = try #require(try store.projects().first)
      _ = try store.write(project.id) { tx -> Bool in
        try tx.setCooldown(
          Cooldown(
            agent: "script", model: nil, failure: .rateLimit, reason: "weekly limit",
            since: Timestamp(milliseconds: now), until: Timestamp(milliseconds: now + end), isNamed: true, guesses: 0),
          at: Timestamp(milliseconds: now))
        return true
      }
      try store.close()
    }
    try cool(until: 5 * 86_400_000)
    let outcome = try await Self.missed(shop)
    #expect(outcome.contains("no agent gets work") && outcome.contains("weekly limit"), "\(outcome)")
    try cool(until: 3000)
    try BatchTests.makeDue(shop, "nightly", "0 0 1 1 *")
    try await shop.expect(0, "batch", "run", "nightly")
    #expect(try await shop.states()["a/E01"] == "complete")
  }

  @Test("An agent without a login is doubted in words, and an absent program is the reason")
  func login() async throws {
    let schedule = BatchTests.yearly + "agent = \"claude-code\"\n"
    let shop = try Workshop(
      [Plan("a/E01")], settings: "[agents.claude-code]\ncommand = [\"no-such-claude\"]",
      files: ["schedule.toml": schedule])
    let doubt = "agent claude-code has no login here"
    let without = try await shop.expect(69, "batch", "run", "nightly")
    #expect(without.err.contains(doubt) && without.err.contains("no-such-claude"), "\(without)")
    let token = try await shop.expect(69, "batch", "run", "nightly", adding: ["CLAUDE_CODE_OAUTH_TOKEN": "t"])
    #expect(!token.err.contains(doubt), "\(token)")
    try FileManager.default.createDirectory(
      atPath: "\(shop.scratch.path)/user/.claude", withIntermediateDirectories: true)
    try shop.write("\(shop.scratch.path)/user/.claude/.credentials.json", "{}")
    #expect(try await !shop.expect(69, "batch", "run", "nightly").err.contains(doubt))
  }
}
