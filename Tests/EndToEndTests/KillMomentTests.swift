import Foundation
import OrchDomain
import OrchStore
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Kills at moments that no event tells about.
@Suite(.serialized, .timeLimit(.minutes(15))) struct KillMomentTests {
  /// Kills in the middle of the moves of the base branch, which no event tells about.
  @Test(arguments: [("refs/heads/main", 1), ("refs/heads/main", 2), ("refs/heads/main", 4), ("refs/heads/main", 7)])
  func killedWhenTheBaseMoves(_ file: String, _ count: Int) async throws {
    let shop = try Workshop(MainJob.automatic)
    let run = try shop.launch(["start", "--all"])
    let path = "\(shop.root)/.git/\(file)"
    let pid = run.pid
    let watcher = Thread {
      var last = Self.inode(path)
      var moves = 0
      while kill(pid, 0) == 0 {
        let now = Self.inode(path)
        if now != last {
          last = now
          moves += 1
          if moves == count { kill(pid, SIGKILL) }
        }
        sched_yield()
      }
    }
    watcher.start()
    let output = try await run.output()
    #expect(output.status == -SIGKILL)
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(MainJob.automatic.map(\.id))
    #expect(try shop.tree() == (try await KillTests.undisturbed.value))
  }

  /// Kills while the checkout's index is locked by us, so before and while files are written.
  @Test(arguments: [1, 2, 3, 5]) func killedWhileTheCheckoutIsLocked(_ count: Int) async throws {
    let shop = try Workshop(MainJob.automatic)
    let run = try shop.launch(["start", "--all"])
    let path = "\(shop.root)/.git/index.lock"
    let pid = run.pid
    let watcher = Thread {
      var wasThere = false
      var times = 0
      while kill(pid, 0) == 0 {
        let isThere = Self.inode(path) != nil
        if isThere && !wasThere {
          times += 1
          if times == count { kill(pid, SIGKILL) }
        }
        wasThere = isThere
        sched_yield()
      }
    }
    watcher.start()
    let output = try await run.output()
    #expect(output.status == -SIGKILL)
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(MainJob.automatic.map(\.id))
    #expect(try shop.tree() == (try await KillTests.undisturbed.value))
  }

  private static func inode(_ path: String) -> ino_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_ino : nil
  }
}
