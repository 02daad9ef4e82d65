import OrchDomain
import OrchEngine
import Testing

/// Every failure class under every action.
@Suite struct FailureRuleTests {
  static let now = Timestamp(milliseconds: 1_700_000_000_000)
  static let every = FailureClass.allCases.flatMap { failure in
    FailureAction.allCases.map { (failure, $0) }
  }

  /// The state that follows, with what is known of the others: `ready`, `parked`, `stuck`, `failed`; `goes on` in the
  /// same attempt with another agent.
  static func state(_ decision: TurnDecision) -> String {
    switch decision {
    case .verify: "verifying"
    case .anotherTurn: "fixing"
    case .newSession(let agent, _, _): "running with \(agent ?? "the same agent")"
    case .newAttempt(_, _, let after): after > .zero ? "parked, then a new attempt" : "ready"
    case .park: "parked"
    case .stuck: "stuck"
    case .fail: "failed"
    }
  }

  static func facts(_ failure: FailureClass) -> TurnFacts {
    var facts = TurnFacts(
      task: TaskID(module: "a", number: 1), agent: "first", model: "big",
      claim: .failed(failure, evidence: "why", retryAt: nil), turn: 1, attempt: 1)
    facts.canResume = true
    return facts
  }

  static func decide(_ facts: TurnFacts, _ action: FailureAction, attempts: Int = 2) -> TurnDecision {
    guard case .failed(let failure, _, _) = facts.claim else { return .verify }
    let limits = TurnLimits(
      turns: 3, attempts: attempts, backoff: .seconds(60),
      rules: [failure: FailureRule(action, maxAttempts: attempts, backoff: .seconds(60))])
    return TurnPolicy.afterAgent(facts, limits: limits, now: now)
  }

  @Test(arguments: every) func theStateThatFollows(_ failure: FailureClass, _ action: FailureAction) {
    let alone = Self.facts(failure)
    var helped = alone
    helped.nextAgent = "second"
    var last = alone
    last.attempt = 2
    last.inARow = 3
    let states = [alone, helped, last].map { Self.state(Self.decide($0, action)) }
    let isLimit = failure == .rateLimit || failure == .overloaded
    let needsPerson = failure == .auth || failure == .billing
    let expected: [String] =
      switch action {
      case .retry: ["parked, then a new attempt", "parked, then a new attempt", "failed"]
      case .resume: ["parked", "parked", "failed"]
      case .park: ["parked", "parked", "stuck"]
      case .ask: ["stuck", "stuck", "stuck"]
      case .stop: ["stuck", "running with second", "stuck"]
      case .otherAgent where isLimit: ["parked", "running with second", "stuck"]
      case .otherAgent where needsPerson: ["stuck", "running with second", "stuck"]
      case .otherAgent: ["parked, then a new attempt", "running with second", "failed"]
      }
    #expect(states == expected)
  }

  @Test(arguments: every) func whatTheOthersLearn(_ failure: FailureClass, _ action: FailureAction) {
    let limits = TurnLimits(
      turns: 3, attempts: 2, backoff: .seconds(60), rules: [failure: FailureRule(action)])
    let cooldown = TurnPolicy.cooldown(after: Self.facts(failure), limits: limits, now: Self.now)
    switch failure {
    case .rateLimit, .overloaded: #expect(cooldown?.model == "big", "a limit is about the model")
    case .auth, .billing: #expect(cooldown != nil && cooldown?.model == nil, "a login is about the whole agent")
    default: #expect((cooldown != nil) == (action == .stop))
    }
    if let cooldown {
      #expect(cooldown.agent == "first" && cooldown.failure == failure && cooldown.holds(at: Self.now))
      #expect(cooldown.until > Self.now, "every wait has an end")
    }
  }

  @Test(arguments: [
    (FailureClass.rateLimit, "parked"), (.overloaded, "parked"), (.auth, "stuck"), (.billing, "stuck"),
    (.environment, "stuck"), (.permission, "stuck"), (.budget, "stuck"), (.conflict, "stuck"), (.gate, "failed"),
    (.noWork, "failed"), (.timeout, "parked, then a new attempt"), (.stalled, "parked"), (.crash, "parked"),
    (.implementation, "parked, then a new attempt"),
  ])
  func theDefaults(_ failure: FailureClass, _ state: String) {
    let limits = TurnLimits(turns: 3, attempts: 2, backoff: .seconds(60))
    #expect(Self.state(TurnPolicy.afterAgent(Self.facts(failure), limits: limits, now: Self.now)) == state)
  }

