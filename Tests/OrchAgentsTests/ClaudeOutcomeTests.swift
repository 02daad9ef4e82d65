import OrchAgents
import OrchDomain
import OrchRandom
import Testing

@Suite("What an end of Claude Code means")
struct ClaudeOutcomeTests {
  static func result(_ fields: String) -> [ArraySlice<UInt8>] { lines("{\"type\":\"result\",\(fields)}") }

  @Test(
    "Errors of the API by status and by name",
    arguments: [
      ("\"api_error_status\":500", FailureClass.overloaded), ("\"api_error_status\":529", .overloaded),
      ("\"api_error_status\":429", .rateLimit), ("\"api_error_status\":401", .auth),
      ("\"api_error_status\":403", .auth),
      ("\"api_error_status\":400,\"api_error_type\":\"billing_error\"", .billing),
      ("\"api_error_status\":400,\"result\":\"Credit balance is too low\"", .billing),
      ("\"api_error_status\":404", .environment), ("\"terminal_reason\":\"prompt_too_long\"", .crash),
      ("\"api_error_status\":413,\"terminal_reason\":\"image_error\"", .implementation),
      ("\"api_error_status\":null,\"api_error_type\":\"unknown\"", .overloaded),
      ("\"subtype\":\"error_max_turns\"", .budget), ("\"subtype\":\"error_max_budget_usd\"", .budget),
      ("\"subtype\":\"error_of_the_future\"", .implementation),
    ])
  func classes(_ fields: String, _ expected: FailureClass) {
    let outcome = run(Self.result("\"is_error\":true,\(fields)"), exit: AgentExit(.code(1))).outcome
    #expect(outcome.failureClass == expected)
  }

  @Test("Only a plain `is_error: false` without refusals is a claim")
  func claims() {
    #expect(run(Self.result("\"is_error\":false")).outcome.result == .claimsDone)
    #expect(run(Self.result("\"subtype\":\"success\"")).outcome.failureClass != nil)
    #expect(run(Self.result("\"is_error\":\"false\"")).outcome.failureClass != nil)
    #expect(run(Self.result("\"is_error\":true,\"subtype\":\"success\"")).outcome.failureClass != nil)
    let denied = "\"is_error\":false,\"permission_denials\":[{\"tool_name\":\"Bash\"},{\"tool_name\":\"Bash\"}]"
    let outcome = run(Self.result(denied)).outcome
    #expect(outcome.result == .failed(.permission, evidence: "refused: Bash", retryAt: nil))
    #expect(outcome.deniedTools == ["Bash", "Bash"])
  }

  @Test(
    "Without a result line standard error or the exit decides",
    arguments: [
      ("Error: Session ID x is already in use.", AgentExit(.code(1)), FailureClass.crash),
      ("--dangerously-skip-permissions cannot be used with root/sudo privileges", AgentExit(.code(1)), .environment),
      ("error: unknown option '--frob'", AgentExit(.code(1)), .environment),
      ("", AgentExit(.code(127)), .environment), ("Invalid API key", AgentExit(.code(1)), .auth),
      ("", AgentExit(.code(0)), .crash), ("", AgentExit(.signal(9)), .crash), ("", AgentExit(.code(143)), .crash),
      ("", AgentExit(.code(143), cause: .timeout), .timeout), ("", AgentExit(.code(129), cause: .stalled), .stalled),
      ("", AgentExit(.signal(15), cause: .budget), .budget),
    ])
  func withoutResult(_ stderr: String, _ exit: AgentExit, _ expected: FailureClass) {
    let outcome = run([], exit: exit, stderr: stderr).outcome
    #expect(outcome.failureClass == expected)
    #expect(outcome.session == nil)
    guard case .failed(_, let evidence, _) = outcome.result else { return }
    #expect(!evidence.isEmpty && !evidence.contains("\n"))
  }

  @Test("A session that is in use or unknown is not offered again")
  func lostSession() {
    let start = "{\"type\":\"system\",\"subtype\":\"init\",\"session_id\":\"s1\"}"
    #expect(run(lines(start), exit: AgentExit(.code(1))).outcome.session == "s1")
    let inUse = run(lines(start), exit: AgentExit(.code(1)), stderr: "Error: Session ID s1 is already in use.")
    #expect(inUse.outcome.session == nil)
  }

