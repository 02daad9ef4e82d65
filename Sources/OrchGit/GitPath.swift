/// The one check of paths that come from diffs, plans and other text of unknown origin.
package enum GitPath {
  /// Throws unless `path` is relative, stays inside the repository, and cannot be taken for an option or for git's
  /// own directory on any file system that git runs on.
  package static func check(_ path: String) throws(GitError) {
    guard isSafe(path) else { throw .badPath(path) }
  }

  /// Whether ``check(_:)`` accepts `path`.
  package static func isSafe(_ path: String) -> Bool {
    guard !path.isEmpty, path.utf8.count < 4096, !path.hasPrefix("-"), !path.utf8.contains(0) else { return false }
    return path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy(isSafeComponent)
  }

  private static func isSafeComponent(_ component: Substring) -> Bool {
    if component.isEmpty || component == "." || component == ".." { return false }
    return !isGitDirectory(component)
  }

  /// `.git` in any case, with what HFS+ ignores inside it, with what NTFS ignores behind it, or by its short name.
  private static func isGitDirectory(_ component: Substring) -> Bool {
    let visible = String(String.UnicodeScalarView(component.unicodeScalars.filter { !isIgnoredByHFS($0) })).lowercased()
    let stem = visible.split(whereSeparator: { $0 == ":" || $0 == "\\" }).first.map(String.init) ?? ""
    let end = stem.lastIndex { $0 != "." && $0 != " " }.map { stem.index(after: $0) } ?? stem.startIndex
    let name = stem[..<end]
    return name == ".git" || name == "git~1"
  }

  private static func isIgnoredByHFS(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x200C...0x200F, 0x202A...0x202E, 0x206A...0x206F, 0xFEFF: true
    default: false
    }
  }

  /// Full name of a branch's ref. Throws when git would not accept it, or could take it for an option.
  static func branchRef(_ branch: String) throws(GitError) -> String {
    let name = "refs/heads/" + branch
    guard !branch.hasPrefix("-"), branch != "HEAD" else { throw .badName(branch) }
    try checkRef(name)
    return name
  }

  static func checkRef(_ name: String) throws(GitError) {
    guard name.hasPrefix("refs/"), !name.utf8.contains(0), !name.contains("\n"), try GitDatabase.isRefName(name) else {
      throw .badName(name)
    }
  }
}
