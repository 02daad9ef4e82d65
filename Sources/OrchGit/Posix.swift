#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The few file operations that this module needs, with errors that say which path.
enum Posix {
  struct Info: Hashable {
    enum Kind: Hashable { case regular, directory, link, other }
    var kind: Kind
    /// Permission bits only.
    var mode: UInt32
    var device: UInt64
    var inode: UInt64
    var owner: UInt32
    var group: UInt32
    var size: Int
  }

  static func message(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }

  private static func isAbsence(_ code: Int32) -> Bool { code == ENOENT || code == ENOTDIR }

  /// What is at `path`, without following a link there; nil when nothing is.
  static func info(_ path: String) throws(GitError) -> Info? {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else {
      let code = errno
      if isAbsence(code) { return nil }
      throw .file(operation: "look at", path: path, errno: code)
    }
    return info(status)
  }

  private static func info(_ status: stat) -> Info {
    let kind: Info.Kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .directory
      case S_IFLNK: .link
      default: .other
      }
    return Info(
      kind: kind, mode: UInt32(status.st_mode & 0o7777), device: UInt64(truncatingIfNeeded: status.st_dev),
      inode: UInt64(status.st_ino), owner: status.st_uid, group: status.st_gid, size: Int(status.st_size))
  }

  static func exists(_ path: String) throws(GitError) -> Bool { try info(path) != nil }

  /// The whole file; nil when it is absent. Follows links.
  static func read(_ path: String, limit: Int = 1 << 28) throws(GitError) -> [UInt8]? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let code = errno
      if isAbsence(code) { return nil }
      throw .file(operation: "read", path: path, errno: code)
    }
    defer { close(descriptor) }
    return try contents(of: descriptor, path: path, limit: limit)
  }

  static func contents(of descriptor: Int32, path: String, limit: Int = 1 << 28) throws(GitError) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= limit {
      let count = unsafe readSome(descriptor, &buffer, buffer.count)
      if count == 0 { return bytes }
      if count > 0 {
        bytes += buffer[..<count]
      } else if errno != EINTR {
        throw .file(operation: "read", path: path, errno: errno)
      }
    }
    throw .file(operation: "read", path: path, errno: EFBIG)
  }

  /// The first line of a small text file without white space at its end; nil when it is absent.
  static func line(_ path: String) throws(GitError) -> String? {
    guard let bytes = try read(path, limit: 65_536) else { return nil }
    let line = String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
    return String(line.reversed().drop { $0 == "\r" || $0 == " " }.reversed())
  }

  static func linkTarget(_ path: String) throws(GitError) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = unsafe buffer.withUnsafeMutableBytes { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { target in
        unsafe target.baseAddress.map { unsafe readlink(path, $0, target.count) } ?? -1
      }
    }
    guard count >= 0 else {
      let code = errno
      if isAbsence(code) || code == EINVAL { return nil }
      throw .file(operation: "read the link", path: path, errno: code)
    }
    return Array(buffer[..<count])
  }

  /// Names in the directory, sorted, without `.` and `..`; empty when it is absent.
  static func list(_ path: String) throws(GitError) -> [String] {
    guard let stream = unsafe opendir(path) else {
      let code = errno
      if isAbsence(code) { return [] }
      throw .file(operation: "list", path: path, errno: code)
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// `path` with every link resolved; nil when it does not exist.
  static func realPath(_ path: String) -> String? {
    guard let resolved = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  /// Makes the directory and its parents; those that exist are fine.
  static func makeDirectories(_ path: String) throws(GitError) {
    if unsafe mkdir(path, 0o777) == 0 || errno == EEXIST { return }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
      throw .file(operation: "make the directory", path: path, errno: errno)
    }
    try makeDirectories(String(path[..<slash]))
    guard unsafe mkdir(path, 0o777) == 0 || errno == EEXIST else {
      throw .file(operation: "make the directory", path: path, errno: errno)
    }
  }

  static func move(_ from: String, to: String) throws(GitError) {
    guard unsafe rename(from, to) == 0 else {
      throw .file(operation: "rename to \(to)", path: from, errno: errno)
    }
  }

  /// Removes a file or link; absent is fine.
  static func remove(_ path: String) throws(GitError) {
    guard unsafe unlink(path) == 0 || isAbsence(errno) else {
      throw .file(operation: "remove", path: path, errno: errno)
    }
  }

  /// Whether the path leads to a file that may be executed.
  static func mayExecute(_ path: String) -> Bool {
    var status = stat()
    guard stat_(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
    return unsafe access(path, X_OK) == 0
  }

  static func mayRead(_ path: String) -> Bool { unsafe access(path, R_OK) == 0 }

  /// Why no files may be made and removed in a directory; nil when they may.
  static func refusalToFill(_ directory: String) -> Int32? {
    unsafe access(directory, W_OK | X_OK) == 0 ? nil : errno
  }
}

/// `stat` by a name that is not also the struct's.
private func stat_(_ path: String, _ status: inout stat) -> Int32 { unsafe stat(path, &status) }

/// `read` by a name that the methods of ``Posix`` do not hide.
private func readSome(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
  unsafe read(descriptor, buffer, count)
}
