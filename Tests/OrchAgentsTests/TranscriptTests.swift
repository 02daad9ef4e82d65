import OrchAgents
import OrchDomain
import Testing

@Suite("Recorded streams of the real CLI")
struct TranscriptTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let exit: AgentExit
    /// nil when the agent claims to be done.
    let failure: FailureClass?
    let cost: Int64?
    let input: Int
    let output: Int
    let tools: Int
    var denied: [String] = []
    var hasSession = true
    var testDescription: String { name }

    init(
      _ name: String, _ code: Int32, _ failure: FailureClass?, _ cost: Int64?, _ input: Int, _ output: Int,
      tools: Int = 0, denied: [String] = [], hasSession: Bool = true
    ) {
      self.name = name
      exit = AgentExit(.code(code))
      self.failure = failure
      self.cost = cost
      self.input = input
      self.output = output
      self.tools = tools
      self.denied = denied
      self.hasSession = hasSession
    }
  }

  static let cases = [
    Case("ok", 0, nil, 19_000, 3600, 230, tools: 2),
    Case("hooks", 0, nil, 19_000, 3600, 230, tools: 2),
    Case("partial", 0, nil, 19_000, 3600, 230, tools: 2),
    Case("mcp", 0, nil, 102_728, 25_452, 46, tools: 1),
    Case("rl_then_ok", 0, nil, 103_112, 25_468, 62, tools: 1),
    Case("schema", 0, nil, 51_536, 12_769, 23, tools: 1),
    Case("unified_warn", 0, nil, 25_464, 12_627, 21),
    Case("fallback", 0, nil, 1280, 12_692, 21),
    Case("perm_none", 0, .permission, 19_000, 3600, 230, tools: 2, denied: ["Write", "Bash"]),
    Case("hookflow", 0, .permission, 207_452, 51_228, 127, tools: 2, denied: ["Bash"]),
    Case("control_perm", 0, .permission, 19_000, 3600, 230, tools: 2, denied: ["Bash"]),
    Case("http401", 1, .auth, 0, 0, 0),
    Case("no_key", 1, .auth, 0, 0, 0),
    Case("http429_r2", 1, .rateLimit, 0, 0, 0),
    Case("unified_oauth", 1, .rateLimit, 0, 0, 0),
    Case("http529_r2", 1, .overloaded, 0, 0, 0),
    // The last request is in the cost and in the counts by model, but not in `usage`.
    Case("max_budget", 1, .budget, 1_320_000, 300_000, 6000, tools: 3),
    Case("max_turns", 1, .budget, 880_000, 200_000, 4000, tools: 2),
    Case("resume_bad", 1, .crash, 0, 0, 0, hasSession: false),
    Case("sig_int", 0, .crash, 51_564, 12_691, 40, tools: 1),
    Case("control_interrupt", 1, .crash, 51_560, 12_690, 40, tools: 1),
    Case("sig_term", 143, .crash, nil, 12_692, 1, tools: 1),
    // Streams of other CLIs hold nothing that this parser may take for a result.
    Case("codex_ok", 0, .crash, nil, 0, 0, hasSession: false),
    Case("codex_http401", 1, .crash, nil, 0, 0, hasSession: false),
    Case("kimi_ok", 0, .crash, nil, 0, 0, hasSession: false),
  ]

  @Test("Class, cost, tokens, session and tools are what happened", arguments: cases)
  func outcome(_ expected: Case) throws {
    let outcome = run(try fixture(expected.name), exit: expected.exit).outcome
    #expect(outcome.failureClass == expected.failure)
    #expect(outcome.cost?.amount == expected.cost)
    #expect(outcome.usage.input == expected.input)
    #expect(outcome.usage.output == expected.output)
    #expect(outcome.usage.cacheRead == 0 && outcome.usage.cacheWrite == 0)
    #expect(outcome.toolUses == expected.tools)
    #expect(outcome.deniedTools == expected.denied)
    #expect((outcome.session != nil) == expected.hasSession)
    #expect(outcome.usageIsPartial == (expected.name == "sig_term"))
    #expect(outcome.costScope == .session && outcome.usageScope == .run)
  }

  @Test("Every recorded stream is in the table")
  func complete() {
    #expect(Set(Self.cases.map(\.name)).count == 25)
  }

  @Test("The session and the last words are kept")
  func details() throws {
    let outcome = run(try fixture("ok")).outcome
    #expect(outcome.session == "9da5a39c-2f92-4bc3-afee-4aab8d43b383")
    #expect(outcome.finalText == "Done: hello.txt was committed.")
    #expect(outcome.turns == 3)
  }

  @Test("A rate limit names the moment at which it ends, from the event or from the text")
  func reset() throws {
    let recorded = try fixture("unified_oauth")
    let exact = Timestamp(milliseconds: 1_895_223_241_000)
    guard case .failed(.rateLimit, let evidence, let retryAt) = run(recorded, exit: AgentExit(.code(1))).outcome.result
    else { return #expect(Bool(false)) }
    #expect(retryAt == exact)
    #expect(evidence.contains("resets Jan 21, 2030"))
    let withoutEvent = recorded.filter { !String(decoding: $0, as: UTF8.self).contains("rate_limit_event") }
    guard case .failed(.rateLimit, _, let fromText) = run(withoutEvent, exit: AgentExit(.code(1))).outcome.result
    else { return #expect(Bool(false)) }
    #expect(fromText?.rfc3339 == "2030-01-21T10:54:00Z")
  }

  @Test("A run cut off anywhere never claims to be done", arguments: ["ok", "hooks", "rl_then_ok", "mcp"])
  func cutOff(_ name: String) throws {
    let all = try fixture(name)
    for count in 0..<all.count {
      for exit in [AgentExit(.code(0)), AgentExit(.signal(9)), AgentExit(.code(143), cause: .timeout)] {
        let outcome = run(Array(all.prefix(count)), exit: exit).outcome
        #expect(outcome.failureClass != nil)
        if exit.cause == .timeout, name == "ok" { #expect(outcome.failureClass == .timeout) }
      }
    }
    // The last line torn in the middle.
    let torn = Array(all.dropLast()) + [all.last!.dropLast(20)]
    #expect(run(torn, exit: AgentExit(.signal(9))).outcome.failureClass == .crash)
  }

  @Test("A run stopped while it repeated refused requests died of those, not of silence")
  func stoppedInRetry() throws {
    let limited = Array(try fixture("http429_r2").prefix(3))
    #expect(run(limited, exit: AgentExit(.code(143), cause: .stalled)).outcome.failureClass == .rateLimit)
    let overloaded = Array(try fixture("http529_r2").prefix(3))
    #expect(run(overloaded, exit: AgentExit(.signal(15), cause: .timeout)).outcome.failureClass == .overloaded)
    // But an answer in between ends the trouble, and a person who cancels is no rate limit.
    let recovered = Array(try fixture("rl_then_ok").prefix(6))
    #expect(run(recovered, exit: AgentExit(.code(143), cause: .stalled)).outcome.failureClass == .stalled)
    #expect(run(limited, exit: AgentExit(.code(143), cause: .cancelled)).outcome.failureClass == .crash)
  }

  @Test("What a person reads of every recorded stream, and what it came to", arguments: cases)
  func rendering(_ recorded: Case) throws {
    let (events, outcome) = run(try fixture(recorded.name), exit: recorded.exit)
    let lines =
      events.map(\.rendered) + [
        "---", "result: \(outcome.result)", "usage: \(outcome.usage)", "partial: \(outcome.usageIsPartial)",
        "cost: \(outcome.cost.map { String($0.amount) } ?? "none") millionths of a dollar",
        "model: \(outcome.model ?? "unknown")", "session: \(outcome.session ?? "none")",
      ]
    try expectGolden(lines.map { $0 + "\n" }.joined(), "\(recorded.name).txt")
  }

  @Test("An event that this version does not know is told of once, and changes nothing")
  func unknownEvents() throws {
    let known = try fixture("ok")
    let strange = lines("{\"type\":\"hologram\",\"x\":1}", "{\"type\":\"system\",\"subtype\":\"aura\"}")
    let (events, outcome) = run(strange + known.flatMap { [$0] + strange })
    #expect(events.filter { $0.rendered.contains("unknown event") }.count == 2)
    let plain = run(known)
    #expect(outcome == plain.outcome)
    #expect(events.filter { !$0.rendered.contains("unknown event") } == plain.events)
  }
}
