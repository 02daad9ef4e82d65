/// What a checkout stands on.
package enum GitHead: Hashable, Sendable {
  /// On a branch; `commit` is nil as long as the branch has none.
  case branch(name: String, commit: String?)
  case detached(commit: String)

  /// The commit; nil on a branch without one.
  package var commit: String? {
    switch self {
    case .branch(_, let commit): commit
    case .detached(let commit): commit
    }
  }
}
