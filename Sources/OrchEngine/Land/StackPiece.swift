import OrchDomain
import OrchStore

/// A change of a stack, merged on top of those before it.
struct StackPiece: Sendable {
  var task: StoredTask
  var change: Change
  /// What it was merged with: the base, or the commit of the piece before.
  var base: String
  /// What is going to be on the base branch.
  var commit: String
  var tree: String
}
