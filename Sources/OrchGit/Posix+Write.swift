#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Posix {
  /// Makes a new file; nil when there already is one. The caller closes the descriptor.
  static func create(_ path: String, mode: UInt32 = 0o666) throws(GitError) -> Int32? {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode))
    if descriptor >= 0 { return descriptor }
    if errno == EEXIST { return nil }
    throw .file(operation: "create", path: path, errno: errno)
  }

  static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(GitError) {
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes[done...].withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        done += count
      } else if count < 0, errno != EINTR {
        throw .file(operation: "write", path: path, errno: errno)
      }
    }
  }

  /// Writes a whole new file at `path`, replacing what is there by rename; for files of our own.
  static func writeFile(_ path: String, _ bytes: [UInt8]) throws(GitError) {
    let temporary = path + ".orch"
    try remove(temporary)
    guard let descriptor = try create(temporary) else {
      throw .file(operation: "create", path: temporary, errno: EEXIST)
    }
    defer { close(descriptor) }
    try writeAll(bytes, to: descriptor, path: temporary)
    try move(temporary, to: path)
  }

  /// Gives a file a second name; false when something already has that name.
  static func linkNew(_ from: String, to: String) throws(GitError) -> Bool {
    if unsafe link(from, to) == 0 { return true }
    if errno == EEXIST { return false }
    throw .file(operation: "link to \(to)", path: from, errno: errno)
  }

  /// Copies an index. Its modification time is copied too: git takes an entry that is younger than its index for
  /// possibly changed, so a copy with a new time would make such an entry look clean.
  static func copyIndex(_ from: String, to: String) throws(GitError) {
    let source = unsafe open(from, O_RDONLY | O_CLOEXEC)
    guard source >= 0 else { throw .file(operation: "read", path: from, errno: errno) }
    defer { close(source) }
    var status = stat()
    guard unsafe fstat(source, &status) == 0 else { throw .file(operation: "look at", path: from, errno: errno) }
    let bytes = try contents(of: source, path: from, limit: 1 << 30)
    try remove(to)
    guard let target = try create(to, mode: UInt32(status.st_mode & 0o777)) else {
      throw .file(operation: "create", path: to, errno: EEXIST)
    }
    defer { close(target) }
    try writeAll(bytes, to: target, path: to)
    #if canImport(Darwin)
      let times = [status.st_atimespec, status.st_mtimespec]
    #else
      let times = [status.st_atim, status.st_mtim]
    #endif
    guard unsafe futimens(target, times) == 0 else { throw .file(operation: "date", path: to, errno: errno) }
  }

  /// Takes the advisory lock of an open file; the kernel gives it back when the process ends, however it ends.
  static func tryLock(_ descriptor: Int32) -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

  static func openForLock(_ path: String) throws(GitError) -> Int32? {
    let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
    if descriptor >= 0 { return descriptor }
    if errno == ENOENT { return nil }
    throw .file(operation: "open", path: path, errno: errno)
  }

  /// Closing alone is not enough: a child that another thread is just starting holds a copy until it runs its program.
  static func unlock(_ descriptor: Int32) {
    _ = flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  static func closeDescriptor(_ descriptor: Int32) { close(descriptor) }

  /// Sets the time of the last change, in seconds since 1970.
  static func setTime(_ path: String, seconds: Int) throws(GitError) {
    let times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 0)]
    guard unsafe utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) == 0 else {
      throw .file(operation: "set the time of", path: path, errno: errno)
    }
  }
}
