import OrchDomain
import OrchProcess

/// Copies whole directories by sharing their blocks, where the file system can: APFS, Btrfs, XFS and some others.
///
/// By the system's `cp`, which keeps modes, times and links, and is told to fail rather than to copy byte by byte.
enum DirectoryClone {
  /// - Parameter copies: Whether to copy byte by byte where blocks cannot be shared.
  /// - Returns: Why nothing was cloned; nil when it is there.
  static func make(_ source: String, at target: String, scratch: String, copies: Bool) async throws -> String? {
    try FileTree.removeIfPresent(scratch)
    if !copies, let file = try firstFile(in: source) {
      let problem = try await run(sharing + ["--", file, scratch])
      try FileTree.removeIfPresent(scratch)
      if let problem { return problem }
    }
    // A name of its own until it is whole, so that a killed run leaves no half of it in the worktree.
    let problem = try await run((copies ? [] : sharing) + recursive + ["--", source, scratch])
    if let problem {
      try FileTree.removeIfPresent(scratch)
      return problem
    }
    try FileTree.move(scratch, to: target)
    return nil
  }

  #if canImport(Darwin)
    private static let sharing = ["-c"]
    private static let recursive = ["-Rp"]
  #else
    private static let sharing = ["--reflink=always"]
    private static let recursive = ["-a"]
  #endif

  /// Any file with content, to try it with: a directory of thousands would fail file by file.
  private static func firstFile(in directory: String) throws -> String? {
    var waiting = [directory]
    while let next = waiting.popLast() {
      for name in try FileTree.names(in: next).sorted() {
        let path = "\(next)/\(name)"
        if FileTree.isFile(path) { return path }
        if FileTree.isDirectory(path) { waiting.append(path) }
      }
    }
    return nil
  }

  private static func run(_ arguments: [String]) async throws -> String? {
    let result = try await CommandRunner().run(
      Command(
        executable: "/bin/cp", arguments: arguments, environment: ["LC_ALL": "C"], timeout: .seconds(1800),
        outputLimit: 1 << 16))
    if result.exit == .code(0) { return nil }
    let line = result.errorText.split(separator: "\n").first.map(String.init) ?? "cp failed"
    return SafeText.line(line, limit: 300)
  }
}
