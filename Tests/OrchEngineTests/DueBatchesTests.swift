import Foundation
import OrchConfig
import OrchDiagnostics
import OrchDomain
import OrchRandom
import OrchSchedule
import OrchStore
import Synchronization
import Testing

@testable import OrchEngine

/// What a daemon starts by the schedule, on a clock that is set by hand.
@Suite("Batches that a daemon starts")
struct DueBatchesTests {
  private static func at(_ minute: Int) -> Timestamp { Timestamp(milliseconds: Int64(minute) * 60_000) }

  private final class House: Sendable {
    let directory: URL
    let store: Store
    let row: ProjectID
    let now = Mutex(DueBatchesTests.at(0))
    let schedule: BatchSchedule

    init(_ specs: [BatchSpec]) throws {
      directory = FileManager.default.temporaryDirectory.appending(path: "due-\(UUID().uuidString.prefix(8))")
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      store = try Store(path: directory.appending(path: "x.db").path)
      row = try store.project(root: "/p", name: "p", at: DueBatchesTests.at(0)).id
      schedule = BatchSchedule(file: "/schedule.toml", searched: [], batches: specs, diagnostics: [])
    }

    deinit { do { try FileManager.default.removeItem(at: directory) } catch { print("\(error)") } }

    var clock: EngineClock { EngineClock(now: { [self] in now.withLock { $0 } }, sleep: { _ in }) }
    var ledger: BatchLedger { BatchLedger(store: store, row: row, clock: clock) }

    func due(isHeld: Bool = false) throws -> DueBatches {
      try DueBatches(schedule, ledger: ledger, clock: clock) { _ in isHeld }
    }

    func open(_ spec: BatchSpec) throws -> BatchLedger.Opening {
      try ledger.open(spec, zone: schedule.zone(of: spec, local: clock.zone), byClock: true, log: "l")
    }

    func history() throws -> [Batch] { try store.read(row) { tx throws(StoreError) in try tx.batches(limit: 5000) } }
  }

  @Test(
    "In two weeks with cron, a daemon that comes and goes, or both, each due time has a run or a line that says why",
    arguments: 0..<12 as Range<UInt64>)
  func once(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var spec = BatchSpec(name: "n", cron: try CronExpression(["30 */6 * * *", "0 22 * * *"][Int(seed % 2)]))
    spec.catchup = [.last, .none, .all][random.below(3)]
    let house = try House([spec])
    let hasCron = random.chance(50)
    var daemonUntil = random.below(3000)
    var isDaemonThere = true
    _ = try house.due()
    for minute in stride(from: 1, through: 14 * 1440, by: 5) {
      house.now.withLock { $0 = Self.at(minute) }
      if minute > daemonUntil {
        isDaemonThere.toggle()
        daemonUntil = minute + 10 + random.below(isDaemonThere ? 4000 : 1500)
      }
      var callers: [Bool] = []
      if isDaemonThere, try !house.due().specs.isEmpty { callers.append(true) }
      if hasCron, random.chance(90) { callers.append(false) }
      for _ in callers {
        guard case .run(let batch, goesOn: false) = try house.open(spec) else { continue }
        #expect(batch.dueAt != nil)
        try house.ledger.end(batch.id, trouble: nil)
      }
      if isDaemonThere { #expect(try house.due().specs.isEmpty, "nothing is due twice, minute \(minute)") }
    }
    house.now.withLock { $0 = Self.at(14 * 1440 + 60) }
    if case .run(let batch, _) = try house.open(spec) { try house.ledger.end(batch.id, trouble: nil) }
    let history = try house.history()
    var settled: [Int64: Int] = [:]
    var moment = Self.at(0)
    var dues: [Timestamp] = []
    while let next = spec.cron.next(after: moment, zone: house.clock.zone), next <= Self.at(14 * 1440 + 60) {
      dues.append(next)
      moment = next
    }
    for due in dues {
      settled[due.milliseconds] = history.count { batch in
        guard let first = batch.dueAt else { return false }
        return batch.missedUntil.map { first <= due && due <= $0 } ?? (first == due)
      }
    }
    #expect(settled.values.allSatisfy { $0 == 1 }, "seed \(seed): \(settled.filter { $0.value != 1 })")
  }

  @Test("A run whose process has died is started again, one that goes on is not, and the next time is told")
  func lost() throws {
    let spec = BatchSpec(name: "n", cron: try CronExpression("0 10 * * *"))
    let house = try House([spec])
    house.now.withLock { $0 = Self.at(9 * 60) }
    #expect(try house.due().next == spec.cron.next(after: Self.at(9 * 60), zone: house.clock.zone))
    let due = try #require(spec.cron.next(after: Self.at(9 * 60), zone: house.clock.zone))
    house.now.withLock { $0 = due }
    #expect(try house.due().specs == [spec])
    guard case .run = try house.open(spec) else {
      Issue.record("the run did not begin")
      return
    }
    house.now.withLock { $0 = due.advanced(by: .seconds(600)) }
    #expect(try house.due(isHeld: true).specs.isEmpty)
    #expect(try house.due(isHeld: false).specs == [spec])
  }

  @Test("What was missed and gets no run is due all the same, so that somebody records it at once")
  func missedOnly() throws {
    var spec = BatchSpec(name: "n", cron: try CronExpression("0 10 * * *"))
    spec.catchup = .none
    let house = try House([spec])
    #expect(try house.due().specs.isEmpty)
    let due = try #require(spec.cron.next(after: Self.at(0), zone: house.clock.zone))
    house.now.withLock { $0 = due.advanced(by: .seconds(3 * 3600)) }
    #expect(try house.due().specs == [spec])
    if case .run = try house.open(spec) { Issue.record("it is too late for a run") }
    #expect(try house.history().map(\.missed) == [1])
    #expect(try house.due().specs.isEmpty, "it is told once")
  }
}
