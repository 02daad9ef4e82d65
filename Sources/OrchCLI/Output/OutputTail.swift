import OrchEngine

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The end of what a process printed into a file.
enum OutputTail {
  /// At most `limit` bytes, from the beginning of a line when anything was left out; empty when there is no file.
  static func read(_ path: String, limit: Int) throws -> String {
    let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW)
    guard file >= 0 else {
      if errno == ENOENT { return "" }
      throw EngineError.invalid("cannot read \(path): \(String(cString: strerror(errno)))")
    }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else {
      throw EngineError.invalid("cannot read \(path): \(String(cString: strerror(errno)))")
    }
    let size = Int(clamping: status.st_size)
    let start = max(0, size - limit)
    var buffer = [UInt8](repeating: 0, count: size - start)
    let count = buffer.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, off_t(start)) }
    guard count >= 0 else { throw EngineError.invalid("cannot read \(path): \(String(cString: strerror(errno)))") }
    var bytes = buffer.prefix(count)
    if start > 0, let end = bytes.firstIndex(of: UInt8(ascii: "\n")) { bytes = bytes[(end + 1)...] }
    return String(decoding: bytes, as: UTF8.self)
  }
}
