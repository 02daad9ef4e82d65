import CGit2

extension GitDatabase {
  /// The files among `paths` in which two commits conflict.
  ///
  /// Where both sides still have every one of them, only these contents are merged, at a cost that does not grow with
  /// the repository. Otherwise one of them may have been renamed, and the whole merge is made.
  func conflicts(in paths: [String], ours: String, theirs: String) throws(GitError) -> [String] {
    guard let base = try mergeBases(ours, theirs).first else { throw .unrelatedHistories(ours, theirs) }
    let old = try tree(treeID(ofCommit: base.hex))
    let our = try tree(treeID(ofCommit: ours))
    let their = try tree(treeID(ofCommit: theirs))
    var found: [String] = []
    for path in paths {
      guard let b = try entry(at: path, in: old), let x = try entry(at: path, in: our),
        let y = try entry(at: path, in: their), [b, x, y].allSatisfy(\.isFile)
      else {
        guard case .conflict(let conflicts) = try merge(ours: ours, theirs: theirs) else { return [] }
        return Set(conflicts.map(\.path)).sorted()
      }
      if TreeEntry.same(x, y) || TreeEntry.same(b, x) || TreeEntry.same(b, y) { continue }
      var ids = (b.oid, x.oid, y.oid)
      var isConflict = false
      try git("git_merge_file_from_index") {
        unsafe orch_git_contents_conflict(&isConflict, repository, &ids.0, &ids.1, &ids.2)
      }
      if isConflict { found.append(path) }
    }
    return found
  }
}

extension TreeEntry {
  /// A file with contents of its own, as against a link, a directory or a submodule.
  fileprivate var isFile: Bool { mode == 0o100644 || mode == 0o100755 }
}
