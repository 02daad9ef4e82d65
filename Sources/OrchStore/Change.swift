package import OrchDomain

/// The pull request of a task, on whatever forge.
package struct Change: Hashable, Sendable {
  /// Where a change is in its life.
  package enum State: String, Hashable, Sendable, CaseIterable {
    case open, approved, rejected, landing, merged, closed

    /// A task has at most one unfinished change.
    package var isFinished: Bool { self == .merged || self == .closed }

    /// The states that may follow this one. To stay is always allowed.
    package var successors: Set<State> {
      switch self {
      case .open: [.approved, .rejected, .landing, .merged, .closed]
      case .approved: [.open, .rejected, .landing, .merged, .closed]
      case .rejected: [.open, .closed, .merged]
      case .landing: [.open, .approved, .rejected, .merged, .closed]
      case .merged: []
      // A forge lets people open a closed pull request again.
      case .closed: [.open, .merged]
      }
    }
  }

  /// From 1, per project; not the number on the forge.
  package let number: Int
  package let task: TaskID
  package var attempt: Int
  package var title: String
  package var body: String
  package var branch: String
  package var baseBranch: String
  package var baseCommit: String
  package var headCommit: String
  package internal(set) var state: State
  package var verdict: Verdict?
  package var needsHuman: Bool
  /// `local` or `github`.
  package var forge: String
  package var forgeNumber: Int?
  package var url: String?
  package var approvedBy: String?
  package var rejectedReason: String?
  /// The commit that is going to be the base branch; known before the ref is moved, so that a restart can tell
  /// whether it was.
  package var landingCommit: String?
  /// The commit at which the base stands when a whole stack lands at once, and whose tree is the tested one; nil when
  /// that is ``landingCommit``.
  package var landingTip: String?
  /// What the change was put on: the tip of the base branch, or of the changes before it in its stack.
  package var landingBase: String?
  /// The tree that passed the gate.
  package var testedTree: String?
  /// The tree that is on the base branch; equal to the tested one, or the change is not proven.
  package var landedTree: String?
  package let createdAt: Timestamp
  package internal(set) var updatedAt: Timestamp
}
