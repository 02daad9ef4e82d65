@testable import OrchProcess
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A run directory on a file system of its own that can be filled.
final class TinyDisk: Sendable {
  let scratch: Scratch
  let path: String

  init?() {
    #if os(Linux)
      guard getuid() == 0, let scratch = try? Scratch() else { return nil }
      path = scratch.directory("disk")
      guard mount("orch-test", path, "tmpfs", 0, "size=262144") == 0 else { return nil }
      self.scratch = scratch
    #else
      return nil
    #endif
  }

  deinit {
    #if os(Linux)
      umount2(path, Int32(MNT_DETACH))
    #endif
  }

  static let isAvailable = TinyDisk() != nil
}

@Suite(
  "Full disk", .timeLimit(.minutes(15)),
  .enabled(if: TinyDisk.isAvailable, "needs root and the right to mount a tmpfs"))
struct FullDiskTests {
  private static func request(_ disk: TinyDisk, _ script: String) -> Supervisor.Request {
    Supervisor.Request(
      runDirectory: disk.path, runID: "full-disk", executable: "sh", arguments: ["-c", script],
      directory: disk.scratch.path, environment: ["PATH": path, "DISK": disk.path], grace: .milliseconds(200))
  }

  @Test("The end of a run is recorded on a disk that the run has filled")
  func filledByTheRun() async throws {
    let disk = try #require(TinyDisk())
    let supervisor = Supervisor(shimPath: try builtShim())
    let run = try await supervisor.start(Self.request(disk, "cat /dev/zero; exit 5"))
    guard case .ended(let record) = await supervisor.wait(for: run) else {
      Issue.record("no record")
      return
    }
    #expect(record.outcome == .exited(5))
    #expect(try text(RunFiles.stderr(in: disk.path)).count < 200)
  }

  @Test("A record that cannot be written is written as soon as it can")
  func retried() async throws {
    let disk = try #require(TinyDisk())
    let supervisor = Supervisor(shimPath: try builtShim())
    // The run takes away the space that was kept for the record: the second name keeps it from becoming free.
    let run = try await supervisor.start(
      Self.request(
        disk,
        "ln \"$DISK/exit.draft\" \"$DISK/kept\"; rm \"$DISK/exit.draft\"; cat /dev/zero > \"$DISK/fill\" 2>&-; exit 5"))
    let child = ProcessIdentity(pid: run.child.pid, start: run.child.start)
    // The draft is there again once the shim has tried and failed.
    while child.isAlive || access("\(disk.path)/exit.draft", F_OK) != 0 {
      try Task.checkCancellation()
      await Task.yield()
    }
    #expect(supervisor.state(in: disk.path) == .running(run))
    #expect(unlink("\(disk.path)/fill") == 0)
    guard case .ended(let record) = await supervisor.wait(for: run) else {
      Issue.record("no record")
      return
    }
    #expect(record.outcome == .exited(5))
  }

  @Test("A run is not started when its end could not be recorded")
  func fullFromTheStart() async throws {
    let disk = try #require(TinyDisk())
    let supervisor = Supervisor(shimPath: try builtShim())
    #expect(throws: ProcessError.self) { try append([UInt8](repeating: 0, count: 1 << 20), to: "\(disk.path)/fill") }
    let request = Self.request(disk, "exit 0")
    await #expect(throws: ProcessError.runDirectoryUnusable(path: disk.path, errno: ENOSPC)) {
      try await supervisor.start(request)
    }
    #expect(supervisor.state(in: disk.path) == .notStarted)
  }
}
