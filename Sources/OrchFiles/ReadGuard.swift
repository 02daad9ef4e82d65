#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Holds a lock file shared, so that nobody who takes it exclusively is at work meanwhile; freed with the value.
package struct ReadGuard: ~Copyable {
  private let descriptor: Int32

  /// Waits for whoever holds the lock exclusively, for two seconds at most: what they do takes milliseconds, and a
  /// reader must not wait for ever. A lock file that is not there is held by nobody.
  package init(_ path: String) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
    guard descriptor >= 0 else { return }
    for _ in 0..<400 {
      if flock(descriptor, LOCK_SH | LOCK_NB) == 0 { return }
      usleep(5000)
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}
