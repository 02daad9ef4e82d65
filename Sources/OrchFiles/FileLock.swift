import CPosix
package import OrchDomain
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// An exclusive lock between processes, held until ``release()``, the end of its owner, or the death of the process.
///
/// The kernel releases it, so a lock never outlives its holder; the file stays and only tells who held it last.
package final class FileLock: Sendable {
  /// Who holds a lock, as the holder wrote it.
  package struct Holder: Hashable, Sendable {
    package var process: Int32
    /// In the unit of `cposix_start_time`: with the pid it names one process for ever.
    package var processStart: UInt64
    package var host: String
    package var since: Timestamp
    /// What the lock is held for, one line.
    package var purpose: String
  }

  private let descriptor: Mutex<Int32>
  package let holder: Holder

  /// Takes the lock at once, or not at all.
  ///
  /// - Parameters:
  ///   - path: Created with mode 0600 when it isn't there; its directory must exist.
  ///   - purpose: Shown to whoever finds the lock taken, such as `start --all`.
  ///   - now: Shown as the moment since when it is held.
  /// - Throws: ``FileLockError/held(path:by:)`` when another process, or another lock of this one, has it.
  package init(_ path: String, purpose: String, now: Timestamp) throws(FileLockError) {
    holder = Holder(
      process: getpid(), processStart: FileLock.startOfThisProcess(), host: FileLock.hostName(), since: now,
      purpose: SafeText.line(purpose, limit: 200))
    let file = try FileLock.lock(path)
    do { try FileLock.write(holder, to: file, path: path) } catch { throw .file(error) }
    descriptor = Mutex(file.relinquish())
  }

  deinit { release() }

  /// Gives the lock back; a second call does nothing.
  package func release() {
    descriptor.withLock { number in
      guard number >= 0 else { return }
      // Emptied while still locked, so that nobody reads of a holder who has left.
      _ = ftruncate(number, 0)
      // Closing alone is not enough: a child that is just starting holds a copy until it runs its program.
      flock(number, LOCK_UN)
      close(number)
      number = -1
    }
  }

  /// Who holds the lock at `path` now; nil when it is free, or when its holder has not yet said so.
  package static func holder(of path: String) throws(FileError) -> Holder? {
    do {
      let file = try Descriptor(open: path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW, operation: "read the lock")
      // A shared lock that we get is the proof that nobody holds it, whatever the file says.
      if flock(file.number, LOCK_SH | LOCK_NB) == 0 { return nil }
      return Holder(text: String(decoding: try FileReader.read(file, path: path, limit: 4096).bytes, as: UTF8.self))
    } catch {
      if error.isMissing { return nil }
      throw error
    }
  }

  /// - Parameter afterOpen: Runs between opening and locking; tests delete the file there.
  static func lock(_ path: String, afterOpen: () -> Void = {}) throws(FileLockError) -> Descriptor {
    var isHeld = false
    for _ in 0..<50 {
      do throws(FileError) {
        let file = try Descriptor(
          open: path, O_RDWR | O_CREAT | O_NONBLOCK | O_NOFOLLOW, mode: 0o600, operation: "open the lock")
        afterOpen()
        isHeld = try !take(file, path: path)
        if !isHeld {
          // Somebody may delete the file between our open and our lock; then we hold one that nobody else can see.
          let own = try file.status(of: path)
          // Without a reason because a path that cannot be looked at is not our file.
          if let named = try? FileStatus(path: path, following: false), named.inode == own.inode,
            named.device == own.device
          {
            return file
          }
          continue
        }
      } catch { throw .file(error) }
      // Without a reason because the holder is only for the text.
      if let holder = try? holder(of: path) { throw .held(path: path, by: holder) }
      // Somebody has only looked who holds it, which takes a moment, or has not yet written that it is theirs.
      usleep(2000)
    }
    throw isHeld ? .held(path: path, by: nil) : .file(.changed(path: path))
  }

  /// Whether the lock was free; it is then ours.
  private static func take(_ file: borrowing Descriptor, path: String) throws(FileError) -> Bool {
    var result = flock(file.number, LOCK_EX | LOCK_NB)
    while result != 0, errno == EINTR { result = flock(file.number, LOCK_EX | LOCK_NB) }
    guard result != 0 else { return true }
    guard errno == EWOULDBLOCK else { throw .system(operation: "lock", path: path, code: errno) }
    return false
  }

  private static func write(_ holder: Holder, to file: borrowing Descriptor, path: String) throws(FileError) {
    guard ftruncate(file.number, 0) == 0 else { throw .system(operation: "write the lock", path: path, code: errno) }
    try file.write(Array(holder.text.utf8), to: path)
  }

  private static func startOfThisProcess() -> UInt64 {
    var start: UInt64 = 0
    return cposix_start_time(getpid(), &start) == 0 ? start : 0
  }

  private static func hostName() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension FileLock.Holder {
  /// One `key value` per line; readable with `cat`.
  var text: String {
    "pid \(process)\nstarted \(processStart)\nhost \(host)\nsince \(since.milliseconds)\npurpose \(purpose)\n"
  }

  /// Nil for anything that isn't complete, as while it is being written.
  init?(text: String) {
    var fields: [Substring: Substring] = [:]
    guard text.utf8.last == UInt8(ascii: "\n") else { return nil }
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { fields[parts[0]] = parts[1] }
    }
    guard let process = fields["pid"].flatMap({ Int32($0) }), let start = fields["started"].flatMap({ UInt64($0) }),
      let host = fields["host"], let since = fields["since"].flatMap({ Int64($0) }), let purpose = fields["purpose"]
    else { return nil }
    self.init(
      process: process, processStart: start, host: String(host), since: Timestamp(milliseconds: since),
      purpose: String(purpose))
  }
}

/// Why a lock was not taken.
package enum FileLockError: Error, Hashable, Sendable {
  /// Nil when the holder could not be read.
  case held(path: String, by: FileLock.Holder?)
  case file(FileError)
}

extension FileLockError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .held(let path, let holder?):
      "'\(path)' is locked by process \(holder.process) on \(holder.host) since \(holder.since.rfc3339)"
        + " for '\(holder.purpose)'; wait for it or stop it"
    case .held(let path, nil): "'\(path)' is locked by another process; wait for it or stop it"
    case .file(let error): error.description
    }
  }
}
