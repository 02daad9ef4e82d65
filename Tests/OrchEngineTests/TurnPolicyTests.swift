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
      var facts = TurnFacts(
        task: TaskID(module: "a", number: 1), agent: "first", claim: claim, turn: turn, attempt: attempt)
      facts.hasCommits = hasCommits
      facts.treeChanged = treeChanged
      facts.uncommitted = uncommitted
      return facts
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
      attempt: 2, expected: .fail(.implementation, reason: "left edits uncommitted: a, b, c, d, e")),
    Row(name: "no work that the stream shows", claim: failed(.noWork), expected: .fail(.noWork, reason: "why")),
    Row(
      name: "edits left uncommitted, last turn of an attempt that is not the last", claim: .done, uncommitted: ["a"],
      turn: 3, attempt: 1,
      expected: .newAttempt(.implementation, reason: "left edits uncommitted: a", after: .seconds(60))),
  ]

  @Test(arguments: rows) func table(_ row: Row) {
    #expect(TurnPolicy.afterAgent(row.facts, limits: Self.limits, now: Self.now) == row.expected)
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
    let decide = { (turn: Int, limits: TurnLimits) in
      let facts = Row(name: "", claim: .done, turn: turn, expected: .verify).facts
      return TurnPolicy.afterRedGate(facts, summary: "`make` ended with exit status 2", limits: limits, now: Self.now)
    }
    #expect(decide(1, Self.limits) == .anotherTurn(.gate))
    #expect(decide(2, Self.limits) == .anotherTurn(.gate))
    let reason = "still red after 3 turns: `make` ended with exit status 2"
    #expect(decide(3, Self.limits) == .fail(.gate, reason: reason))
    var more = Self.limits
    more.rules[.gate] = FailureRule(.retry, maxAttempts: 3)
    #expect(decide(3, more) == .newAttempt(.gate, reason: reason, after: .seconds(60)))
    // Another attempt would begin on the same red base, whatever the class allows.
    var facts = Row(name: "", claim: .done, turn: 3, expected: .verify).facts
    facts.redBase = "'main' (abc)"
    #expect(
      TurnPolicy.afterRedGate(facts, summary: "`make` ended with exit status 2", limits: more, now: Self.now)
        == .fail(
          .environment, reason: "\(reason); it is red on 'main' (abc) as well, without this work: repair it there"))
    facts.turn = 1
    #expect(TurnPolicy.afterRedGate(facts, summary: "", limits: more, now: Self.now) == .anotherTurn(.gate))
    let once = TurnLimits(turns: 1, attempts: 1, backoff: .zero)
    #expect(decide(1, once) == .fail(.gate, reason: "still red after 1 turn: `make` ended with exit status 2"))
  }
}
