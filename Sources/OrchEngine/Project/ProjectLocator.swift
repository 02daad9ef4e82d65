import OrchFiles

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Finds the project around a directory by reading files alone, so that `status` and `list` start no git.
package enum ProjectLocator {
  /// The root that names a project in the store: the main checkout, or the directory of a bare repository.
  ///
  /// - Parameter start: An absolute path inside a checkout, a linked worktree or a bare repository.
  /// - Returns: nil when there is no repository around `start`.
  package static func root(around start: String) throws -> String? {
    var directory = try ResolvedPath(start).text
    while true {
      if let root = try root(at: directory) { return root }
      guard directory != "/", let slash = directory.lastIndex(of: "/") else { return nil }
      directory = slash == directory.startIndex ? "/" : String(directory[..<slash])
    }
  }

  private static func root(at directory: String) throws -> String? {
    let link = "\(directory)/.git"
    var status = stat()
    if stat(link, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR { return directory }
      return try mainCheckout(ofLinked: link, in: directory) ?? directory
    }
    let isBare = ["HEAD", "objects", "refs"].allSatisfy { FileTree.exists("\(directory)/\($0)") }
    return isBare ? directory : nil
  }

  /// Follows `gitdir:` and `commondir` of a linked worktree.
  private static func mainCheckout(ofLinked link: String, in directory: String) throws -> String? {
    guard let gitDirectory = try line(of: link, prefix: "gitdir: ") else { return nil }
    let own = gitDirectory.hasPrefix("/") ? gitDirectory : "\(directory)/\(gitDirectory)"
    // A submodule has no commondir: it is a project of its own.
    guard FileTree.exists("\(own)/commondir"), let common = try line(of: "\(own)/commondir", prefix: "") else {
      return nil
    }
    let resolved = try ResolvedPath(common.hasPrefix("/") ? common : "\(own)/\(common)").text
    return resolved.hasSuffix("/.git") ? String(resolved.dropLast(5)) : resolved
  }

  private static func line(of path: String, prefix: String) throws -> String? {
    let text = String(decoding: try FileReader.read(path, limit: 4096), as: UTF8.self)
    guard let first = text.split(whereSeparator: \.isNewline).first, first.hasPrefix(prefix) else { return nil }
    return String(first.dropFirst(prefix.count))
  }
}
