import Foundation
import OrchEngine
import Testing

/// The root that names a project, compared with what git says.
@Suite struct ProjectLocatorTests {
  /// A directory that is removed with everything in it.
  final class Folder: Sendable {
    let path: String

    init() throws {
      let base = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
      path = "\(base)/orch-locator-\(UUID().uuidString.prefix(8))"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
      do { try FileManager.default.removeItem(atPath: path) } catch { print("cannot remove \(path): \(error)") }
    }

    func make(_ name: String) throws -> String {
      try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
      return "\(path)/\(name)"
    }

    func write(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)"))
    }

    func git(_ arguments: String...) throws {
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments =
        ["git", "-c", "user.name=T", "-c", "user.email=t@example.invalid", "-c", "protocol.file.allow=always"]
        + arguments
      process.currentDirectoryURL = URL(filePath: path)
      var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("GIT_") }
      environment["GIT_CONFIG_GLOBAL"] = "/dev/null"
      environment["GIT_CONFIG_NOSYSTEM"] = "1"
      process.environment = environment
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      try #require(process.terminationStatus == 0, "git \(arguments.joined(separator: " "))")
    }
  }

  static func withRepository() throws -> Folder {
    let folder = try Folder()
    try folder.git("init", "--quiet", "--initial-branch=main", "main")
    try folder.git("-C", "main", "commit", "--quiet", "--allow-empty", "-m", "Start")
    return folder
  }

  @Test func fromAnywhereInACheckout() throws {
    let folder = try Self.withRepository()
    let deep = try folder.make("main/docs/plans/core")
    let root = "\(folder.path)/main"
    for start in [root, root + "/", deep, root + "/docs/../docs"] {
      #expect(try ProjectLocator.root(around: start) == root, "\(start)")
    }
  }

  @Test func throughLinks() throws {
    let folder = try Self.withRepository()
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/link", withDestinationPath: "\(folder.path)/main")
    #expect(try ProjectLocator.root(around: "\(folder.path)/link") == "\(folder.path)/main")
  }

  @Test func aLinkedWorktreeBelongsToItsMainCheckout() throws {
    let folder = try Self.withRepository()
    try folder.git("-C", "main", "worktree", "add", "--quiet", "-b", "side", "../side")
    let deep = try folder.make("side/a/b")
    for start in ["\(folder.path)/side", deep] {
      #expect(try ProjectLocator.root(around: start) == "\(folder.path)/main")
    }
  }

  @Test func aBareRepositoryIsItsOwnRoot() throws {
    let folder = try Self.withRepository()
    try folder.git("clone", "--quiet", "--bare", "main", "bare.git")
    #expect(try ProjectLocator.root(around: "\(folder.path)/bare.git") == "\(folder.path)/bare.git")
    #expect(try ProjectLocator.root(around: "\(folder.path)/bare.git/refs/heads") == "\(folder.path)/bare.git")
    try folder.git("-C", "bare.git", "worktree", "add", "--quiet", "../of-bare", "main")
    #expect(try ProjectLocator.root(around: "\(folder.path)/of-bare") == "\(folder.path)/bare.git")
  }

  @Test func aSubmoduleIsAProjectOfItsOwn() throws {
    let folder = try Self.withRepository()
    try folder.git("init", "--quiet", "--initial-branch=main", "outer")
    try folder.git("-C", "outer", "submodule", "--quiet", "add", "../main", "inner")
    #expect(try ProjectLocator.root(around: "\(folder.path)/outer/inner") == "\(folder.path)/outer/inner")
    #expect(try ProjectLocator.root(around: "\(folder.path)/outer") == "\(folder.path)/outer")
  }

  @Test func aSeparateGitDirectory() throws {
    let folder = try Folder()
    try folder.git("init", "--quiet", "--separate-git-dir", "elsewhere", "work")
    #expect(try ProjectLocator.root(around: "\(folder.path)/work") == "\(folder.path)/work")
  }

  @Test func outsideOfARepositoryThereIsNone() throws {
    let folder = try Folder()
    let deep = try folder.make("a/b/c")
    #expect(try ProjectLocator.root(around: deep) == nil)
    #expect(try ProjectLocator.root(around: "/") == nil)
  }

  @Test(arguments: ["", "gitdir: \n", "nonsense", "gitdir: /nowhere/at/all\n", "gitdir: ../gone\r\n", "\u{0}\u{1}"])
  func aBrokenLinkIsNoCrash(_ text: String) throws {
    let folder = try Folder()
    let place = try folder.make("broken")
    try folder.write("broken/.git", text)
    #expect(try ProjectLocator.root(around: place) == place)
  }

  /// `HEAD` alone makes no repository of a directory.
  @Test func whatLooksLikeABareRepositoryMustBeOne() throws {
    let folder = try Folder()
    let place = try folder.make("almost")
    try folder.write("almost/HEAD", "ref: refs/heads/main\n")
    _ = try folder.make("almost/refs")
    #expect(try ProjectLocator.root(around: place) == nil)
  }
}
