package import OrchDomain
package import OrchSchedule

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Time as the engine sees it; tests hand in their own.
package struct EngineClock: Sendable {
  /// The wall-clock time, for what is recorded, and for times that others name. It may jump.
  package var now: @Sendable () -> Timestamp
  /// Time since some moment in the past, for waits within this process. It never jumps, and goes on while the machine
  /// sleeps.
  package var elapsed: @Sendable () -> Duration
  /// As ``elapsed``, but without the time that the machine slept: what agents cannot have worked in does not count.
  package var awake: @Sendable () -> Duration
  /// Waits; throws `CancellationError` when the task is cancelled.
  package var sleep: @Sendable (Duration) async throws -> Void
  /// Where the days begin that budgets are counted in.
  package var zone: TimeZoneOffsets

  package init(
    now: @escaping @Sendable () -> Timestamp, elapsed: @escaping @Sendable () -> Duration = EngineClock.uptime,
    awake: @escaping @Sendable () -> Duration = EngineClock.timeAwake,
    sleep: @escaping @Sendable (Duration) async throws -> Void, zone: TimeZoneOffsets = .local
  ) {
    self.now = now
    self.elapsed = elapsed
    self.awake = awake
    self.sleep = sleep
    self.zone = zone
  }

  /// Time since it was asked for first.
  package static let uptime: @Sendable () -> Duration = { zero.duration(to: .now) }
  private static let zero = ContinuousClock.Instant.now
  /// Time awake since it was asked for first.
  package static let timeAwake: @Sendable () -> Duration = { zeroAwake.duration(to: .now) }
  private static let zeroAwake = SuspendingClock.Instant.now

  /// The machine's clock.
  package static let system = EngineClock(
    now: {
      var time = timespec()
      clock_gettime(CLOCK_REALTIME, &time)
      return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    },
    sleep: { try await Task.sleep(for: $0) })

  /// The local day of a moment.
  package func day(of moment: Timestamp) -> CivilDate { zone.day(of: moment) }

  /// When the local day after that of `moment` begins.
  package func nextDay(after moment: Timestamp) -> Timestamp {
    let days = day(of: moment).daysSinceEpoch + 1
    return Timestamp(milliseconds: Int64(zone.moment(ofLocal: days * 86_400)) * 1000)
  }
}
