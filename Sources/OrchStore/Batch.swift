package import OrchDomain

/// A bounded run over ready tasks, with what came out of it.
package struct Batch: Hashable, Sendable {
  /// What a run does.
  package enum Work: String, Hashable, Sendable {
    case tasks, command, maintenance
  }

  /// Unique in the whole file; also the key of its budget.
  package let id: Int64
  package let name: String
  package var work = Work.tasks
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
  /// When it was due; nil when somebody started it by hand. With the name it is the identity of a run.
  package var dueAt: Timestamp?
  /// How many due times got no run, from ``dueAt`` to ``missedUntil``; 0 for a run.
  package var missed = 0
  package var missedUntil: Timestamp?
}
