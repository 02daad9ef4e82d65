import OrchDomain
import OrchSchedule
import OrchStore

/// Which batches have to be started now, and when to look again.
struct DueBatches: Hashable, Sendable {
  var specs: [BatchSpec] = []
  /// Nil when none ever will be.
  var next: Timestamp?

  /// - Parameters:
  ///   - isHeld: Whether somebody has the lock under which a batch runs: an open record without one is of a run whose
  ///     process has died.
  init(
    _ schedule: BatchSchedule, ledger: BatchLedger, clock: EngineClock, isHeld: (BatchSpec) throws -> Bool
  ) throws {
    let now = clock.now()
    for spec in schedule.batches {
      let plan = try ledger.plan(spec, zone: schedule.zone(of: spec, local: clock.zone), byClock: true)
      for moment in [plan.next, plan.start?.at] where moment.map({ $0 > now }) ?? false {
        next = [next, moment].compactMap(\.self).min()
      }
      // What is missed is recorded by the run, too.
      let isDue = plan.start.map { $0.at <= now } ?? !plan.missed.isEmpty
      if try isDue || ledger.hasOpen(spec) && !isHeld(spec) { specs.append(spec) }
    }
  }
}
