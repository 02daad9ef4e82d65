#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads whole regular files, and nothing that could make the reader wait or run out of memory.
package enum FileReader {
  /// 8 MiB: more than any plan, README or settings file that a person wrote.
  package static let defaultLimit = 8 << 20

  /// The bytes of a regular file.
  ///
  /// - Parameter followingLinks: Whether `path` itself may be a symbolic link; links above it are always followed.
  /// - Throws: ``FileError/tooLarge(path:limit:)`` above `limit` bytes, also when the file grows while it is read.
  package static func read(
    _ path: String, limit: Int = defaultLimit, followingLinks: Bool = true
  ) throws(FileError) -> [UInt8] {
    let file: Descriptor
    do {
      // Without O_NONBLOCK, a named pipe that somebody calls epic-01-x.md would stop us for ever.
      file = try Descriptor(
        open: path, O_RDONLY | O_NONBLOCK | (followingLinks ? 0 : O_NOFOLLOW), operation: "read")
    } catch {
      throw precise(error, path: path, followingLinks: followingLinks)
    }
    return try read(file, path: path, limit: limit).bytes
  }

  /// The bytes and the state of the file that they were read from.
  static func read(
    _ file: borrowing Descriptor, path: String, limit: Int
  ) throws(FileError) -> (bytes: [UInt8], status: FileStatus) {
    let status = try file.status(of: path)
    guard status.kind == .regular else { throw .notRegular(path: path, kind: status.kind) }
    guard status.size <= Int64(clamping: limit) else { throw .tooLarge(path: path, limit: limit) }
    var bytes: [UInt8] = []
    // One byte more than expected, so that the end is seen without another buffer.
    var room = Int(clamping: status.size) + 1
    while true {
      let part = try chunk(file.number, size: room, path: path)
      if bytes.isEmpty { bytes = part } else { bytes += part }
      guard bytes.count <= limit else { throw .tooLarge(path: path, limit: limit) }
      guard part.count == room else { return (bytes, status) }
      room = 64 * 1024
    }
  }

  /// Up to `size` bytes; fewer only at the end of the file, which is where all but the last of them are expected.
  private static func chunk(_ descriptor: Int32, size: Int, path: String) throws(FileError) -> [UInt8] {
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = Self.read(descriptor, UnsafeMutableRawPointer(buffer.baseAddress?.advanced(by: count)), size - count)
        if got == 0 { return }
        if got < 0 {
          if errno == EINTR { continue }
          code = errno
          return
        }
        count += got
        // A regular file that gives one byte less than the room, which was one more than its size, is at its end.
        if count == size - 1 { return }
      }
    }
    guard code == 0 else { throw .system(operation: "read", path: path, code: code) }
    return bytes
  }

  private static func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ size: Int) -> Int {
    #if canImport(Glibc)
      Glibc.read(descriptor, buffer, size)
    #else
      Darwin.read(descriptor, buffer, size)
    #endif
  }

  /// Says what stands at the path when `open` refused it for what it is.
  private static func precise(_ error: FileError, path: String, followingLinks: Bool) -> FileError {
    // Without a reason because then the first error says more.
    guard case .system(_, _, let code) = error, code == ENXIO || code == EOPNOTSUPP || code == ELOOP,
      let status = try? FileStatus(path: path, following: followingLinks), status.kind != .regular
    else { return error }
    return .notRegular(path: path, kind: status.kind)
  }

  /// Reads files on up to `width` threads and turns each into a value, in the order of `paths`.
  ///
  /// - Parameter transform: Called once per path, on any of the threads, with its index.
  package static func readAll<Value: Sendable>(
    _ paths: [String], width: Int, limit: Int = defaultLimit,
    transform: @escaping @Sendable (Int, Result<[UInt8], FileError>) -> Value
  ) -> [Value] {
    Parallel.map(count: paths.count, width: width) { index in
      transform(index, Result { () throws(FileError) in try read(paths[index], limit: limit) })
    }
  }
}
