package import OrchDomain

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
  /// Waits; throws `CancellationError` when the task is cancelled.
  package var sleep: @Sendable (Duration) async throws -> Void

  package init(
    now: @escaping @Sendable () -> Timestamp, elapsed: @escaping @Sendable () -> Duration = EngineClock.uptime,
    sleep: @escaping @Sendable (Duration) async throws -> Void
  ) {
    self.now = now
    self.elapsed = elapsed
    self.sleep = sleep
  }

  /// Time since it was asked for first.
  package static let uptime: @Sendable () -> Duration = { zero.duration(to: .now) }
  private static let zero = ContinuousClock.Instant.now

  /// The machine's clock.
  package static let system = EngineClock(
    now: {
      var time = timespec()
      clock_gettime(CLOCK_REALTIME, &time)
      return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    },
    sleep: { try await Task.sleep(for: $0) })
}
