import CGit2
import OrchDomain

/// What differs at one path between two trees.
struct TreeChange {
  var kind: FileDiff.Kind
  var oldPath: String
  var newPath: String
  /// Nil when there is no old, or no new, version.
  var old: TreeEntry?
  var new: TreeEntry?

  var path: String { new == nil ? oldPath : newPath }
}

extension GitDatabase {
  /// The largest number of files between which renames are searched.
  static var renameLimit: Int { 1000 }

  /// The differences between two commits by path, in path order. `from` nil compares with an empty tree.
  func changes(from: String?, to: String, renames: Bool) throws(GitError) -> [TreeChange] {
    let new = try tree(ofCommit: to)
    guard let from else { return try changes(nil, unsafe new.pointer, renames: renames) }
    let old = try tree(ofCommit: from)
    return try changes(unsafe old.pointer, unsafe new.pointer, renames: renames)
  }

  @safe private func changes(
    _ old: OpaquePointer?, _ new: OpaquePointer?, renames: Bool
  ) throws(GitError) -> [TreeChange] {
    let diff = try GitHandle("git_diff_tree_to_tree", release: { unsafe orch_git_diff_free($0) }) {
      unsafe orch_git_diff_trees(&$0, repository, old, new, renames, GitDatabase.renameLimit)
    }
    var changes: [TreeChange] = []
    for n in 0..<(unsafe orch_git_diff_num_deltas(diff.pointer)) {
      guard let delta = unsafe orch_git_diff_get_delta(diff.pointer, n),
        let change = unsafe TreeChange(delta.pointee)
      else { continue }
      changes.append(change)
    }
    return changes.sorted { $0.path < $1.path }
  }

  func diff(from: String?, to: String, limits: DiffLimits) throws(GitError) -> [FileDiff] {
    var left = limits.lines
    var files: [FileDiff] = []
    for change in try changes(from: from, to: to, renames: true) {
      let file = try fileDiff(change, limits: limits, maximum: min(limits.linesPerFile, left))
      left -= file.hunks.reduce(0) { $0 + $1.lines.count }
      files.append(file)
    }
    return files
  }

  private func fileDiff(
    _ change: TreeChange, limits: DiffLimits, maximum: Int
  ) throws(GitError) -> FileDiff {
    var file = FileDiff(
      kind: change.kind, path: change.path, oldPath: change.oldPath == change.path ? nil : change.oldPath,
      newMode: change.new?.mode ?? 0, oldMode: change.old?.mode)
    if let old = change.old, let new = change.new, git_oid.same(old.oid, new.oid) { return file }
    if change.old?.mode == 0o160000 || change.new?.mode == 0o160000 {
      file.hunks = [submoduleHunk(change)]
      return file
    }
    let pair = try BlobPair(change, in: self, limit: limits.bytesPerFile)
    guard pair.isText else {
      file.isBinary = true
      return file
    }
    file.hunks = try pair.hunks(limit: max(0, maximum))
    return file
  }

  /// What git shows for a submodule: its commits as one line of text.
  private func submoduleHunk(_ change: TreeChange) -> FileDiff.Hunk {
    var lines: [FileDiff.Line] = []
    if let old = change.old {
      lines.append(FileDiff.Line(.removed, newLine: nil, "Subproject commit \(old.oid.hex)"))
    }
    if let new = change.new { lines.append(FileDiff.Line(.added, newLine: 1, "Subproject commit \(new.oid.hex)")) }
    return FileDiff.Hunk(oldStart: change.old == nil ? 0 : 1, newStart: change.new == nil ? 0 : 1, lines: lines)
  }
}

extension TreeChange {
  init?(_ delta: git_diff_delta) {
    let kind: FileDiff.Kind
    switch unsafe delta.status {
    case GIT_DELTA_ADDED: kind = .added
    case GIT_DELTA_DELETED: kind = .deleted
    case GIT_DELTA_MODIFIED: kind = .modified
    case GIT_DELTA_RENAMED: kind = .renamed
    case GIT_DELTA_COPIED: kind = .copied
    case GIT_DELTA_TYPECHANGE: kind = .typeChanged
    default: return nil
    }
    let old = unsafe delta.old_file
    let new = unsafe delta.new_file
    self.kind = kind
    oldPath = unsafe old.path.map { unsafe String(cString: $0) } ?? ""
    newPath = unsafe new.path.map { unsafe String(cString: $0) } ?? ""
    self.old = unsafe kind == .added ? nil : TreeEntry(oid: old.id, mode: UInt32(old.mode))
    self.new = unsafe kind == .deleted ? nil : TreeEntry(oid: new.id, mode: UInt32(new.mode))
  }
}
