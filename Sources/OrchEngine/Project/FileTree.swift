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
    try makeParent(of: "\(target)/\(path)")
    guard symlink("\(source)/\(path)", "\(target)/\(path)") == 0 else {
      throw EngineError.invalid("cannot link \(target)/\(path): \(errorText(errno))")
    }
  }

  /// Copies one file with its mode; what is missing or already there is left alone.
  static func copyIfPresent(_ path: String, from source: String, to target: String) throws {
    guard isInside(path), exists("\(source)/\(path)"), !exists("\(target)/\(path)") else { return }
    var status = stat()
    guard stat("\(source)/\(path)", &status) == 0 else { return }
    try makeParent(of: "\(target)/\(path)")
    try AtomicFile.write("\(target)/\(path)", try read("\(source)/\(path)"), mode: UInt32(status.st_mode) & 0o7777)
  }

  private static func makeParent(of path: String) throws {
    guard let slash = path.lastIndex(of: "/") else { return }
    try DirectoryTree.make(String(path[..<slash]), mode: 0o755)
  }

  /// Whether a configured path stays below the directory that it is relative to.
  private static func isInside(_ path: String) -> Bool {
    !path.isEmpty && !path.hasPrefix("/") && !path.split(separator: "/").contains("..")
  }
}

/// The system's text for an error number.
func errorText(_ code: Int32) -> String { String(cString: strerror(code)) }
