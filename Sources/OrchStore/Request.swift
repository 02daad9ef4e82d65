package import OrchDomain

/// What one process asks of the process that runs the tasks.
package struct Request: Hashable, Sendable {
  /// What is asked for.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case stop, pause, resume, retry, reset, approve, merge, reject
  }

  package let seq: Int64
  package let kind: Kind
  /// Nil asks it of everything.
  package let task: TaskID?
  /// A reason, or who asks.
  package let argument: String?
  package let createdAt: Timestamp
  package let handledAt: Timestamp?
  /// What came of it, for the one who asked.
  package let outcome: String?
}
