package import OrchDomain

/// A bounded run over ready tasks, with what came out of it.
package struct Batch: Hashable, Sendable {
  /// Unique in the whole file; also the key of its budget.
  package let id: Int64
  package let name: String
  package let startedAt: Timestamp
  package internal(set) var endedAt: Timestamp?
  /// Why it ended, in the words of the engine.
  package var outcome: String?
  package var started = 0
  package var complete = 0
  package var inReview = 0
  package var parked = 0
  package var failed = 0
  package var cost = MicroUSD.zero
  package var logPath: String?
}
