import OrchDomain
import Testing

@testable import OrchSchedule

@Suite struct BatchTests {
  static func batch(_ cron: String, _ catchup: Catchup = .last, _ overlap: Overlap = .skip) throws -> BatchSpec {
    var spec = BatchSpec(name: "night", cron: try CronExpression(cron))
    spec.catchup = catchup
    spec.overlap = overlap
    return spec
  }

  private static func ended(_ id: Int64, _ due: String, _ end: String) throws -> BatchPast.Entry {
    BatchPast.Entry(id: id, due: try moment(due), startedAt: try moment(due), state: .ended(try moment(end)))
  }

  private static func plan(_ spec: BatchSpec, _ now: String, _ past: BatchPast) throws -> BatchPlan {
    spec.plan(at: try moment(now), past, zone: .utc)
  }

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
    let past = BatchPast(knownSince: try moment("2026-11-21T22:30:00Z"))
    #expect(try Self.plan(batch, "2026-11-21T22:30:00Z", past).start == nil)
    #expect(try Self.plan(batch, "2026-11-22T21:59:59Z", past) == BatchPlan(next: moment("2026-11-22T22:00:00Z")))
    let due = try moment("2026-11-22T22:00:00Z")
    #expect(try Self.plan(batch, "2026-11-22T22:00:00Z", past).start == BatchPlan.Start(due: due, at: due))
  }

  @Test("What an outage has cost is told and made up for as the policy says")
  func catchUp() throws {
    let past = BatchPast(
      knownSince: try moment("2026-11-01T00:00:00Z"),
      entries: [try Self.ended(1, "2026-11-10T22:00:00Z", "2026-11-11T01:00:00Z")])
    let now = "2026-11-14T09:00:00Z"
    let last = try moment("2026-11-13T22:00:00Z")
    let made = try Self.plan(Self.batch("0 22 * * *", .last), now, past)
    #expect(made.start?.due == last && made.missed.map(\.count) == [2] && made.missed[0].reason == .madeUp(for: last))
    #expect(try made.missed[0].first == moment("2026-11-11T22:00:00Z"))
    let none = try Self.plan(Self.batch("0 22 * * *", .none), now, past)
    #expect(none.start == nil && none.missed.map(\.count) == [3] && none.missed[0].reason == .absent)
    let all = try Self.plan(Self.batch("0 22 * * *", .all), now, past)
    #expect(try all.missed.isEmpty && all.start?.due == moment("2026-11-11T22:00:00Z"))
    let many = try Self.plan(Self.batch("0 * * * *", .all), now, past)
    #expect(many.missed.map(\.reason) == [.overlap(run: 1), .tooMany])
    #expect(many.missed.map(\.count) == [2, 81 - BatchSpec.catchupLimit])
  }

  @Test("Without catching up a run may be a little late, and not more", arguments: [(14, true), (16, false)])
  func punctuality(minutes: Int, starts: Bool) throws {
    let past = BatchPast(knownSince: try moment("2026-11-01T00:00:00Z"))
    let batch = try Self.batch("0 22 1 11 *", .none)
    let plan = try Self.plan(batch, "2026-11-01T22:\(minutes):00Z", past)
    #expect((plan.start != nil) == starts && plan.missed.isEmpty == starts)
  }

  @Test("Times that pass during a run are missed, or the newest waits for its end")
  func overlap() throws {
    let since = try moment("2026-11-21T08:30:00Z")
    let due = try moment("2026-11-21T09:00:00Z")
    let running = BatchPast(
      knownSince: since, entries: [BatchPast.Entry(id: 7, due: due, startedAt: due, state: .running)])
    let skip = try Self.plan(Self.batch("0 * * * *"), "2026-11-21T11:30:00Z", running)
    #expect(skip.start == nil && skip.missed.map(\.count) == [2] && skip.missed[0].reason == .overlap(run: 7))
    let queue = try Self.batch("0 * * * *", .none, .queue)
    let waiting = try Self.plan(queue, "2026-11-21T11:30:00Z", running)
    #expect(waiting.start == nil && waiting.missed.map(\.count) == [1], "10:00 is missed, 11:00 waits")
    let ended = BatchPast(
      knownSince: since, entries: [try Self.ended(7, "2026-11-21T09:00:00Z", "2026-11-21T11:50:00Z")])
    let after = try Self.plan(queue, "2026-11-21T11:51:00Z", ended)
    #expect(try after.start?.due == moment("2026-11-21T11:00:00Z"), "however late, and although it is catchup none")
  }

  @Test("A run whose process has died goes on while its time lasts, and is in nobody's way after that")
  func lost() throws {
    let due = try moment("2026-11-21T09:00:00Z")
    let entry = BatchPast.Entry(id: 7, due: due, startedAt: due, state: .lost)
    let past = BatchPast(knownSince: due, entries: [entry])
    let batch = try Self.batch("0 * * * *")
    #expect(try Self.plan(batch, "2026-11-21T10:30:00Z", past).goesOn == entry)
    let late = try Self.plan(batch, "2026-11-21T13:30:00Z", past)
    #expect(try late.goesOn == nil && late.start?.due == moment("2026-11-21T13:00:00Z"))
  }

  @Test("A clock that is put back neither repeats a run nor silences the batch until the old time comes round")
  func clockPutBack() throws {
    let batch = try Self.batch("0 * * * *")
    var past = BatchPast(
      knownSince: try moment("2026-11-21T08:30:00Z"),
      entries: [try Self.ended(1, "2026-11-21T12:00:00Z", "2026-11-21T12:10:00Z")])
    #expect(try Self.plan(batch, "2026-11-21T11:59:00Z", past).start?.due == moment("2026-11-21T11:00:00Z"))
    past.entries.append(try Self.ended(2, "2026-11-21T11:00:00Z", "2026-11-21T11:59:30Z"))
    #expect(try Self.plan(batch, "2026-11-21T12:05:00Z", past).start == nil, "12:00 has had its run")
    let far = try moment("2031-01-01T00:00:00Z")
    past.entries.append(BatchPast.Entry(id: 3, due: far, startedAt: far, state: .missed(until: far)))
    #expect(try Self.plan(batch, "2026-11-21T13:00:00Z", past).start?.due == moment("2026-11-21T13:00:00Z"))
  }

  @Test("Jitter is the same for one due time and differs between them, within its bound")
  func jitter() throws {
    var batch = try Self.batch("0 22 * * *")
    let due = try moment("2026-11-21T22:00:00Z")
    #expect(batch.start(of: due) == due)
    batch.jitter = .seconds(600)
    let starts = (0..<50).map { batch.start(of: due.advanced(by: .seconds($0 * 86_400))) }
    let delays = starts.enumerated().map { $0.element.since(due.advanced(by: .seconds($0.offset * 86_400))) }
    #expect(delays.allSatisfy { (.zero ... .seconds(600)).contains($0) } && Set(delays).count > 40)
    #expect(batch.start(of: due) == starts[0])
  }

  @Test func timeLeft() throws {
    let batch = try Self.batch("0 * * * *")
    let start = try moment("2026-11-21T09:00:00Z")
    #expect(batch.timeLeft(at: start.advanced(by: .seconds(3600)), startedAt: start) == .seconds(3 * 3600))
    #expect(batch.timeLeft(at: start.advanced(by: .seconds(99_999)), startedAt: start) == .zero)
    #expect(batch.timeLeft(at: start.advanced(by: .seconds(-60)), startedAt: start) == .seconds(4 * 3600))
  }
}
