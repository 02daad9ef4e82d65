import Foundation
import OrchDomain
import OrchSchedule
import OrchStore
import Synchronization
import Testing

@testable import OrchEngine

/// The records of batches in a real store.
@Suite("Records of batches")
struct BatchLedgerTests {
  /// A store in a directory of its own, and a clock that is set by hand.
  private final class Desk: Sendable {
    let directory: URL
    let store: Store
    let row: ProjectID
    let now = Mutex(Timestamp(milliseconds: 0))

    init() throws {
      directory = FileManager.default.temporaryDirectory.appending(path: "ledger-\(UUID().uuidString.prefix(8))")
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      store = try Store(path: directory.appending(path: "x.db").path)
      row = try store.project(root: "/p", name: "p", at: Timestamp(milliseconds: 0)).id
    }

    deinit { do { try FileManager.default.removeItem(at: directory) } catch { print("\(error)") } }

    func ledger(_ store: Store? = nil) -> BatchLedger {
      let clock = EngineClock(now: { [self] in now.withLock { $0 } }, sleep: { _ in })
      return BatchLedger(store: store ?? self.store, row: row, clock: clock)
    }

    func set(hour: Int, minute: Int = 0) {
      now.withLock { $0 = Timestamp(milliseconds: Int64(hour * 3600 + minute * 60) * 1000) }
    }

    func history() throws -> [Batch] {
      try store.read(row) { tx throws(StoreError) in try tx.batches() }
    }
  }

  private static func spec(_ name: String = "n", cron: String = "0 * * * *") throws -> BatchSpec {
    BatchSpec(name: name, cron: try CronExpression(cron))
  }

  @Test("Of many who find the same due time, each with a connection of its own, one gets the run")
  func once() throws {
    let desk = try Desk()
    let spec = try Self.spec()
    desk.set(hour: 9, minute: 30)
    _ = try desk.ledger().plan(spec, zone: .utc)
    for hour in 10..<30 {
      desk.set(hour: hour)
      let outcomes = Mutex<[BatchLedger.Opening]>([])
      let problems = Mutex<[String]>([])
      DispatchQueue.concurrentPerform(iterations: 6) { _ in
        do {
          let store = try Store(path: desk.store.path, busyTimeout: .seconds(60))
          let opening = try desk.ledger(store).open(spec, zone: .utc, byClock: true, log: "l")
          outcomes.withLock { $0.append(opening) }
        } catch { problems.withLock { $0.append("\(error)") } }
      }
      #expect(problems.withLock { $0 } == [])
      let begun = outcomes.withLock { $0 }.filter { if case .run(_, goesOn: false) = $0 { true } else { false } }
      #expect(begun.count == 1, "hour \(hour): \(outcomes.withLock { $0 })")
      let id = try #require(try desk.history().first).id
      try desk.ledger().end(id, trouble: nil)
    }
    let history = try desk.history()
    #expect(history.count == 20 && Set(history.map(\.dueAt)).count == 20)
    #expect(try desk.store.verifyChain(desk.row) != .intact(events: 0))
  }

  @Test("A run by hand is the due one when there is one, and one of its own when there is none")
  func byHand() throws {
    let desk = try Desk()
    let spec = try Self.spec()
    desk.set(hour: 9, minute: 30)
    guard case .run(let first, false) = try desk.ledger().open(spec, zone: .utc, byClock: false, log: "l") else {
      Issue.record("no run")
      return
    }
    #expect(first.dueAt == nil)
    try desk.ledger().end(first.id, trouble: nil)
    desk.set(hour: 10, minute: 1)
    guard case .run(let second, false) = try desk.ledger().open(spec, zone: .utc, byClock: false, log: "l") else {
      Issue.record("no run")
      return
    }
    #expect(second.dueAt == Timestamp(milliseconds: 36_000_000))
    try desk.ledger().end(second.id, trouble: nil)
    let third = try desk.ledger().open(spec, zone: .utc, byClock: true, log: "l")
    #expect(third == .nothing(next: Timestamp(milliseconds: 39_600_000)))
  }

  @Test("A run whose process died goes on under its number while its time lasts; then it is closed as lost")
  func goesOn() throws {
    let desk = try Desk()
    let spec = try Self.spec()
    desk.set(hour: 9, minute: 59)
    _ = try desk.ledger().plan(spec, zone: .utc)
    desk.set(hour: 10)
    guard case .run(let run, false) = try desk.ledger().open(spec, zone: .utc, byClock: true, log: "l") else {
      Issue.record("no run")
      return
    }
    desk.set(hour: 11, minute: 30)
    guard case .run(let again, true) = try desk.ledger().open(spec, zone: .utc, byClock: true, log: "m") else {
      Issue.record("it does not go on")
      return
    }
    #expect(again.id == run.id)
    desk.set(hour: 14, minute: 30)
    guard case .run(let next, false) = try desk.ledger().open(spec, zone: .utc, byClock: true, log: "m") else {
      Issue.record("no new run")
      return
    }
    #expect(next.dueAt == Timestamp(milliseconds: 14 * 3_600_000))
    let history = try desk.history()
    #expect(history.last?.outcome == BatchLedger.lost && history.last?.endedAt != nil)
    #expect(history.contains { $0.missed > 0 && $0.outcome?.hasPrefix("missed: ") == true }, "\(history)")
  }

  @Test("When somebody else drives the project the due time is missed, and the history says by whom")
  func skipped() throws {
    let desk = try Desk()
    let spec = try Self.spec()
    desk.set(hour: 9, minute: 59)
    _ = try desk.ledger().plan(spec, zone: .utc)
    desk.set(hour: 10)
    // Another call of the same batch has the lock and is about to begin it.
    try desk.ledger().recordSkipped(
      spec, zone: .utc, reason: "the project was driven by batch run n", isOwn: true, byClock: true, log: "l")
    #expect(try desk.ledger().plan(spec, zone: .utc).start != nil, "what is due stays due for the one who has the lock")
    for _ in 0..<2 {
      try desk.ledger().recordSkipped(
        spec, zone: .utc, reason: "the project was driven by start (process 7)", isOwn: false, byClock: true, log: "l")
    }
    let history = try desk.history()
    #expect(history.count == 1 && history[0].outcome == "missed: the project was driven by start (process 7)")
    #expect(
      try desk.ledger().open(spec, zone: .utc, byClock: true, log: "l")
        == .nothing(next: .init(milliseconds: 39_600_000)))
    let events = try desk.store.events(desk.row, after: 0, limit: 100).map(\.type)
    #expect(events.contains(.batchMissed) && !events.contains(.batchStarted))
  }

  @Test("A job's program is no business of a batch that begins beside it, and the other way round")
  func jobsRunBeside() throws {
    let desk = try Desk()
    var job = try Self.spec("job")
    job.work = .command(["true"])
    desk.set(hour: 9, minute: 59)
    guard case .run(let run, false) = try desk.ledger().open(job, zone: .utc, byClock: false, log: "l") else {
      Issue.record("no run")
      return
    }
    _ = try desk.ledger().open(Self.spec("batch"), zone: .utc, byClock: false, log: "l")
    #expect(try desk.history().first { $0.id == run.id }?.endedAt == nil)
    try desk.ledger().end(run.id, trouble: "ended with exit status 3")
    #expect(try desk.history().first { $0.id == run.id }?.outcome == "ended with exit status 3")
    #expect(try desk.history().first { $0.name == "batch" }?.endedAt == nil)
  }
}
