import CGit2

/// What merging directory by directory gave.
enum TreeMerge {
  /// Nil when nothing is left of the directory.
  case merged(git_oid?)
  /// Both sides changed one file, or one removed a directory that the other changed: contents must be looked at.
  case needsFiles
}

/// The fast path of a merge: looks only into directories that both sides changed, so its cost does not grow with the
/// size of the repository. It decides nothing that git would decide otherwise: any doubt is `.needsFiles`.
extension GitDatabase {
  func mergeTrees(base: git_oid?, ours: git_oid, theirs: git_oid, depth: Int) throws(GitError) -> TreeMerge {
    // A hostile tree may be nested deeper than the stack is.
    guard depth < 512 else { return .needsFiles }
    let a = try tree(ours)
    let b = try tree(theirs)
    let o = try optionalTree(base)
    let mine = changedEntries(unsafe pointer(of: o), unsafe a.pointer)
    let yours = changedEntries(unsafe pointer(of: o), unsafe b.pointer)
    var edits: [(name: [CChar], entry: TreeEntry?)] = []
    for (name, their) in yours {
      guard let our = mine[name] else {
        edits.append((name, their.new))
        continue
      }
      // What both removed may be two ends of one rename, and an equal directory may hide such a removal.
      if let new = our.new, !new.isTree, TreeEntry.same(new, their.new) { continue }
      guard let x = our.new, let y = their.new, x.isTree, y.isTree, !TreeEntry.same(x, y), our.old?.isTree ?? true
      else { return .needsFiles }
      guard case .merged(let oid) = try mergeTrees(base: our.old?.oid, ours: x.oid, theirs: y.oid, depth: depth + 1)
      else { return .needsFiles }
      edits.append((name, oid.map { TreeEntry(oid: $0, mode: 0o040000) }))
    }
    if edits.isEmpty { return .merged(ours) }
    let builder = try treeBuilder(from: unsafe a.pointer)
    for edit in edits { try apply(edit, to: builder) }
    if unsafe orch_git_treebuilder_entrycount(builder.pointer) == 0 { return .merged(nil) }
    return .merged(try write(builder))
  }

  private func optionalTree(_ oid: git_oid?) throws(GitError) -> GitHandle? {
    guard let oid else { return nil }
    return try tree(oid)
  }

  @safe func treeBuilder(from tree: OpaquePointer?) throws(GitError) -> GitHandle {
    try GitHandle("git_treebuilder_new", release: { unsafe orch_git_treebuilder_free($0) }) {
      unsafe orch_git_treebuilder_new(&$0, repository, tree)
    }
  }

  func write(_ builder: borrowing GitHandle) throws(GitError) -> git_oid {
    var oid = git_oid()
    try git("git_treebuilder_write") { unsafe orch_git_treebuilder_write(&oid, builder.pointer) }
    return oid
  }

  private func apply(
    _ edit: (name: [CChar], entry: TreeEntry?), to builder: borrowing GitHandle
  ) throws(GitError) {
    guard let entry = edit.entry else {
      try git("git_treebuilder_remove") { unsafe orch_git_treebuilder_remove(builder.pointer, edit.name) }
      return
    }
    var oid = entry.oid
    try git("git_treebuilder_insert") {
      unsafe orch_git_treebuilder_insert(nil, builder.pointer, edit.name, &oid, git_filemode_t(rawValue: entry.mode))
    }
  }

  private struct Change {
    var old: TreeEntry?
    var new: TreeEntry?
  }

  /// The entries that differ between two versions of one directory, by name. Names keep their bytes (and the NUL).
  @safe private func changedEntries(_ old: OpaquePointer?, _ new: OpaquePointer?) -> [[CChar]: Change] {
    var changes: [[CChar]: Change] = [:]
    var a = unsafe TreeCursor(old)
    var b = unsafe TreeCursor(new)
    while !a.isAtEnd || !b.isAtEnd {
      let order = TreeCursor.compare(a, b)
      if order == 0 {
        if !TreeEntry.same(a.entry, b.entry) { changes[b.name] = Change(old: a.entry, new: b.entry) }
        a.advance()
        b.advance()
      } else if order < 0 {
        changes[a.name, default: Change()].old = a.entry
        a.advance()
      } else {
        changes[b.name, default: Change()].new = b.entry
        b.advance()
      }
    }
    return changes
  }
}

/// A place in the sorted entries of a tree.
@safe private struct TreeCursor {
  private let tree: OpaquePointer?
  private let count: Int
  private var index = 0
  private var current: OpaquePointer?

  init(_ tree: OpaquePointer?) {
    unsafe self.tree = tree
    count = unsafe tree.map { unsafe orch_git_tree_entrycount($0) } ?? 0
    load()
  }

  var isAtEnd: Bool { index >= count }

  mutating func advance() {
    index += 1
    load()
  }

  private mutating func load() {
    unsafe current = index < count ? orch_git_tree_entry_byindex(tree, index) : nil
  }

  var entry: TreeEntry? {
    guard let current = unsafe current, let oid = unsafe orch_git_tree_entry_id(current) else { return nil }
    return unsafe TreeEntry(oid: oid.pointee, mode: orch_git_tree_entry_filemode_raw(current).rawValue)
  }

  /// The bytes of the name and a NUL.
  var name: [CChar] {
    guard let text = unsafe current.flatMap({ unsafe orch_git_tree_entry_name($0) }) else { return [0] }
    var length = 0
    while unsafe text[length] != 0 { length += 1 }
    return unsafe Array(UnsafeBufferPointer(start: text, count: length + 1))
  }

  /// git's order of tree entries, in which a directory's name ends in a slash. What is at the end comes last.
  static func compare(_ a: TreeCursor, _ b: TreeCursor) -> Int {
    guard !a.isAtEnd else { return b.isAtEnd ? 0 : 1 }
    guard !b.isAtEnd else { return -1 }
    guard let x = unsafe a.current.flatMap({ unsafe orch_git_tree_entry_name($0) }),
      let y = unsafe b.current.flatMap({ unsafe orch_git_tree_entry_name($0) })
    else { return 0 }
    var i = 0
    while unsafe x[i] == y[i], unsafe x[i] != 0 { i += 1 }
    let p = unsafe a.byte(x[i])
    let q = unsafe b.byte(y[i])
    return p - q
  }

  /// What stands for the end of the name.
  private func byte(_ character: CChar) -> Int {
    if character != 0 { return Int(UInt8(bitPattern: character)) }
    return entry?.isTree == true ? Int(UInt8(ascii: "/")) : 0
  }
}
