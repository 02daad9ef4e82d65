import OrchConfig
package import OrchDomain
import OrchStore

extension OpenProject {
  /// Fewer are not worth a checkpoint at every start.
  private static let leastByItself = 1000

  /// The moment before which events go by `[general] keep_events`; nil when all are kept.
  package func oldestEventToKeep(_ now: Timestamp) -> Timestamp? {
    settings.general.keepEvents.map { now.advanced(by: .zero - $0) }
  }

  /// Takes events out of the log.
  ///
  /// - Returns: How many went, or would go.
  package func compactLog(before moment: Timestamp, dryRun: Bool) throws -> Int {
    if dryRun { return try store.read(row) { tx throws(StoreError) in try tx.countCompactable(before: moment) } }
    let now = clock.now()
    return try store.write(row) { tx throws(StoreError) in try tx.compactEvents(before: moment, at: now) }
  }

  /// Does what the policy says, when it is worth it.
  func compactLogByPolicy() throws {
    let now = clock.now()
    guard let moment = oldestEventToKeep(now) else { return }
    _ = try store.write(row) { tx throws(StoreError) in
      try tx.compactEvents(before: moment, least: Self.leastByItself, at: now)
    }
  }
}
