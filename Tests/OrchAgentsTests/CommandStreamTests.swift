import OrchAgents
import OrchDomain
import Testing

@Suite("What a program of the user's own prints")
struct CommandStreamTests {
  private func outcome(
    _ lines: [ArraySlice<UInt8>], _ exit: AgentExit = AgentExit(.code(0)), _ stderr: String = ""
  ) -> AgentOutcome {
    run(CommandAdapter().makeParser(), lines, exit: exit, stderr: stderr).outcome
  }

  @Test("The exit status decides where no line says more")
  func exitStatus() {
    let text = lines("working", "done")
    #expect(outcome(text).result == .claimsDone)
    #expect(outcome(text).finalText == "done")
    #expect(outcome(text).toolUses == nil)
    #expect(outcome(text, AgentExit(.code(1))).failureClass == .implementation)
    #expect(outcome(text, AgentExit(.code(75))).failureClass == .overloaded)
    #expect(outcome(text, AgentExit(.code(127))).failureClass == .environment)
    #expect(outcome(text, AgentExit(.signal(11))).failureClass == .crash)
    #expect(outcome(text, AgentExit(.code(143), cause: .timeout)).failureClass == .timeout)
    let failed = outcome(text, AgentExit(.code(3)), "first\nno compiler found\n")
    #expect(failed.result == .failed(.implementation, evidence: "exit status 3: no compiler found", retryAt: nil))
  }

  @Test("A result line adds usage, cost and session, and an error in it counts though the exit is 0")
  func resultLine() {
    let line =
      "{\"type\":\"result\",\"is_error\":false,\"usage\":{\"input_tokens\":10,\"output_tokens\":20},"
      + "\"total_cost_usd\":1.25,\"session_id\":\"s\"}"
    let good = outcome(lines("{\"not\":\"ours\"}", line))
    #expect(good.result == .claimsDone)
    #expect(good.cost == MicroUSD(1_250_000) && good.usage == TokenUsage(input: 10, output: 20))
    #expect(good.session == "s")
    #expect(outcome(lines(line), AgentExit(.code(2))).failureClass == .implementation)
    #expect(outcome(lines("{\"type\":\"result\",\"is_error\":true}")).failureClass == .implementation)
  }

  @Test("A program may name the class of its failure and when to come back")
  func namedFailure() {
    let line =
      "{\"type\":\"result\",\"is_error\":true,\"failure_class\":\"rate_limit\",\"retry_at\":1895223241,"
      + "\"result\":\"later\"}"
    let expected = AgentOutcome.Result.failed(
      .rateLimit, evidence: "later", retryAt: Timestamp(milliseconds: 1_895_223_241_000))
    #expect(outcome(lines(line), AgentExit(.code(1))).result == expected)
    #expect(
      outcome(lines("{\"type\":\"result\",\"is_error\":true,\"failure_class\":\"frob\"}")).failureClass
        == .implementation)
  }

  @Test("Plain lines and JSON of other kinds are shown as they are")
  func plainLines() {
    let events = run(CommandAdapter().makeParser(), lines("a", "{\"x\":1}", "{broken", "", "[1]")).events
    #expect(events == [.text("a"), .text("{\"x\":1}"), .text("{broken"), .text("[1]")])
  }
}
