import OrchAgents
import OrchDomain
import OrchRandom
import Testing

@Suite("Streams of other coding agents")
struct TableAdapterTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let agent: String
    let fixture: String
    var exit = AgentExit(.code(0))
    var stderr = ""
    /// nil when the agent claims to be done.
    var failure: FailureClass?
    var session: String?
    var usage = TokenUsage.zero
    var cost: Int64?
    var tools: Int?
    var text = ""
    var testDescription: String { fixture }
  }

  private static let failed = AgentExit(.code(1))
  private static let id = "9da5a39c-2f92-4bc3-afee-4aab8d43b383"

  static let cases = [
    Case(
      agent: "codex", fixture: "codex_ok.jsonl", session: "01a1fbab-167a-7ab3-9ed0-a082e7cff144",
      usage: TokenUsage(input: 19_869, output: 75), tools: 1, text: "Done: hello.txt was committed."),
    Case(
      agent: "codex", fixture: "codex_http401.jsonl", exit: failed, failure: .auth,
      session: "01a1fbaf-3354-7130-857d-3302e4e0aa16"),
    Case(
      agent: "kimi", fixture: "kimi_ok.jsonl", stderr: "\nTo resume this session: kimi -r \(id)\n", session: id,
      tools: 1,
      text: "Done: hello.txt was committed."),
    Case(agent: "kimi", fixture: "kimi_http429.txt", exit: AgentExit(.code(75)), failure: .rateLimit, session: id),
    Case(agent: "kimi", fixture: "kimi_http401.txt", exit: failed, failure: .auth, session: id),
    // Newer versions only say that they are retired, and leave with 0.
    Case(agent: "kimi", fixture: "kimi_retired.txt", failure: .crash, session: id),
    Case(
      agent: "aider", fixture: "aider_ok.txt", session: id, usage: TokenUsage(input: 705, output: 34), tools: 1,
      text: "Commit 00e4e70 I'll add the file."),
    Case(agent: "aider", fixture: "aider_http401.txt", failure: .auth, session: id),
    Case(
      agent: "aider", fixture: "aider_priced.txt", session: id,
      usage: TokenUsage(input: 4000, cacheWrite: 1200, cacheRead: 3100, output: 33), cost: 15_200, tools: 1,
      text: "Commit 1234567 a"),
    Case(agent: "mini", fixture: "mini_ok.txt", cost: 30_000, text: "Exit:"),
    Case(agent: "mini", fixture: "mini_http401.txt", exit: failed, failure: .auth),
    Case(
      agent: "opencode", fixture: "opencode_ok.jsonl", session: "ses_5c1f0a",
      usage: TokenUsage(input: 1200, cacheWrite: 1000, cacheRead: 7000, output: 110), cost: 15_000, tools: 1,
      text: "Done."),
    Case(
      agent: "opencode", fixture: "opencode_limit.jsonl", exit: failed, failure: .rateLimit, session: "ses_5c1f0a"),
    Case(
      agent: "opencode", fixture: "opencode_denied.jsonl", failure: .permission, session: "ses_5c1f0a",
      usage: TokenUsage(input: 10, output: 5), cost: 0, text: "I could not do it."),
    Case(
      agent: "gemini", fixture: "gemini_ok.jsonl", session: "7d9f0c1e-0000-4000-8000-000000000001",
      usage: TokenUsage(input: 3000, cacheRead: 8000, output: 500), tools: 1, text: "All done."),
    Case(
      agent: "gemini", fixture: "gemini_quota.jsonl", exit: failed, failure: .rateLimit,
      session: "7d9f0c1e-0000-4000-8000-000000000001"),
    Case(
      agent: "qwen", fixture: "qwen_ok.jsonl", session: id, usage: TokenUsage(input: 1100, cacheRead: 800, output: 25),
      tools: 1, text: "Committed."),
    Case(agent: "qwen", fixture: "qwen_auth.jsonl", exit: failed, failure: .auth, session: id),
    Case(
      agent: "copilot", fixture: "copilot_ok.jsonl", session: "c0ffee00-0000-4000-8000-000000000001",
      usage: TokenUsage(input: 500, cacheWrite: 500, cacheRead: 4000, output: 50), tools: 1, text: "Committed."),
    Case(
      agent: "copilot", fixture: "copilot_auth.jsonl", exit: failed, failure: .auth,
      session: "c0ffee00-0000-4000-8000-000000000001"),
    Case(
      agent: "cursor", fixture: "cursor_ok.jsonl", session: "c6b62c6f-7ead-4fd6-9922-e952131177ff",
      usage: TokenUsage(input: 700, cacheRead: 200, output: 30), tools: 1, text: "Committed."),
    Case(
      agent: "cursor", fixture: "cursor_rejected.jsonl", failure: .permission,
      session: "c6b62c6f-7ead-4fd6-9922-e952131177ff"),
    Case(
      agent: "goose", fixture: "goose_ok.jsonl", session: id, usage: TokenUsage(input: 4000, output: 100), cost: 15_500,
      tools: 1, text: "Committed."),
    Case(agent: "goose", fixture: "goose_overloaded.jsonl", exit: failed, failure: .overloaded, session: id),
  ]

  static func adapter(_ name: String) throws -> any AgentAdapter { try AgentRegistry().agent(named: name).adapter }

  @Test("Session, tokens, cost, tools and class are what the stream tells", arguments: cases)
  func outcome(_ expected: Case) throws {
    let parser = try Self.adapter(expected.agent).makeParser(session: Self.id)
    let stream = try fixture(file: expected.fixture)
    let outcome = run(parser, stream, exit: expected.exit, stderr: expected.stderr).outcome
    #expect(outcome.failureClass == expected.failure, "\(outcome.result)")
    #expect(outcome.session == expected.session)
    #expect(outcome.usage == expected.usage)
    #expect(outcome.cost?.amount == expected.cost)
    #expect(outcome.toolUses == expected.tools)
    if !expected.text.isEmpty { #expect(outcome.finalText == expected.text) }
    guard case .failed(_, let evidence, _) = outcome.result else { return }
    #expect(!evidence.isEmpty && !evidence.contains("\n") && evidence.count <= 300)
  }

  @Test("Every adapter of a table has a stream that ends well and one that does not")
  func complete() throws {
    for name in AgentRegistry.adapterNames where !["claude-code", "command", "script"].contains(name) {
      let own = Self.cases.filter { $0.agent == name }
      #expect(own.contains { $0.failure == nil } && own.contains { $0.failure != nil }, "\(name)")
    }
  }

  @Test("A run that is cut off anywhere never claims to be done", arguments: cases.filter { $0.failure == nil })
  func cutOff(_ whole: Case) throws {
    let stream = try fixture(file: whole.fixture)
    let adapter = try Self.adapter(whole.agent)
    for count in 0..<stream.count {
      let killed = run(adapter.makeParser(session: Self.id), Array(stream.prefix(count)), exit: AgentExit(.signal(9)))
      #expect(killed.outcome.failureClass == .crash)
      let stopped = run(
        adapter.makeParser(session: Self.id), Array(stream.prefix(count)), exit: AgentExit(.code(143), cause: .timeout))
      #expect(stopped.outcome.failureClass == .timeout)
    }
    // Exit status 0 without the last word that this CLI has.
    #expect(run(adapter.makeParser(), [], exit: AgentExit(.code(0))).outcome.failureClass == .crash)
    #expect(run(adapter.makeParser(), [], exit: AgentExit(.code(127))).outcome.failureClass == .environment)
  }

  @Test("A limit parks until the moment that the vendor names")
  func resets() throws {
    let now = Timestamp(milliseconds: 1_795_262_400_000)
    let gemini = run(
      try Self.adapter("gemini").makeParser(), try fixture(file: "gemini_quota.jsonl"), exit: Self.failed, now: now)
    guard case .failed(.rateLimit, _, let quota) = gemini.outcome.result else { return #expect(Bool(false)) }
    #expect(quota == now.advanced(by: .seconds(3723)))
    let opencode = run(
      try Self.adapter("opencode").makeParser(), try fixture(file: "opencode_limit.jsonl"), exit: Self.failed, now: now)
    guard case .failed(.rateLimit, _, let limit) = opencode.outcome.result else { return #expect(Bool(false)) }
    #expect(limit == now.advanced(by: .seconds(30)))
  }

  @Test(
    "Waits in messages for people",
    arguments: [
      ("try again in 3 days 4 hours 12 minutes", 274_320), ("Please try again in 20s.", 20),
      ("retry after 1.5 seconds", 1), ("will reset after 12h3m4s", 43_384),
      ("resets in 5 minutes, says the vendor", 300),
      ("try again in a while", nil), ("try again in 90 days", nil), ("wait", nil), ("again in", nil),
    ])
  func waits(_ text: String, _ seconds: Int?) throws {
    let now = Timestamp(milliseconds: 1_795_262_400_000)
    let line = "{\"type\":\"turn.failed\",\"error\":{\"message\":\"usage limit: \(text)\"}}"
    let outcome = run(try Self.adapter("codex").makeParser(), lines(line), exit: Self.failed, now: now).outcome
    guard case .failed(.rateLimit, _, let retryAt) = outcome.result else { return #expect(Bool(false)) }
    #expect(retryAt.map { Int($0.since(now).inSeconds) } == seconds)
  }

  @Test(
    "What an error message means, whatever else it says",
    arguments: [
      ("unexpected status 401 Unauthorized: x", FailureClass.auth), ("HTTP 429: slow down", .rateLimit),
      ("exceeded your current quota, status 429", .billing), ("Error code: 503", .overloaded),
      ("request failed with status code 402", .billing), ("connection refused", .overloaded),
      ("error: unexpected argument '--frob' found", .environment), ("Reached max turns", .budget),
      ("The model `x` does not exist, status 404", .environment), ("line 500 of the file is wrong", .implementation),
      ("it did not work", .implementation),
    ])
  func clues(_ message: String, _ expected: FailureClass) throws {
    let line = "{\"type\":\"turn.failed\",\"error\":{\"message\":\"\(message)\"}}"
    let outcome = run(try Self.adapter("codex").makeParser(), lines(line), exit: Self.failed).outcome
    #expect(outcome.failureClass == expected)
  }

  @Test("Standard error and the status decide when the stream is silent")
  func silent() throws {
    func outcome(_ agent: String, _ code: Int32, _ stderr: String) throws -> AgentOutcome {
      run(
        try Self.adapter(agent).makeParser(session: Self.id), lines("{\"type\":\"init\",\"session_id\":\"s1\"}"),
        exit: AgentExit(.code(code)), stderr: stderr
      ).outcome
    }
    #expect(try outcome("gemini", 41, "Please set an Auth method").failureClass == .auth)
    #expect(try outcome("gemini", 53, "Reached max session turns").failureClass == .budget)
    #expect(try outcome("qwen", 52, "bad settings").failureClass == .environment)
    #expect(try outcome("gemini", 1, "[API Error: got status: 429]").failureClass == .rateLimit)
    let lost = try outcome("codex", 1, "Error: thread/resume failed: no rollout found for thread id x")
    #expect(lost.failureClass == .implementation && lost.session == nil && lost.sessionIsGone)
  }

  @Test("Random edits of every stream never stop its parser", arguments: UInt64(0)..<40)
  func fuzz(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for one in Self.cases {
      var stream = try fixture(file: one.fixture).map(Array.init)
      for _ in 0..<6 {
        let line = Int.random(in: 0..<stream.count, using: &random)
        guard !stream[line].isEmpty else { continue }
        let place = Int.random(in: 0..<stream[line].count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: stream[line][place] = UInt8.random(in: 0...255, using: &random)
        case 1: stream[line].removeSubrange(place...)
        default: stream[line].insert(contentsOf: Array("1e99\"{[:,}]".utf8).shuffled(using: &random), at: place)
        }
      }
      let (events, outcome) = run(try Self.adapter(one.agent).makeParser(), stream.map { $0[...] }, exit: one.exit)
      for event in events { #expect(event.rendered.unicodeScalars.allSatisfy { $0.value >= 0x20 }) }
      #expect(outcome.usage.input >= 0 && outcome.usage.output >= 0 && (outcome.cost ?? .zero) >= .zero)
    }
  }
}
