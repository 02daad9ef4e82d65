import OrchDomain

/// One `start` or one batch, as far as money goes.
package struct PayingRun: Hashable, Sendable {
  /// Unique in the project.
  package let key: String
  /// On the clock that never jumps.
  package let began: Duration

  /// - Parameter batch: The batch's number; nil for a `start`.
  package init(batch: Int64?, _ clock: EngineClock) {
    began = clock.elapsed()
    key = batch.map(String.init) ?? "start-\(clock.now().milliseconds)"
  }

  /// - Parameter number: Of a run that was submitted to the daemon. A daemon that takes it over goes on counting.
  package init(submitted number: Int64, began: Duration) {
    key = "run-\(number)"
    self.began = began
  }
}
