extension CheckoutUpdate {
  /// Files that git does not know and that stand where the new commits write. Nil when there are none.
  ///
  /// git itself protects those that are not ignored and overwrites the ignored ones without a word; a person's
  /// `.env` is not ours to lose.
  func filesInTheWay() async throws(GitError) -> [String]? {
    let added = changes.filter { $0.old == nil && $0.new?.mode != 0o160000 }.map(\.path)
    if added.isEmpty { return nil }
    let removed = Set(changes.filter { $0.new == nil }.map { ignoresCase ? $0.path.lowercased() : $0.path })
    var suspects: Set<String> = []
    for path in added {
      // On a file system without case, a file that only changes its case is found under its new name.
      if ignoresCase, removed.contains(path.lowercased()) { continue }
      suspects.formUnion(try occupants(of: path))
    }
    if suspects.isEmpty { return nil }
    let known = Set(try await git(["ls-files", "-z", "--cached"]).paths)
    let unknown = suspects.subtracting(known).sorted()
    return unknown.isEmpty ? nil : unknown
  }

  /// Directories in which the new commits write and we may not. Nil when there are none.
  func closedDirectories() throws(GitError) -> [String]? {
    var isOpen: [String: Bool] = [:]
    for change in changes {
      let parent = GitPathParts.directory(change.path)
      var directory = parent.isEmpty ? root : root + "/" + parent
      guard isOpen[directory] == nil else { continue }
      let asked = directory
      // What is not there yet, or is no directory yet, is made in the next one above.
      while try Posix.info(directory)?.kind != .directory, directory.utf8.count > root.utf8.count {
        directory = GitPathParts.directory(directory)
      }
      isOpen[asked] = true
      isOpen[directory] = Posix.refusalToFill(directory) == nil
    }
    let closed = isOpen.filter { !$0.value }.keys.sorted()
    return closed.isEmpty ? nil : closed
  }

  /// Files that the person has deleted and the new commits change. git would bring them back.
  func deletedFiles(_ unstaged: [String: String]) -> [String]? {
    let deleted = changes.filter { $0.new != nil && unstaged[$0.path] == "D" && !status.covers($0.path) }.map(\.path)
    return deleted.isEmpty ? nil : deleted
  }

  /// What is at the path, at one of its parents that should be a directory, or below it.
  private func occupants(of path: String) throws(GitError) -> [String] {
    var prefix = ""
    for component in path.split(separator: "/").dropLast() {
      prefix += prefix.isEmpty ? String(component) : "/" + component
      guard let info = try Posix.info(root + "/" + prefix) else { return [] }
      if info.kind != .directory { return [prefix] }
    }
    guard let info = try Posix.info(root + "/" + path) else { return [] }
    return info.kind == .directory ? try filesBelow(path, depth: 0) : [path]
  }

  private func filesBelow(_ directory: String, depth: Int) throws(GitError) -> [String] {
    guard depth < 256 else { return [directory] }
    var files: [String] = []
    for name in try Posix.list(root + "/" + directory) {
      let path = directory + "/" + name
      if try Posix.info(root + "/" + path)?.kind == .directory {
        files += try filesBelow(path, depth: depth + 1)
      } else {
        files.append(path)
      }
    }
    return files
  }

  /// Takes back what a git process wrote that was killed before it could finish: files that hold the new version or
  /// the beginning of it, and files that it had removed to write them anew.
  ///
  /// Only after our own lock was found, which says that all these paths were unchanged when the writing began. Nothing
  /// a person wrote is lost: every byte that goes is a byte of the new commit.
  func undoHalfWritten() async throws(GitError) {
    let dirty = try await unstagedChanges()
    let known = Set(try await git(["ls-files", "-z", "--cached"]).paths)
    var restored: [UInt8] = []
    for change in changes where GitPath.isSafe(change.path) && change.new?.mode != 0o160000 {
      let path = change.path
      if known.contains(path) {
        guard dirty[path] != nil, change.old != nil, try await isOldEntry(change), try await isHalfWritten(change)
        else { continue }
        restored += Array(path.utf8) + [0]
      } else if change.old == nil, try Posix.exists(root + "/" + path), try await isHalfWritten(change) {
        try Posix.remove(root + "/" + path)
      }
    }
    if !restored.isEmpty { try await git(["checkout-index", "-f", "-u", "-z", "--stdin"], input: restored) }
  }

  private func isOldEntry(_ change: TreeChange) async throws(GitError) -> Bool {
    let output = try await git(["ls-files", "-s", "-z", "--", change.path])
    guard let entry = output.fields.first.flatMap(IndexEntry.init), output.fields.count == 1 else { return false }
    return entry.id == change.old?.oid.hex && entry.stage == 0
  }

  private func isHalfWritten(_ change: TreeChange) async throws(GitError) -> Bool {
    let file = root + "/" + change.path
    guard let info = try Posix.info(file) else { return true }
    guard let new = change.new else { return false }
    switch info.kind {
    case .regular:
      let written = try Posix.read(file) ?? []
      let whole = try await git(["cat-file", "--filters", "\(to):\(change.path)"]).stdout
      return whole.starts(with: written)
    case .link:
      guard new.mode == 0o120000, let target = try Posix.linkTarget(file) else { return false }
      return try await git(["cat-file", "blob", new.oid.hex]).stdout == target
    case .directory, .other: return false
    }
  }
}

/// One line of `git ls-files -s`: mode, object, stage and path.
struct IndexEntry: Hashable {
  var mode: String
  var id: String
  var stage: Int
  var path: String

  init?(_ field: [UInt8]) {
    guard let tab = field.firstIndex(of: 0x09) else { return nil }
    let words = String(decoding: field[..<tab], as: UTF8.self).split(separator: " ")
    guard words.count == 3, let stage = Int(words[2]) else { return nil }
    mode = String(words[0])
    id = String(words[1])
    self.stage = stage
    path = String(decoding: field[(tab + 1)...], as: UTF8.self)
  }
}
