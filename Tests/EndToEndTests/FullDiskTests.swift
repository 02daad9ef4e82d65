import Foundation
import OrchDomain
import OrchStore
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A disk that is full for a while, and one that may not be written. Needs to mount a small file system, so to be root.
@Suite(.serialized, .timeLimit(.minutes(15))) struct FullDiskTests {
  /// A small file system in memory, below a workshop's scratch directory.
  struct SmallDisk: ~Copyable {
    let path: String

    init?(_ path: String, megabytes: Int) throws {
      self.path = path
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      guard try Self.tool("mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", path) == 0 else { return nil }
    }

    deinit {
      do { _ = try Self.tool("umount", "-l", path) } catch { print("cannot unmount \(path): \(error)") }
    }

    func remount(_ options: String) throws -> Bool {
      try Self.tool("mount", "-o", "remount,\(options)", path) == 0
    }

    /// Takes all the space that is left, once; on the thread that calls, so that a program meets it at once.
    static func fill(_ path: String) {
      let filler = open("\(path)/filler", O_WRONLY | O_CREAT | O_EXCL, 0o600)
      guard filler >= 0 else { return }
      let block = [UInt8](repeating: 0, count: 1 << 16)
      for size in [block.count, 1] { while write(filler, block, size) > 0 {} }
      close(filler)
    }

    private static func tool(_ words: String...) throws -> Int32 {
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = words
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      return process.terminationStatus
    }
  }

  /// When the disk gets full: a line of `start --json` that contains this.
  static let moments = ["preparing", "running", "verifying", "approved", "landing", "complete"].map {
    "\"to\":\"\($0)\""
  }

  /// Runs `start` on a disk that is full from `moment` on, makes room, and lets the work go on.
  private static func expectSurvived(_ shop: Workshop, _ disk: borrowing SmallDisk, _ moment: String) async throws {
    try await shop.expect(0, "sync")
    let path = disk.path
    let run = try shop.launch(["start", "--all", "--json"]) { line, _ in
      if line.contains(moment) { SmallDisk.fill(path) }
    }
    let output = try await run.output()
    #expect(output.status >= 0, "it ends by itself: \(output)")
    try FileManager.default.removeItem(atPath: "\(path)/filler")
    for (id, state) in try await shop.states() {
      if ["stuck", "parked"].contains(state) { try await shop.expect(0, "resume", id) }
      if state == "failed" { try await shop.expect(0, "retry", id) }
    }
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(["core/E01", "core/E02"], oneAttemptEach: false)
  }

  /// The state directory with everything in it: database, run directories, worktrees.
  @Test(arguments: moments) func theStateDirectoryIsFullForAWhile(_ moment: String) async throws {
    let shop = try Workshop([Plan("core/E01"), .fixing("core/E02")], attempts: 3, backoff: "0s")
    guard let disk = try SmallDisk(shop.state, megabytes: 24) else { return Self.tellSkipped() }
    try await Self.expectSurvived(shop, disk, moment)
  }

  /// The repository: objects, refs, the user's checkout and what is written into it.
  @Test(arguments: moments) func theRepositoryIsFullForAWhile(_ moment: String) async throws {
    let shop = try Workshop([Plan("core/E01"), .fixing("core/E02")], attempts: 3, backoff: "0s")
    let files = FileManager.default
    let copy = "\(shop.scratch.path)/copy"
    try files.moveItem(atPath: shop.root, toPath: copy)
    guard let disk = try SmallDisk(shop.root, megabytes: 12) else { return Self.tellSkipped() }
    for name in try files.contentsOfDirectory(atPath: copy) {
      try files.copyItem(atPath: "\(copy)/\(name)", toPath: "\(shop.root)/\(name)")
    }
    try shop.write(".git/info/exclude", "/filler\n")
    try await Self.expectSurvived(shop, disk, moment)
  }

  private static func tellSkipped() { print("skipped: a file system cannot be mounted here; be root to run this") }

  @Test func theDatabaseMayNotBeWrittenForAWhile() async throws {
    let shop = try Workshop([WorldTests.waiting()])
    guard let disk = try SmallDisk(shop.state, megabytes: 24) else { return Self.tellSkipped() }
    try await shop.expect(0, "sync")
    #expect(try disk.remount("ro"))
    let refused = try await shop.orch("start", "--all")
    #expect(refused.status != 0 && refused.err.contains("error:"), "\(refused)")
    #expect(refused.err.contains(shop.state), "the place is named: \(refused)")
    #expect(try disk.remount("rw"))
    try shop.write("\(shop.scratch.path)/go", "")
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(["core/E01"])
  }
}
