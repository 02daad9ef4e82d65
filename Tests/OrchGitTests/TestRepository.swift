import Foundation
import OrchDomain
import OrchGit
import OrchProcess
import Testing

/// A real repository in a directory of its own, with an empty home, removed when it is dropped.
final class TestRepository: Sendable {
  let base: String
  var path: String { base + "/repo" }
  var home: String { base + "/home" }
  /// Where worktrees may be made.
  var owned: String { base + "/owned" }

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  private init() throws {
    let name = "orch-git-" + String(UInt64.random(in: .min ... .max), radix: 36)
    let temporary = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
    base = temporary + "/" + name
    for directory in ["repo", "home", "owned"] {
      try FileManager.default.createDirectory(atPath: base + "/" + directory, withIntermediateDirectories: true)
    }
    try Data("[user]\n\tname = T\n\temail = t@example.org\n[init]\n\tdefaultBranch = main\n".utf8)
      .write(to: URL(filePath: home + "/.gitconfig"))
  }

  deinit { try? FileManager.default.removeItem(atPath: base) }

  /// A repository with the given files in its first commit.
  static func make(_ files: [String: String] = ["a.txt": "a\n"], bare: Bool = false) async throws -> TestRepository {
    let repository = try TestRepository()
    try await repository.git("init", "-q", "-b", "main")
    for (path, text) in files { try repository.write(path, text) }
    try await repository.git("add", "-A")
    try await repository.git("commit", "-q", "--allow-empty", "-m", "first")
    if bare {
      try await repository.git("clone", "-q", "--bare", repository.path, repository.base + "/bare")
    }
    return repository
  }

  static func empty() throws -> TestRepository { try TestRepository() }

  var environment: [String: String] {
    ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": home]
  }

  var options: GitOptions { GitOptions(environment: environment, ownedDirectories: [owned]) }

  func open(_ path: String? = nil) async throws -> GitRepository {
    try await GitRepository.open(path ?? self.path, options: options)
  }

  /// A git command as a person would run it; its output without the last line feed.
  @discardableResult
  func git(_ arguments: String..., in directory: String? = nil, input: String? = nil) async throws -> String {
    let result = try await gitResult(arguments, in: directory, input: input)
    guard result.exit == .code(0) else {
      throw Failure(description: "git \(arguments.joined(separator: " ")): \(result.errorText)")
    }
    return result.text.hasSuffix("\n") ? String(result.text.dropLast()) : result.text
  }

  func gitResult(_ arguments: [String], in directory: String? = nil, input: String? = nil) async throws -> CommandResult
  {
    var environment = environment
    environment["GIT_AUTHOR_DATE"] = "2026-01-01T00:00:00Z"
    environment["GIT_COMMITTER_DATE"] = "2026-01-01T00:00:00Z"
    environment["GIT_EDITOR"] = "true"
    return try await CommandRunner().run(
      Command(
        executable: "git", arguments: arguments, directory: directory ?? path, environment: environment,
        input: input.map { Array($0.utf8) }, timeout: .seconds(120), outputLimit: 1 << 26))
  }

  /// A few lines of shell that must succeed.
  func shell(_ script: String, in directory: String) async throws {
    let result = try await CommandRunner().run(
      Command(
        executable: "/bin/sh", arguments: ["-ec", script], directory: directory, environment: environment,
        timeout: .seconds(120), outputLimit: 1 << 20))
    guard result.exit == .code(0) else { throw Failure(description: "\(script): \(result.errorText)") }
  }

  func write(_ path: String, _ text: String, in root: String? = nil) throws {
    let file = (root ?? self.path) + "/" + path
    try FileManager.default.createDirectory(
      at: URL(filePath: file).deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(filePath: file))
  }

  func read(_ path: String, in root: String? = nil) -> String? {
    FileManager.default.contents(atPath: (root ?? self.path) + "/" + path).map { String(decoding: $0, as: UTF8.self) }
  }

  func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  func remove(_ path: String, in root: String? = nil) throws {
    try FileManager.default.removeItem(atPath: (root ?? self.path) + "/" + path)
  }

  /// Commits everything in the checkout and gives the new commit.
  @discardableResult
  func commit(_ files: [String: String?], _ message: String = "change", in root: String? = nil) async throws -> String {
    for (path, text) in files where text == nil { try remove(path, in: root) }
    for (path, text) in files {
      guard let text else { continue }
      if read(path, in: root) == nil, exists((root ?? self.path) + "/" + path) { try remove(path, in: root) }
      try write(path, text, in: root)
    }
    try await git("add", "-A", in: root)
    try await git("commit", "-q", "--allow-empty", "-m", message, in: root)
    return try await git("rev-parse", "HEAD", in: root)
  }

  func rev(_ name: String, in root: String? = nil) async throws -> String { try await git("rev-parse", name, in: root) }

  /// A commit on top of `main` that no checkout has: what there is to land.
  func proposal(_ files: [String: String?], on parent: String = "main") async throws -> String {
    let place = base + "/proposal-\(UInt32.random(in: .min ... .max))"
    try await git("worktree", "add", "-q", "--detach", place, parent)
    let commit = try await commit(files, "proposal", in: place)
    try await git("worktree", "remove", "--force", place)
    return commit
  }

  /// Every file of a checkout with its mode and bytes, and what is staged: what must survive.
  func picture(_ root: String? = nil, without: Set<String> = []) async throws -> [String: String] {
    let root = root ?? path
    var picture: [String: String] = [:]
    for case let name as String in FileManager.default.enumerator(atPath: root) ?? .init() {
      if name == ".git" || name.hasPrefix(".git/") || without.contains(name) { continue }
      let attributes = try FileManager.default.attributesOfItem(atPath: root + "/" + name)
      guard attributes[.type] as? FileAttributeType != .typeDirectory else { continue }
      let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
      picture[name] = "\(String(mode, radix: 8)) \(read(name, in: root) ?? "?")"
    }
    return picture
  }

  func index(_ root: String? = nil) async throws -> String { try await git("ls-files", "-s", in: root) }
}
