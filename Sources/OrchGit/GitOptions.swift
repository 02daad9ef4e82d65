/// What a ``GitRepository`` gets from outside.
package struct GitOptions: Sendable {
  /// Only PATH, HOME, USER, LOGNAME, TMPDIR and XDG_CONFIG_HOME of it reach git.
  package var environment: [String: String]
  /// The directories below which worktrees may be made, recycled and removed. Nothing outside them is ever cleaned.
  package var ownedDirectories: [String]
  /// Paths that we put into linked worktrees for whoever works there, such as `.env`: no work, so never kept in a
  /// snapshot and never told as a change while they are untracked.
  package var providedPaths: [String]
  /// Longest time that one git command may take.
  package var timeout: Duration

  package init(
    environment: [String: String], ownedDirectories: [String], providedPaths: [String] = [],
    timeout: Duration = .seconds(600)
  ) {
    self.environment = environment
    self.ownedDirectories = ownedDirectories
    self.providedPaths = providedPaths
    self.timeout = timeout
  }
}

/// Where a repository is, all paths absolute and free of links.
package struct RepositoryLocation: Hashable, Sendable {
  /// The checkout that the path led to; nil in a bare repository.
  package var workTree: String?
  /// What belongs to that checkout: `.git`, or `.git/worktrees/<name>` for a linked worktree.
  package var gitDirectory: String
  /// What all worktrees share.
  package var commonDirectory: String
  /// Whether the repository has no main worktree.
  package var isBare: Bool

  package init(workTree: String?, gitDirectory: String, commonDirectory: String, isBare: Bool) {
    self.workTree = workTree
    self.gitDirectory = gitDirectory
    self.commonDirectory = commonDirectory
    self.isBare = isBare
  }
}

/// Where one git command works. Always named to git explicitly: an agent may replace the `.git` of its worktree.
struct GitPlace: Hashable, Sendable {
  var gitDirectory: String
  var commonDirectory: String
  var workTree: String?
}