  @Test(
    "Reset times in messages for people",
    arguments: [
      ("limit · resets Jan 21, 2030, 10:54am (UTC)", "2030-01-21T10:54:00Z"),
      ("resets Dec 1 at 12:05am (UTC)", "2026-12-01T00:05:00Z"), ("resets Jan 2, 3pm (UTC)", "2027-01-02T15:00:00Z"),
      ("resets 3pm (UTC)", "2026-11-21T15:00:00Z"), ("resets at 22:15 (UTC)", "2026-11-21T22:15:00Z"),
      ("resets 12am (UTC)", "2026-11-22T00:00:00Z"), ("usage limit reached|1895223241", "2030-01-21T10:54:01Z"),
      ("resets 3pm (Europe/Berlin)", nil), ("resets soon", nil), ("resets 99:99 (UTC)", nil), ("resets", nil),
      ("resets Foo 3, 3pm (UTC)", nil), ("a|b", nil),
    ])
  func resetTimes(_ text: String, _ expected: String?) {
    let now = Timestamp(milliseconds: 1_795_262_400_000)  // 2026-11-21T12:00:00Z
    let fields = "\"is_error\":true,\"api_error_status\":429,\"result\":\"\(text)\""
    guard case .failed(.rateLimit, _, let retryAt) = run(Self.result(fields), now: now).outcome.result else {
      return #expect(Bool(false))
    }
    #expect(retryAt?.rfc3339 == expected)
  }

  @Test("Numbers that no vendor means are clamped, not believed and not fatal")
  func hostileNumbers() {
    let huge =
      "\"is_error\":false,\"total_cost_usd\":1e300,\"num_turns\":9e99,\"usage\":{\"input_tokens\":1e15,"
      + "\"output_tokens\":-5,\"cache_read_input_tokens\":\"x\"}"
    let outcome = run(Array(repeating: Self.result(huge)[0], count: 10_000)).outcome
    #expect(outcome.usage.output == 0 && outcome.usage.input == 1_000_000_000_000_000)
    #expect(outcome.turns >= 0)
    let events = lines(
      "{\"type\":\"rate_limit_event\",\"rate_limit_info\":{\"status\":\"rejected\",\"resetsAt\":1e18}}",
      "{\"type\":\"system\",\"subtype\":\"api_retry\",\"retry_delay_ms\":1e14}")
    #expect(run(events).events.first == .rateLimited(isRejected: true, until: nil))
  }

  @Test("A line of megabytes, a torn line and bytes that are no text are read or passed over")
  func oddLines() {
    let text = String(repeating: "x", count: 3 << 20)
    let long = "{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"\(text)\"}]}}"
    let (events, outcome) = run(lines(long, "{\"type\":", "plain warning", "", "  ") + [[0xFF, 0xFE, 0x00][...]])
    #expect(events.count == 4)
    #expect(events.allSatisfy { $0.rendered.count <= AgentEvent.lineLimit })
    #expect(outcome.finalText.utf8.count == 3 << 20)
    let deep = String(repeating: "[", count: 1_000_000)
    #expect(run(lines(deep, "{\"type\":\"result\",\"x\":" + deep)).outcome.failureClass == .crash)
  }

  @Test("Random bytes and random edits of real streams never stop the parser", arguments: UInt64(0)..<60)
  func fuzz(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let names = TranscriptTests.cases.map(\.name)
    var stream = try fixture(names.randomElement(using: &random)!).map(Array.init)
    for _ in 0..<20 {
      let line = Int.random(in: 0..<stream.count, using: &random)
      guard !stream[line].isEmpty else { continue }
      let place = Int.random(in: 0..<stream[line].count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: stream[line][place] = UInt8.random(in: 0...255, using: &random)
      case 1: stream[line].removeSubrange(place...)
      case 2: stream[line].insert(contentsOf: Array("\"\\u{}[]:,-1e9".utf8).shuffled(using: &random), at: place)
      default: stream[line] = (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) }
      }
    }
    for parser in [ClaudeStreamParser(), CommandAdapter().makeParser(), ScriptAdapter().makeParser()]
      as [any AgentStreamParser]
    {
      let (events, _) = run(
        parser, stream.map { $0[...] }, exit: AgentExit(.code(Int32.random(in: 0...255, using: &random))))
      for event in events {
        let line = event.rendered
        #expect(line.count <= AgentEvent.lineLimit)
        #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
      }
    }
  }
}