  @Test(
    "A crash and a stall go on in the same session once; then a new attempt, and a person",
    arguments: [(FailureClass.crash, "parked, then a new attempt"), (.stalled, "stuck")])
  func onceMore(_ failure: FailureClass, _ then: String) {
    let limits = TurnLimits(turns: 3, attempts: 2, backoff: .seconds(60))
    let decide = { (inARow: Int, canResume: Bool) in
      var facts = Self.facts(failure)
      facts.inARow = inARow
      facts.canResume = canResume
      return TurnPolicy.afterAgent(facts, limits: limits, now: Self.now)
    }
    #expect(decide(1, true) == .park(failure, reason: "why", until: Self.now.advanced(by: .seconds(60))))
    #expect(Self.state(decide(2, true)) == then)
    #expect(Self.state(decide(1, false)) == then, "there is nothing to go on in")
    if case .stuck(_, let reason) = decide(2, true) { #expect(reason == "2 times in a row: why") }
  }

  @Test(
    "However often a class may go on in the same session, its action counts behind that",
    arguments: FailureClass.allCases, 0...3)
  func resumesFirst(_ failure: FailureClass, _ resumes: Int) {
    let rule = FailureRule(.ask, resumes: resumes, backoff: .seconds(60))
    let limits = TurnLimits(turns: 3, attempts: 9, backoff: .seconds(1), rules: [failure: rule])
    var facts = Self.facts(failure)
    for number in 1...5 {
      facts.inARow = number
      let decision = TurnPolicy.afterAgent(facts, limits: limits, now: Self.now)
      #expect(Self.state(decision) == (number <= resumes ? "parked" : "stuck"))
      if case .park(_, _, let until) = decision, !failure.isLimit {
        #expect(until.since(Self.now) == .seconds(60 * (1 << (number - 1))), "the wait doubles")
      }
    }
  }

  @Test("A class that parks does so as often in a row as its rule says, and then asks a person", arguments: 1...4)
  func parksSoOften(_ most: Int) {
    for failure in FailureClass.allCases {
      var facts = Self.facts(failure)
      for number in 1...6 {
        facts.inARow = number
        #expect(Self.state(Self.decide(facts, .park, attempts: most)) == (number <= most ? "parked" : "stuck"))
        let resumed = Self.state(Self.decide(facts, .resume, attempts: most))
        #expect(resumed == (number < most ? "parked" : "failed"), "the first end counts")
      }
    }
  }

  @Test("A limit that was over before anybody looked is resumed at once, and nobody stands in")
  func aResetBetweenTheEndAndNow() {
    var facts = Self.facts(.rateLimit)
    facts.nextAgent = "second"
    let limits = TurnLimits(turns: 3, attempts: 2, backoff: .seconds(60))
    let reset = Self.now.advanced(by: .seconds(-10))
    facts.claim = .failed(.rateLimit, evidence: "why", retryAt: reset)
    #expect(Self.state(TurnPolicy.afterAgent(facts, limits: limits, now: Self.now)) == "running with second")
    facts.endedAt = Self.now.advanced(by: .seconds(-60))
    #expect(
      TurnPolicy.afterAgent(facts, limits: limits, now: Self.now) == .park(.rateLimit, reason: "why", until: reset))
    facts.claim = .failed(.rateLimit, evidence: "why", retryAt: Self.now.advanced(by: .seconds(10)))
    #expect(Self.state(TurnPolicy.afterAgent(facts, limits: limits, now: Self.now)) == "running with second")
  }

  @Test func anAttemptWithoutASessionIsRetriedInsteadOfResumed() {
    var facts = Self.facts(.crash)
    facts.canResume = false
    #expect(Self.state(Self.decide(facts, .resume)) == "parked, then a new attempt")
  }

  @Test(arguments: FailureAction.allCases) func aSessionThatIsGoneCostsNothing(_ action: FailureAction) {
    var facts = Self.facts(.crash)
    facts.lostSession = true
    facts.attempt = 9
    facts.inARow = 9
    #expect(Self.state(Self.decide(facts, action)) == "running with the same agent")
  }
}
