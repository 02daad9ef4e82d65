package import OrchDomain

// Reading commits and writing new objects: in process, no working file is looked at and no ref moves.
extension GitRepository {
  /// The commit of a full id, a full ref name, `HEAD` of the opened checkout, or a short name as git reads it.
  package func commitID(ofRef name: String) throws(GitError) -> String? {
    if name == "HEAD" { return try head().commit }
    if let id = GitDatabase.normalised(name) {
      do {
        return try database.info(ofCommit: id).id
      } catch {
        if case .unknownRevision = error { return nil }
        throw error
      }
    }
    if name.hasPrefix("-") || name.utf8.contains(0) { return nil }
    if name.hasPrefix("refs/") { return try database.commit(ofRef: name) }
    return try database.commit(ofShorthand: name)
  }

  /// The commit of a revision as git reads it, such as `HEAD~3`, `v1^` or a short id; nil when there is none.
  package func commitID(ofRevision text: String) throws(GitError) -> String? { try database.commit(ofRevision: text) }

  /// The tree of a commit, by its full id.
  package func treeID(ofCommit commit: String) throws(GitError) -> String {
    try database.treeID(ofCommit: commit).hex
  }

  /// Whether `ancestor` is `commit` or one of its ancestors.
  package func isAncestor(_ ancestor: String, of commit: String) throws(GitError) -> Bool {
    try database.isAncestor(ancestor, of: commit)
  }

  /// A best common ancestor; nil for unrelated histories.
  package func mergeBase(_ one: String, _ two: String) throws(GitError) -> String? {
    try database.mergeBases(one, two).first?.hex
  }

  /// The bytes of a file as committed (the target of a link); nil when there is no file at `path`.
  package func file(at path: String, in commit: String) throws(GitError) -> [UInt8]? {
    try database.file(at: path, in: commit)
  }

  /// Where a path leads in a commit when links are followed, as the system does in a checkout of it, whether or not
  /// something is there; nil when that is out of the repository.
  package func followed(_ path: String, in commit: String) throws(GitError) -> String? {
    try database.followed(path, in: commit)
  }

  /// Every file below a directory, or all for an empty prefix.
  package func files(under prefix: String, in commit: String) throws(GitError) -> [TreeFile] {
    try database.files(under: prefix, in: commit)
  }

  /// The names of files and directories in one directory; empty is the root.
  package func names(in directory: String, of commit: String) throws(GitError) -> Set<String> {
    try database.names(in: directory, of: commit)
  }

  /// The bytes of a blob by its id.
  package func blob(_ id: String) throws(GitError) -> [UInt8] { try database.blobBytes(id) }

  /// One commit.
  package func commit(_ id: String) throws(GitError) -> CommitInfo { try database.info(ofCommit: id) }

  /// The commits of `head` that `base` does not have, newest first, at most `limit`. A nil `base` gives all.
  package func commits(from base: String?, to head: String, limit: Int = 1000) throws(GitError) -> [CommitInfo] {
    try database.commits(from: base, to: head, limit: limit)
  }

  /// What differs between two commits, by path, with renames detected. A nil `from` compares with an empty tree.
  package func diff(
    from: String?, to: String, limits: DiffLimits = DiffLimits()
  ) throws(GitError) -> [FileDiff] {
    try database.diff(from: from, to: to, limits: limits)
  }

  /// The same as a unified diff of at most `limit` bytes; the last line says so when something was left out.
  package func patch(from: String?, to: String, limit: Int = 1 << 20) throws(GitError) -> String {
    try database.patch(from: from, to: to, limit: limit)
  }

  /// Every path that was added, changed or removed, in order; both names of a renamed file.
  package func changedPaths(from: String?, to: String) throws(GitError) -> [String] {
    try database.changes(from: from, to: to, renames: false).map(\.path)
  }

  /// Merges two commits in memory.
  package func merge(ours: String, theirs: String) throws(GitError) -> MergeResult {
    try database.merge(ours: ours, theirs: theirs)
  }

  /// The files among `paths` in which two commits conflict; writes no object where both still have all of them.
  package func conflicts(in paths: [String], ours: String, theirs: String) throws(GitError) -> [String] {
    try database.conflicts(in: paths, ours: ours, theirs: theirs)
  }

  /// Merges two commits in memory; what both sides have in one place of a file is kept, ours first.
  package func unite(ours: String, theirs: String) throws(GitError) -> MergeResult {
    try database.unite(ours: ours, theirs: theirs)
  }

  /// Writes a commit that no ref leads to yet.
  ///
  /// Its objects reach the disk as git's own loose objects do by default: not synced one by one, unless the user sets
  /// `core.fsyncObjectFiles`. Killing any process loses nothing; a power cut may lose the last seconds, and a ref that
  /// then leads nowhere is found by git. ``snapshot(worktree:to:message:author:at:)`` syncs, because files are deleted
  /// after it.
  package func makeCommit(
    tree: String, parents: [String], message: String, author: GitIdentity, at time: Timestamp
  ) throws(GitError) -> String {
    try database.makeCommit(tree: tree, parents: parents, message: message, author: author, at: time)
  }

  /// A tree like that of `commit` in which the named files have new contents and keep their modes.
  package func tree(of commit: String, replacing edits: [String: [UInt8]]) throws(GitError) -> String {
    try database.tree(of: commit, replacing: edits)
  }

  /// A tree like that of `commit` with these files besides; there must be nothing at their paths.
  package func tree(of commit: String, adding files: [String: [UInt8]]) throws(GitError) -> String {
    try database.tree(of: commit, adding: files)
  }

  /// Every ref below `prefix`, such as `refs/orch/attempts/`, with the commit that it leads to.
  package func refs(prefix: String) throws(GitError) -> [GitRef] {
    try database.refs(prefix: prefix).map { GitRef(name: $0.name, commit: $0.commit) }
  }
}

/// One ref.
package struct GitRef: Hashable, Sendable {
  /// Full name.
  package var name: String
  package var commit: String

  package init(name: String, commit: String) {
    self.name = name
    self.commit = commit
  }
}
