package import OrchDomain

/// What a status edit in Markdown means, three-way: what we last wrote, what the file says, what the state implies.
package enum StatusReconciler {
  /// What to do about the status of one task.
  package enum Decision: Hashable, Sendable {
    /// File and state agree; `written` may have to be brought up to date.
    case agree
    /// Nobody edited the file; the state moved on and must be written.
    case write(TaskStatus)
    /// A person edited the file and the state has not moved since: the edit is carried out.
    case request(Request)
    /// Both changed, or the edit can't be carried out while an attempt runs; a person has to choose.
    case conflict(String)
  }

  /// What a person asks for by editing a status.
  package enum Request: Hashable, Sendable {
    /// Work that was done elsewhere.
    case markComplete
    /// Start from the beginning.
    case reset
    /// A person works on it; keep off.
    case takeOver
  }

  /// - Parameters:
  ///   - written: The status that we last wrote or accepted; nil for a task seen for the first time.
  ///   - markdown: What the file says now.
  ///   - state: The task's state, with the state that it interrupted.
  ///   - hasOpenAttempt: Whether an agent's attempt has begun and not ended.
  package static func decide(
    written: TaskStatus?, markdown: TaskStatus, state: TaskState, held: TaskState?, hasOpenAttempt: Bool
  ) -> Decision {
    let implied = state.status(heldFrom: held)
    if markdown == implied { return .agree }
    guard let written else { return .request(request(for: markdown)) }
    if markdown == written { return .write(implied) }
    if implied != written {
      return .conflict("both changed since '\(written.rawValue)' was written")
    }
    if hasOpenAttempt {
      return .conflict("an attempt is under way")
    }
    return .request(request(for: markdown))
  }

  static func request(for status: TaskStatus) -> Request {
    switch status {
    case .complete: .markComplete
    case .notStarted: .reset
    case .inProgress: .takeOver
    }
  }
}

/// The subject and body of the commit that writes statuses back.
package enum StatusCommitMessage {
  /// - Parameter changes: At least one, in id order.
  package static func text(_ changes: [(id: TaskID, status: TaskStatus)]) -> String {
    guard let first = changes.first else { return "chore: update statuses" }
    let subject = "chore: update \(first.id) status to \(first.status.rawValue)"
    guard changes.count > 1 else { return subject + "\n" }
    let lines = changes.map { "- \($0.id): \($0.status.rawValue)" }
    return "\(subject) and \(changes.count - 1) more\n\n\(lines.joined(separator: "\n"))\n"
  }
}
