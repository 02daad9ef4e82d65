#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The errno values that we decide by, and their texts.
enum SystemCode {
  static let noEntry = ENOENT
  static let notDirectory = ENOTDIR

  static var last: Int32 { errno }

  /// The system's sentence for an errno.
  static func text(_ code: Int32) -> String { strerror(code).map { String(cString: $0) } ?? "error \(code)" }
}

/// An open descriptor, closed with its owner. Never inherited by a program that we start.
struct Descriptor: ~Copyable {
  let number: Int32

  /// Takes over a descriptor that is already open.
  init(owning number: Int32) { self.number = number }

  /// Opens `path` below the directory `base`, or from the current directory; `O_CLOEXEC` and `O_NOCTTY` are added.
  init(
    open path: String, at base: Int32 = AT_FDCWD, _ flags: Int32, mode: mode_t = 0, operation: String = "open",
    shown: String? = nil
  ) throws(FileError) {
    guard !path.hasNUL else { throw .badPath(path: path) }
    var result = openat(base, path, flags | O_CLOEXEC | O_NOCTTY, mode)
    while result < 0, errno == EINTR { result = openat(base, path, flags | O_CLOEXEC | O_NOCTTY, mode) }
    guard result >= 0 else { throw .system(operation: operation, path: shown ?? path, code: errno) }
    number = result
  }

  deinit { close(number) }

  /// The descriptor, which the caller now has to close.
  consuming func relinquish() -> Int32 {
    let result = number
    discard self
    return result
  }

  borrowing func status(of path: String) throws(FileError) -> FileStatus {
    var info = stat()
    guard fstat(number, &info) == 0 else { throw .system(operation: "inspect", path: path, code: errno) }
    return FileStatus(info)
  }

  /// Writes all of `bytes` at the current place.
  borrowing func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    let code: Int32 = bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        #if canImport(Glibc)
          let count = Glibc.write(number, buffer.baseAddress?.advanced(by: done), buffer.count - done)
        #else
          let count = Darwin.write(number, buffer.baseAddress?.advanced(by: done), buffer.count - done)
        #endif
        if count < 0 {
          if errno == EINTR { continue }
          return errno
        }
        done += count
      }
      return 0
    }
    guard code == 0 else { throw .system(operation: "write", path: path, code: code) }
  }

  /// Waits until the bytes are on the disk.
  borrowing func synchronize(_ path: String) throws(FileError) {
    var result = fsync(number)
    while result != 0, errno == EINTR { result = fsync(number) }
    // Some file systems have no fsync for directories and say so; there is nothing more to be had from them.
    guard result == 0 || errno == EINVAL || errno == ENOTSUP else {
      throw .system(operation: "sync", path: path, code: errno)
    }
  }
}

/// The parts of `struct stat` that we use, with the same names on Linux and macOS.
struct FileStatus: Hashable {
  var device: UInt64
  var inode: UInt64
  var size: Int64
  /// Nanoseconds since 1970.
  var modified: Int64
  /// Nanoseconds since 1970, of the last change of content or attributes.
  var changed: Int64
  var mode: UInt32
  var owner: uid_t
  var group: gid_t

  init(_ info: stat) {
    device = UInt64(truncatingIfNeeded: info.st_dev)
    inode = UInt64(truncatingIfNeeded: info.st_ino)
    size = Int64(info.st_size)
    #if canImport(Glibc)
      let (modified, changed) = (info.st_mtim, info.st_ctim)
    #else
      let (modified, changed) = (info.st_mtimespec, info.st_ctimespec)
    #endif
    self.modified = Int64(modified.tv_sec) &* 1_000_000_000 &+ Int64(modified.tv_nsec)
    self.changed = Int64(changed.tv_sec) &* 1_000_000_000 &+ Int64(changed.tv_nsec)
    mode = UInt32(info.st_mode)
    owner = info.st_uid
    group = info.st_gid
  }

  /// - Parameter following: Whether a symbolic link at the end of `path` is followed.
  init(path: String, at base: Int32 = AT_FDCWD, following: Bool, shown: String? = nil) throws(FileError) {
    guard !path.hasNUL else { throw .badPath(path: path) }
    var info = stat()
    guard fstatat(base, path, &info, following ? 0 : AT_SYMLINK_NOFOLLOW) == 0 else {
      throw .system(operation: "inspect", path: shown ?? path, code: errno)
    }
    self.init(info)
  }

  var kind: FileKind {
    switch mode & UInt32(S_IFMT) {
    case UInt32(S_IFREG): .regular
    case UInt32(S_IFDIR): .directory
    case UInt32(S_IFLNK): .link
    case UInt32(S_IFIFO): .fifo
    case UInt32(S_IFSOCK): .socket
    case UInt32(S_IFCHR), UInt32(S_IFBLK): .device
    default: .unknown
    }
  }
}

extension String {
  /// Whether the system would see only a part of it. Looked at where the bytes are: through the string, one by one, it
  /// takes longer than to open a file.
  var hasNUL: Bool { utf8.withContiguousStorageIfAvailable { $0.contains(0) } ?? utf8.contains(0) }
}
