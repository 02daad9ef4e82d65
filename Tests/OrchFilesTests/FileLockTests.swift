import OrchDomain
import Testing

@testable import OrchFiles

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Locks between processes")
struct FileLockTests {
  private let scratch: ScratchDirectory
  private let now = Timestamp(milliseconds: 1_700_000_000_000)

  init() throws { scratch = try ScratchDirectory() }

  @Test("A lock is held once, its holder can be read, and it is free after release")
  func lock() throws {
    let path = scratch["lock"]
    let lock = try FileLock(path, purpose: "start\nall", now: now)
    #expect(try FileLock.holder(of: path) == lock.holder)
    #expect(lock.holder.process == getpid() && lock.holder.purpose == "start all" && lock.holder.processStart > 0)
    #expect(throws: FileLockError.held(path: path, by: lock.holder)) { try FileLock(path, purpose: "x", now: now) }
    lock.release()
    lock.release()
    #expect(try FileLock.holder(of: path) == nil)
    let next = try FileLock(path, purpose: "second", now: now)
    #expect(try FileLock.holder(of: path)?.purpose == "second")
    next.release()
  }

  @Test("The message says who holds it, since when and for what")
  func message() throws {
    let lock = try FileLock(scratch["lock"], purpose: "sync", now: now)
    let text = FileLockError.held(path: "p", by: lock.holder).description
    #expect(text.contains("process \(getpid())") && text.contains("2023-11-14T22:13:20Z") && text.contains("'sync'"))
    lock.release()
  }

  @Test("The end of its owner releases a lock")
  func owner() throws {
    do { _ = try FileLock(scratch["lock"], purpose: "a", now: now) }
    _ = try FileLock(scratch["lock"], purpose: "b", now: now)
  }

  @Test("A lock file that was deleted is noticed: two holders of one path don't share a lock")
  func deleted() throws {
    let first = try FileLock(scratch["lock"], purpose: "a", now: now)
    #expect(unlink(scratch["lock"]) == 0)
    let second = try FileLock(scratch["lock"], purpose: "b", now: now)
    #expect(try FileLock.holder(of: scratch["lock"])?.purpose == "b")
    first.release()
    #expect(try FileLock.holder(of: scratch["lock"])?.purpose == "b")
    second.release()
  }

  @Test("A lock file that is replaced between opening and locking is opened again")
  func deletedMeanwhile() throws {
    let path = scratch["lock"]
    var opened = 0
    let file = try FileLock.lock(path) {
      opened += 1
      guard opened == 1 else { return }
      unlink(path)
      close(open(path, O_WRONLY | O_CREAT, 0o600))
    }
    #expect(opened == 2)
    #expect(try file.status(of: path).inode == FileStatus(path: path, following: false).inode)
    #expect(throws: FileLockError.self) { try FileLock(path, purpose: "x", now: now) }
    close(file.relinquish())
  }

  @Test("Whoever only looks who holds a lock keeps nobody from taking it")
  func lookedAt() throws {
    let path = scratch["lock"]
    let looker = open(path, O_RDONLY | O_CREAT, 0o600)
    defer { close(looker) }
    #expect(flock(looker, LOCK_SH) == 0)
    var tries = 0
    let file = try FileLock.lock(path) {
      tries += 1
      if tries == 2 { flock(looker, LOCK_UN) }
    }
    #expect(tries == 2)
    close(file.relinquish())
  }

  @Test("A child that is just starting, and has a copy of everything that is open, does not keep a released lock")
  func copied() throws {
    let path = scratch["lock"]
    let lock = try FileLock(path, purpose: "a", now: now)
    let inode = try FileStatus(path: path, following: false).inode
    let copies = (0..<Int32(1024)).filter { number in
      var status = stat()
      return fstat(number, &status) == 0 && UInt64(status.st_ino) == inode
    }.map { dup($0) }
    defer { for copy in copies { close(copy) } }
    #expect(!copies.isEmpty)
    lock.release()
    let next = try FileLock(path, purpose: "b", now: now)
    next.release()
  }

  @Test("Of many threads that want it, one has it at any time", .timeLimit(.minutes(15)))
  func threads() {
    let path = scratch["lock"]
    let counter = scratch["counter"]
    let now = now
    let outcomes = Parallel.map(count: 200, width: 4) { _ -> String in
      do throws(FileLockError) {
        let lock = try FileLock(path, purpose: "count", now: now)
        defer { lock.release() }
        // Two holders at once would both create the file, and one would fail.
        do throws(FileError) {
          try AtomicFile.write(counter, [])
          try DirectoryTree.remove(counter)
          return "held"
        } catch { return "\(error)" }
      } catch {
        if case .held = error { return "busy" }
        return "\(error)"
      }
    }
    #expect(Set(outcomes).isSubset(of: ["held", "busy"]))
    #expect(outcomes.contains("held"))
  }

  @Test("The death of a process releases its lock, whatever its file still says")
  func death() throws {
    let path = scratch["lock"]
    let holder = FileLock.Holder(process: 4_000_000, processStart: 1, host: "h", since: now, purpose: "gone")
    try AtomicFile.write(path, Array(holder.text.utf8))
    #expect(try FileLock.holder(of: path) == nil)
    let lock = try FileLock(path, purpose: "next", now: now)
    #expect(try FileLock.holder(of: path)?.purpose == "next")
    lock.release()
  }

  @Test(
    "A half-written or foreign lock file reads as an unknown holder", arguments: ["", "pid 1\n", "garbage", "pid x\n"])
  func damaged(text: String) {
    #expect(FileLock.Holder(text: text) == nil)
  }

  @Test("What can't be a lock is refused")
  func refused() {
    #expect(throws: FileLockError.self) { try FileLock(scratch["no/such"], purpose: "", now: now) }
    scratch.link("link", to: "elsewhere")
    #expect(throws: FileLockError.self) { try FileLock(scratch["link"], purpose: "", now: now) }
    #expect(scratch.names() == ["link"])
  }
}
