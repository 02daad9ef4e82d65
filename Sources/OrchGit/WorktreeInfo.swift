/// One checkout of the repository.
package struct WorktreeInfo: Hashable, Sendable {
  /// Work in a checkout that git has begun and not concluded.
  package enum Operation: Hashable, Sendable {
    /// `branch` is the one that will move at the end; nil when the rebase began detached.
    case rebase(branch: String?)
    /// `git am`.
    case applyingPatches(branch: String?)
    case bisect(branch: String?)
    case merge
    case cherryPick
    case revert

    /// The branch that it will move or come back to.
    package var branch: String? {
      switch self {
      case .rebase(let branch), .applyingPatches(let branch), .bisect(let branch): branch
      case .merge, .cherryPick, .revert: nil
      }
    }
  }

  package var path: String
  package var head: GitHead
  /// Whether it is the checkout that the repository was made with.
  package var isMain: Bool
  package var isLocked: Bool
  /// Whether it is in the pool, or was on its way there or back when we were killed: what was in it is kept.
  package var isWarm: Bool
  /// Whether its directory is gone.
  package var isPrunable: Bool
  package var operations: [Operation]

  package init(
    path: String, head: GitHead, isMain: Bool, isLocked: Bool, isWarm: Bool = false, isPrunable: Bool,
    operations: [Operation]
  ) {
    self.path = path
    self.head = head
    self.isMain = isMain
    self.isLocked = isLocked
    self.isWarm = isWarm
    self.isPrunable = isPrunable
    self.operations = operations
  }

  /// Branches that an unfinished operation will move or come back to.
  package var claimedBranches: [String] { operations.compactMap(\.branch) }
}
