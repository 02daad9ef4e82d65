package import OrchDomain

/// An act outside the database that was decided and is not known to be done.
///
/// Only for acts that no other record tells about; docs/decisions/0016 lists what each act relies on.
package struct Intent: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Takes the worktree and the branch of an ended attempt away.
    case retire
    /// Tidies up on the forge behind a change that has landed.
    case tidy
  }

  package var kind: Kind
  /// Makes the act the same one when it is done again: `billing/E05/1`.
  package var key: String
  package var task: TaskID
  package var attempt: Int
  package var madeAt: Timestamp
}
