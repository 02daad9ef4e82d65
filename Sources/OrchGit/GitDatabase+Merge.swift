import CGit2
import OrchDomain

extension GitDatabase {
  /// Merges in memory; writes tree objects and nothing else.
  func merge(ours: String, theirs: String) throws(GitError) -> MergeResult {
    let bases = try mergeBases(ours, theirs)
    guard let base = bases.first else {
      for id in [ours, theirs] { _ = try commit(id) }
      throw .unrelatedHistories(ours, theirs)
    }
    if base.hex == theirs { return .clean(tree: try treeID(ofCommit: ours).hex) }
    if base.hex == ours { return .clean(tree: try treeID(ofCommit: theirs).hex) }
    if bases.count == 1 {
      let trees = try (treeID(ofCommit: base.hex), treeID(ofCommit: ours), treeID(ofCommit: theirs))
      if case .merged(let tree) = try mergeTrees(base: trees.0, ours: trees.1, theirs: trees.2, depth: 0) {
        if let tree { return .clean(tree: tree.hex) }
        return .clean(tree: try emptyTree())
      }
    }
    return try mergeChecked(base: base.hex, ours: ours, theirs: theirs, unite: false)
  }

  /// The same, but what both sides have in one place of a file is kept, ours first.
  func unite(ours: String, theirs: String) throws(GitError) -> MergeResult {
    guard let base = try mergeBases(ours, theirs).first else { throw .unrelatedHistories(ours, theirs) }
    return try mergeChecked(base: base.hex, ours: ours, theirs: theirs, unite: true)
  }

  private func mergeChecked(base: String, ours: String, theirs: String, unite: Bool) throws(GitError) -> MergeResult {
    // libgit2 looks for the base itself where there may be several, and cannot where the history has been cut off.
    let known = try shallowEnds() == nil ? nil : base
    let result = try mergeFiles(base: known, ours: ours, theirs: theirs, unite: unite)
    guard case .clean = result else { return result }
    let lost =
      try additionsToRenamedDirectories(base: base, adder: ours, renamer: theirs)
      + additionsToRenamedDirectories(base: base, adder: theirs, renamer: ours)
    return lost.isEmpty ? result : .conflict(lost)
  }

  private func emptyTree() throws(GitError) -> String {
    let builder = try treeBuilder(from: nil)
    return try write(builder).hex
  }

  /// The general case, by libgit2: contents, renames, criss-cross histories.
  private func mergeFiles(base: String?, ours: String, theirs: String, unite: Bool) throws(GitError) -> MergeResult {
    let o = try optionalCommit(base)
    let a = try commit(ours)
    let b = try commit(theirs)
    let index = try GitHandle("git_merge_commits", release: { unsafe orch_git_index_free($0) }) {
      unsafe orch_git_merge_in_memory(
        &$0, repository, OrchGit.pointer(of: o), a.pointer, b.pointer, UInt32(GitDatabase.renameLimit), unite)
    }
    if unsafe orch_git_index_has_conflicts(index.pointer) == 1 { return .conflict(try conflicts(in: index)) }
    var tree = git_oid()
    try git("git_index_write_tree_to") { unsafe orch_git_index_write_tree_to(&tree, index.pointer, repository) }
    return .clean(tree: tree.hex)
  }

  private func optionalCommit(_ id: String?) throws(GitError) -> GitHandle? {
    guard let id else { return nil }
    return try commit(id)
  }

  private func conflicts(in index: borrowing GitHandle) throws(GitError) -> [MergeConflict] {
    let iterator = try GitHandle(
      "git_index_conflict_iterator_new", release: { unsafe orch_git_index_conflict_iterator_free($0) }
    ) { unsafe orch_git_index_conflict_iterator_new(&$0, index.pointer) }
    var found: Set<MergeConflict> = []
    while true {
      var base: UnsafePointer<git_index_entry>?
      var ours: UnsafePointer<git_index_entry>?
      var theirs: UnsafePointer<git_index_entry>?
      let code = unsafe orch_git_index_conflict_next(&base, &ours, &theirs, iterator.pointer)
      if code == GIT_ITEROVER.rawValue { break }
      try git("git_index_conflict_next") { code }
      guard let named = unsafe ours ?? theirs ?? base, let path = unsafe named.pointee.path else { continue }
      let kind: MergeConflict.Kind =
        switch unsafe (base != nil, ours != nil, theirs != nil) {
        case (true, true, true): .bothModified
        case (false, true, true): .bothAdded
        case (true, false, true): .deletedByUs
        case (true, true, false): .deletedByThem
        case (true, false, false): .bothDeleted
        default: .inTheWay
        }
      found.insert(unsafe MergeConflict(path: String(cString: path), kind: kind))
    }
    return found.sorted { ($0.path, $0.kind.rawValue) < ($1.path, $1.kind.rawValue) }
  }

  /// Files that `adder` put into a directory that `renamer` moved elsewhere as a whole.
  ///
  /// libgit2 leaves them behind in the old place; git asks a person by default (`merge.directoryRenames=conflict`),
  /// and so do we.
  private func additionsToRenamedDirectories(
    base: String, adder: String, renamer: String
  ) throws(GitError) -> [MergeConflict] {
    let additions = try changes(from: base, to: adder, renames: true).filter {
      $0.kind == .added || $0.kind == .renamed
    }
    if additions.isEmpty { return [] }
    let renamed = Set(
      try changes(from: base, to: renamer, renames: true).compactMap { change -> String? in
        let (old, new) = (GitPathParts.directory(change.oldPath), GitPathParts.directory(change.newPath))
        return change.kind == .renamed && old != new && !old.isEmpty ? old : nil
      })
    if renamed.isEmpty { return [] }
    let after = try tree(ofCommit: renamer)
    var gone: Set<String> = []
    for directory in renamed where try entry(at: directory, in: after) == nil { gone.insert(directory) }
    return additions.compactMap {
      gone.contains(GitPathParts.directory($0.newPath))
        ? MergeConflict(path: $0.newPath, kind: .addedToRenamedDirectory) : nil
    }
  }
}

/// Parts of a path inside a repository.
enum GitPathParts {
  /// Everything before the last slash; empty at the top.
  static func directory(_ path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
  }
}
