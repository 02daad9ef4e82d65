import CGit2
#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One entry of a tree as stored.
struct TreeEntry {
  var oid: git_oid
  var mode: UInt32

  var isTree: Bool { mode == 0o040000 }

  static func same(_ a: TreeEntry?, _ b: TreeEntry?) -> Bool {
    switch (a, b) {
    case (nil, nil): true
    case (let a?, let b?): a.mode == b.mode && git_oid.same(a.oid, b.oid)
    default: false
    }
  }
}

extension GitDatabase {
  /// What is at `path` in a tree; nil when nothing is.
  func entry(at path: String, in tree: borrowing GitHandle) throws(GitError) -> TreeEntry? {
    do {
      let entry = try GitHandle("git_tree_entry_bypath", release: { unsafe orch_git_tree_entry_free($0) }) {
        unsafe orch_git_tree_entry_bypath(&$0, tree.pointer, path)
      }
      return unsafe self.entry(entry.pointer)
    } catch {
      guard error.isNotFound else { throw error }
      return nil
    }
  }

  private func entry(_ pointer: OpaquePointer) -> TreeEntry? {
    guard let oid = unsafe orch_git_tree_entry_id(pointer) else { return nil }
    return unsafe TreeEntry(oid: oid.pointee, mode: orch_git_tree_entry_filemode_raw(pointer).rawValue)
  }

  func file(at path: String, in commit: String) throws(GitError) -> [UInt8]? {
    guard !path.isEmpty, !path.utf8.contains(0) else { return nil }
    guard let entry = try entry(at: path, in: tree(ofCommit: commit)), !entry.isTree, entry.mode != 0o160000 else {
      return nil
    }
    return try bytes(ofBlob: entry.oid)
  }

  /// The names in one directory; none when there is no such directory.
  func names(in directory: String, of commit: String) throws(GitError) -> Set<String> {
    let root = try tree(ofCommit: commit)
    if directory.isEmpty { return names(of: root) }
    guard let entry = try entry(at: directory, in: root), entry.isTree else { return [] }
    return names(of: try tree(entry.oid))
  }

  private func names(of tree: borrowing GitHandle) -> Set<String> {
    var names: Set<String> = []
    for n in 0..<(unsafe orch_git_tree_entrycount(tree.pointer)) {
      guard let entry = unsafe orch_git_tree_entry_byindex(tree.pointer, n),
        let name = unsafe orch_git_tree_entry_name(entry)
      else { continue }
      names.insert(unsafe String(cString: name))
    }
    return names
  }

  /// Every file below the directory `prefix` (the whole tree for an empty one), in tree order.
  func files(under prefix: String, in commit: String) throws(GitError) -> [TreeFile] {
    let root = try tree(ofCommit: commit)
    let directory = prefix.hasSuffix("/") ? String(prefix.dropLast()) : prefix
    var found: [TreeFile] = []
    if directory.isEmpty {
      try collect(root, at: "", into: &found, depth: 0)
    } else if let entry = try entry(at: directory, in: root) {
      if entry.isTree {
        try collect(tree(entry.oid), at: directory + "/", into: &found, depth: 0)
      } else {
        found = [TreeFile(path: directory, mode: entry.mode, blob: entry.oid.hex)]
      }
    }
    return found
  }

  private func collect(
    _ tree: borrowing GitHandle, at prefix: String, into found: inout [TreeFile], depth: Int
  ) throws(GitError) {
    // A hostile tree may be nested deeper than the stack is.
    guard depth < 512 else { throw .badPath(prefix) }
    for n in 0..<(unsafe orch_git_tree_entrycount(tree.pointer)) {
      guard let pointer = unsafe orch_git_tree_entry_byindex(tree.pointer, n), let entry = unsafe entry(pointer),
        let name = unsafe orch_git_tree_entry_name(pointer)
      else { continue }
      let path = unsafe prefix + String(cString: name)
      if entry.isTree {
        try collect(self.tree(entry.oid), at: path + "/", into: &found, depth: depth + 1)
      } else {
        found.append(TreeFile(path: path, mode: entry.mode, blob: entry.oid.hex))
      }
    }
  }

  /// A tree like that of `commit` in which the named files have new contents and their old modes.
  func tree(of commit: String, replacing edits: [String: [UInt8]]) throws(GitError) -> String {
    try tree(of: commit, edits) { entry in
      guard let mode = entry?.mode, mode == 0o100644 || mode == 0o100755 else { return nil }
      return mode
    }
  }

  /// A tree like that of `commit` with these files besides; there must be nothing at their paths.
  func tree(of commit: String, adding files: [String: [UInt8]]) throws(GitError) -> String {
    try tree(of: commit, files) { $0 == nil ? 0o100644 : nil }
  }

  /// - Parameter mode: For what is at a path now; nil when it must not be written.
  private func tree(
    of commit: String, _ edits: [String: [UInt8]], mode: (TreeEntry?) -> UInt32?
  ) throws(GitError) -> String {
    let root = try tree(ofCommit: commit)
    var updates: [git_tree_update] = unsafe []
    defer { unsafe updates.forEach { unsafe free(UnsafeMutablePointer(mutating: $0.path)) } }
    for (path, bytes) in edits.sorted(by: { $0.key < $1.key }) {
      try GitPath.check(path)
      guard let mode = mode(try entry(at: path, in: root)) else {
        throw .noSuchFile(path: path, commit: commit)
      }
      let oid = try writeBlob(bytes)
      unsafe updates.append(
        git_tree_update(
          action: GIT_TREE_UPDATE_UPSERT, id: oid, filemode: git_filemode_t(rawValue: mode), path: strdup(path)))
    }
    var result = git_oid()
    let count = unsafe updates.count
    try git("git_tree_create_updated") {
      unsafe orch_git_tree_create_updated(&result, repository, root.pointer, count, updates)
    }
    return result.hex
  }
}
