import OrchFiles

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The few things that the engine does to files of its own: private, and never through a link of somebody else's.
enum FileTree {
  /// Largest file that is read whole.
  private static let limit = 64 << 20

  /// How many threads are worth starting for work on files.
  static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  static func makeDirectories(_ path: String) throws { try DirectoryTree.make(path, mode: 0o700) }
  static func removeIfPresent(_ path: String) throws { try DirectoryTree.remove(path) }
  static func read(_ path: String) throws -> [UInt8] { try FileReader.read(path, limit: limit) }

  static func write(_ path: String, _ bytes: [UInt8]) throws {
    try AtomicFile.write(path, bytes, mode: 0o600, overwriting: true)
  }

  /// Whether something is at `path`, also a link that leads nowhere.
  static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// Where a symbolic link leads, as written; nil for everything else.
  static func linkTarget(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let count = readlink(path, &buffer, buffer.count)
    return count < 0 ? nil : String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Whether it is a file that we may run.
  static func isProgram(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
  }

  /// The first line of a script; nil for everything else.
  static func shebang(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = buffer.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, 0) }
    guard count > 2, buffer.starts(with: Array("#!".utf8)) else { return nil }
    return String(decoding: buffer.prefix(count).prefix { $0 != 0x0A }, as: UTF8.self)
  }

  /// Where the runtime is that this program, and the supervisor built with it, are linked with; empty when it is a part
  /// of them.
  static func runtimeDirectories() throws -> [String] {
    guard exists("/proc/self/maps") else { return [] }
    let libraries = String(decoding: try read("/proc/self/maps"), as: UTF8.self).split(separator: "\n").filter {
      $0.hasSuffix("/libswiftCore.so")
    }
    return Set(
      libraries.compactMap { line in
        line.firstIndex(of: "/").map { String(line[$0...].dropLast("/libswiftCore.so".count)) }
      }
    ).sorted()
  }

  /// Whether a regular file is at `path`, and no link.
  static func isFile(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// Whether a directory is at `path`, and no link.
  static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Gives a file or directory another name on the same disk.
  static func move(_ path: String, to target: String) throws {
    guard rename(path, target) == 0 else {
      throw EngineError.invalid("cannot rename \(path) to \(target): \(errorText(errno))")
    }
  }

  /// The last bytes of a text file; empty when there is none.
  static func tail(_ path: String, limit: Int) throws -> String {
    guard exists(path) else { return "" }
    let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW)
    guard file >= 0 else { throw EngineError.invalid("cannot read \(path): \(errorText(errno))") }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw EngineError.invalid("cannot read \(path): \(errorText(errno))") }
    let start = max(0, Int(status.st_size) - limit)
    var buffer = [UInt8](repeating: 0, count: Int(status.st_size) - start)
    let count = buffer.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, off_t(start)) }
    guard count >= 0 else { throw EngineError.invalid("cannot read \(path): \(errorText(errno))") }
    return String(decoding: buffer.prefix(count), as: UTF8.self)
  }

  /// Links `path` of one directory into another; what is missing or already there is left alone.
  static func linkIfPresent(_ path: String, from source: String, to target: String) throws {
    guard isInside(path), exists("\(source)/\(path)"), !exists("\(target)/\(path)") else { return }
    try makeParent(of: path, in: target)
    guard symlink("\(source)/\(path)", "\(target)/\(path)") == 0 else {
      throw EngineError.invalid("cannot link \(target)/\(path): \(errorText(errno))")
    }
  }

  /// Copies one file with its mode; what is missing or already there is left alone.
  static func copyIfPresent(_ path: String, from source: String, to target: String) throws {
    guard isInside(path), exists("\(source)/\(path)"), !exists("\(target)/\(path)") else { return }
    var status = stat()
    guard stat("\(source)/\(path)", &status) == 0 else { return }
    try makeParent(of: path, in: target)
    try AtomicFile.write("\(target)/\(path)", try read("\(source)/\(path)"), mode: UInt32(status.st_mode) & 0o7777)
  }

  /// Makes the directory that holds `path`, and refuses when a link on the way leads out of `root`.
  static func makeParent(of path: String, in root: String) throws {
    var parent = ""
    for name in path.split(separator: "/").dropLast() {
      parent += (parent.isEmpty ? "" : "/") + name
      if mkdir("\(root)/\(parent)", 0o755) != 0, errno != EEXIST {
        throw EngineError.invalid("cannot make the directory \(root)/\(parent): \(errorText(errno))")
      }
      let real = try ResolvedPath("\(root)/\(parent)").text
      guard real.hasPrefix(try ResolvedPath(root).text + "/") else {
        throw EngineError.invalid("\(root)/\(parent) leads out of the worktree, to \(real), so nothing is put there")
      }
    }
  }

  /// Whether a configured path stays below the directory that it is relative to.
  private static func isInside(_ path: String) -> Bool {
    !path.isEmpty && !path.hasPrefix("/") && !path.split(separator: "/").contains("..")
  }
}

/// The system's text for an error number.
func errorText(_ code: Int32) -> String { String(cString: strerror(code)) }
