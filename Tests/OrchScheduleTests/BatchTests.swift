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
