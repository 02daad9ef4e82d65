import OrchDomain
import OrchSchedule
import Testing

@Suite struct BatchTests {
  static func batch(_ cron: String) throws -> BatchSpec { BatchSpec(name: "night", cron: try CronExpression(cron)) }

  @Test("Defaults are ten tasks and four hours, also for senseless values")
  func defaults() throws {
    let cron = try CronExpression("@daily")
    for spec in [
      BatchSpec(name: "x", cron: cron), BatchSpec(name: "x", cron: cron, maxTasks: 0, maxDuration: .seconds(-5)),
    ] {
      #expect(spec.maxTasks == 10 && spec.maxDuration == .seconds(14_400) && !spec.notifyOnComplete)
    }
  }

  @Test("A batch that was never run does not start when it is first seen, but at its time")
  func firstSeen() throws {
    let batch = try Self.batch("0 22 * * *")
    let record = BatchSpec.Record(knownSince: try moment("2026-11-21T09:00:00Z"))
    #expect(try batch.due(at: moment("2026-11-21T09:00:00Z"), record) == .wait(until: moment("2026-11-21T22:00:00Z")))
    #expect(
      try batch.due(at: moment("2026-11-21T22:00:00Z"), record) == .start(scheduled: moment("2026-11-21T22:00:00Z")))
  }

  @Test("Many missed times give one run to catch up")
  func catchUp() throws {
    let batch = try Self.batch("0 22 * * *")
    var record = BatchSpec.Record(
      knownSince: try moment("2026-11-01T00:00:00Z"), lastStarted: try moment("2026-11-10T22:00:03Z"),
      lastEnded: try moment("2026-11-11T01:00:00Z"))
    let now = try moment("2026-11-21T09:00:00Z")
    #expect(batch.due(at: now, record) == .start(scheduled: try moment("2026-11-11T22:00:00Z")))
    record.lastStarted = now
    #expect(batch.due(at: now, record) == .running)
    record.lastEnded = now.advanced(by: .seconds(60))
    #expect(
      batch.due(at: now.advanced(by: .seconds(61)), record) == .wait(until: try moment("2026-11-21T22:00:00Z")))
  }

  @Test("Times that pass during a run are skipped; a clock that is put back does not silence the batch")
  func edges() throws {
    let batch = try Self.batch("0 * * * *")
    let start = try moment("2026-11-21T09:00:00Z")
    var record = BatchSpec.Record(knownSince: start, lastStarted: start)
    #expect(batch.due(at: start.advanced(by: .seconds(7200)), record) == .running)
    record.lastEnded = try moment("2026-11-21T12:30:00Z")
    #expect(
      try batch.due(at: moment("2026-11-21T12:31:00Z"), record) == .wait(until: moment("2026-11-21T13:00:00Z")))
    #expect(
      try batch.due(at: moment("2026-11-20T12:31:00Z"), record) == .wait(until: moment("2026-11-20T13:00:00Z")))
    #expect(try Self.batch("0 0 30 2 *").due(at: start, BatchSpec.Record(knownSince: start)) == .never)
    #expect(batch.timeLeft(at: start.advanced(by: .seconds(3600)), startedAt: start) == .seconds(3 * 3600))
    #expect(batch.timeLeft(at: start.advanced(by: .seconds(99_999)), startedAt: start) == .zero)
    #expect(batch.timeLeft(at: start.advanced(by: .seconds(-60)), startedAt: start) == .seconds(4 * 3600))
  }
}

@Suite struct RetryTests {
  static let now = Timestamp(milliseconds: 1_000_000)

  @Test(
    "Each failure class has its policy",
    arguments: [
      (.gate, 1, .retry(after: .seconds(30), .resume)), (.gate, 2, .retry(after: .seconds(60), .resume)),
      (.gate, 3, .stuck("the gate stays red after 3 attempts")),
      (.conflict, 9, .stuck("the conflict with the base branch stays after 9 attempts")),
      (.noWork, 1, .retry(after: .seconds(30), .fresh)),
      (.noWork, 3, .fail("the agent committed nothing after 3 attempts")),
      (.timeout, 1, .retry(after: .seconds(30), .resume)), (.stalled, 2, .retry(after: .seconds(60), .resume)),
      (.crash, 3, .fail("the agent crashed after 3 attempts")),
      (.implementation, 1, .retry(after: .seconds(30), .fresh)),
      (.auth, 1, .stuck("the agent is not logged in: log it in, then resume")),
      (.billing, 1, .stuck("the agent's account cannot pay: settle that, then resume")),
      (.budget, 99, .park(until: nil, "the budget is used up: raise it or wait for the next period")),
    ] as [(FailureClass, Int, RetryDecision)])
  func table(failure: FailureClass, attempts: Int, expected: RetryDecision) {
    #expect(RetryPolicy.decide(FailedAttempt(failure, attempts: attempts, now: Self.now)) == expected)
  }

  @Test("A rate limit burns no attempt and waits for the time that the vendor names, if that is still to come")
  func rateLimit() {
    func until(_ reset: Int64?) -> RetryDecision {
      RetryPolicy.decide(
        FailedAttempt(.rateLimit, attempts: 99, now: Self.now, resetsAt: reset.map { Timestamp(milliseconds: $0) }))
    }
    let text = "the agent's rate limit is reached"
    #expect(until(5_000_000) == .park(until: Timestamp(milliseconds: 5_000_000), text))
    #expect(until(nil) == .park(until: Timestamp(milliseconds: 1_900_000), text))
    #expect(until(999) == .park(until: Timestamp(milliseconds: 1_900_000), text))
  }

  @Test("An overloaded service is waited for longer each time, then a person is asked")
  func overloaded() {
    func decide(_ count: Int) -> RetryDecision {
      RetryPolicy.decide(FailedAttempt(.overloaded, attempts: 99, overloads: count, now: Self.now))
    }
    #expect(decide(1) == .park(until: Timestamp(milliseconds: 1_030_000), "the agent's service is overloaded"))
    #expect(decide(10) == .park(until: Timestamp(milliseconds: 2_800_000), "the agent's service is overloaded"))
    #expect(decide(11) == .stuck("the agent's service was overloaded 11 times in a row"))
  }

  @Test("Every class ends: no class retries for ever", arguments: FailureClass.allCases)
  func ends(failure: FailureClass) {
    if case .retry = RetryPolicy.decide(FailedAttempt(failure, attempts: .max, now: Self.now)) {
      Issue.record("\(failure) retries for ever")
    }
    let limits = RetryLimits(maxAttempts: .max, backoff: .seconds(1), maxBackoff: .seconds(600))
    if case .retry(let delay, _) = RetryPolicy.decide(FailedAttempt(failure, attempts: 1 << 40, now: Self.now), limits)
    {
      #expect(delay == .seconds(600))
    }
  }
}
