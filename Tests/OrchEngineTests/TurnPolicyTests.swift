import OrchDomain
import OrchEngine
import Testing

/// What follows a turn: every rule as a row.
@Suite struct TurnPolicyTests {
  static let now = Timestamp(milliseconds: 1_000_000)
  static let limits = TurnLimits(turns: 3, attempts: 2, backoff: .seconds(60))

  struct Row: Sendable, CustomTestStringConvertible {
    var name: String
    var claim: TurnFacts.Claim
    var hasCommits = true
    var treeChanged = true
    var uncommitted: [String] = []
    var turn = 1
    var attempt = 1
    var expected: TurnDecision
    var testDescription: String { name }

    var facts: TurnFacts {
      TurnFacts(
        claim: claim, hasCommits: hasCommits, treeChanged: treeChanged, uncommitted: uncommitted, turn: turn,
        attempt: attempt, canResume: false)
    }
  }

  static func failed(_ failure: FailureClass, _ evidence: String = "why", at: Timestamp? = nil) -> TurnFacts.Claim {
    .failed(failure, evidence: evidence, retryAt: at)
  }

  static let rows: [Row] = [
    Row(name: "commits and a changed tree are verified", claim: .done, expected: .verify),
    Row(
      name: "no commits, first turn", claim: .done, hasCommits: false, treeChanged: false,
      expected: .anotherTurn(.noCommits)),
    Row(
      name: "no commits, last turn", claim: .done, hasCommits: false, treeChanged: false, turn: 3,
      expected: .fail(.noWork, reason: "the agent says it is done, but it made no commit")),
    Row(
      name: "commits that change nothing", claim: .done, treeChanged: false, turn: 2, expected: .anotherTurn(.noCommits)
    ),
    Row(
      name: "commits that change nothing, last turn", claim: .done, treeChanged: false, turn: 3,
      expected: .fail(.noWork, reason: "the agent says it is done, but its commits change nothing")),
    Row(name: "edits left uncommitted", claim: .done, uncommitted: ["a"], expected: .anotherTurn(.uncommitted)),
    Row(
      name: "edits left uncommitted and no commit", claim: .done, hasCommits: false, treeChanged: false,
      uncommitted: ["a"], expected: .anotherTurn(.uncommitted)),
    Row(
      name: "edits left uncommitted, last turn", claim: .done, uncommitted: ["a", "b", "c", "d", "e", "f"], turn: 3,
      expected: .fail(.implementation, reason: "left edits uncommitted: a, b, c, d, e")),
    Row(
      name: "a rate limit with a reset", claim: failed(.rateLimit, at: Timestamp(milliseconds: 9_000_000)), turn: 3,
      attempt: 2, expected: .park(.rateLimit, reason: "why", until: Timestamp(milliseconds: 9_000_000))),
    Row(
      name: "a rate limit without a reset", claim: failed(.rateLimit, ""), attempt: 2,
      expected: .park(.rateLimit, reason: "rate_limit", until: now.advanced(by: TurnPolicy.unknownReset))),
    Row(
      name: "a reset in the past", claim: failed(.overloaded, at: Timestamp(milliseconds: 1)),
      expected: .park(.overloaded, reason: "why", until: now)),
    Row(name: "no work that the stream shows", claim: failed(.noWork), expected: .fail(.noWork, reason: "why")),
  ]

  @Test(arguments: rows) func table(_ row: Row) {
    #expect(TurnPolicy.afterAgent(row.facts, limits: Self.limits, now: Self.now) == row.expected)
  }

  @Test(arguments: FailureClass.allCases) func everyFailureHasAPolicy(_ failure: FailureClass) {
    let row = { (attempt: Int) in
      TurnPolicy.afterAgent(
        Row(name: "", claim: Self.failed(failure), attempt: attempt, expected: .verify).facts, limits: Self.limits,
        now: Self.now)
    }
    switch failure {
    case .rateLimit, .overloaded:
      #expect(row(1) == row(2), "a limit burns no attempt")
      #expect(row(1) == .park(failure, reason: "why", until: Self.now.advanced(by: TurnPolicy.unknownReset)))
    case .auth, .billing, .permission, .budget, .environment:
      #expect(row(1) == .stuck(failure, reason: "why"))
      #expect(row(2) == .stuck(failure, reason: "why"))
    case .noWork:
      #expect(row(1) == .fail(failure, reason: "why"))
    case .gate, .conflict, .timeout, .stalled, .crash, .implementation:
      #expect(row(1) == .newAttempt(failure, reason: "why", after: .seconds(60)))
      #expect(row(2) == .fail(failure, reason: "why"))
    }
    #expect(failure.stopsDispatching == (failure == .auth || failure == .billing))
  }

  @Test func theWaitDoublesAndNeverOverflows() {
    let limits = TurnLimits(turns: 1, attempts: .max, backoff: .seconds(1))
    let wait = { (attempt: Int) -> Duration? in
      let row = Row(name: "", claim: Self.failed(.crash), attempt: attempt, expected: .verify)
      guard case .newAttempt(_, _, let after) = TurnPolicy.afterAgent(row.facts, limits: limits, now: Self.now) else {
        return nil
      }
      return after
    }
    #expect([1, 2, 3, 4].map(wait) == [.seconds(1), .seconds(2), .seconds(4), .seconds(8)])
    #expect(wait(0) == .seconds(1))
    #expect(wait(1_000_000) == .seconds(1 << 16))
  }

  @Test func aRedGateGoesBackUntilTheTurnsAreUsedUp() {
    let decide = { (turn: Int) in
      TurnPolicy.afterRedGate(.gate, turn: turn, summary: "`make` ended with exit status 2", limits: Self.limits)
    }
    #expect(decide(1) == .anotherTurn(.gate))
    #expect(decide(2) == .anotherTurn(.gate))
    #expect(decide(3) == .fail(.gate, reason: "still red after 3 turns: `make` ended with exit status 2"))
    let once = TurnLimits(turns: 1, attempts: 1, backoff: .zero)
    #expect(
      TurnPolicy.afterRedGate(.gate, turn: 1, summary: "x", limits: once)
        == .fail(.gate, reason: "still red after 1 turn: x"))
  }
}
