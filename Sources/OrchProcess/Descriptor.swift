import CPosix

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file descriptor with one owner, closed on every path.
struct Descriptor: ~Copyable {
  /// -1 once closed.
  private(set) var raw: Int32

  init(_ raw: Int32) { self.raw = raw }

  deinit { if raw >= 0 { _ = systemClose(raw) } }

  var isOpen: Bool { raw >= 0 }

  mutating func close() {
    if raw >= 0 { _ = systemClose(raw) }
    raw = -1
  }

  /// Gives up the ownership.
  mutating func release() -> Int32 {
    defer { raw = -1 }
    return raw
  }

  enum Transfer: Equatable { case bytes(Int), end, wouldBlock, failed(Int32) }

  /// Appends what is there to `bytes`, at most `limit`; the descriptor does not block.
  func read(into bytes: inout [UInt8], limit: Int) -> Transfer {
    guard raw >= 0, limit > 0 else { return .end }
    var code: Int32 = 0
    let chunk = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      count = 0
      repeat {
        let got = systemRead(raw, buffer.baseAddress, limit)
        code = got < 0 ? errno : 0
        if got > 0 { count = got }
      } while code == EINTR
    }
    if code == EAGAIN || code == EWOULDBLOCK { return .wouldBlock }
    if code != 0 { return .failed(code) }
    bytes += chunk
    return chunk.isEmpty ? .end : .bytes(chunk.count)
  }

  /// Writes a part of `bytes` without raising SIGPIPE.
  func write(_ bytes: ArraySlice<UInt8>) -> Transfer {
    guard raw >= 0 else { return .failed(EPIPE) }
    let result = bytes.withUnsafeBytes { buffer in
      buffer.baseAddress.map { cposix_write(raw, $0, buffer.count) } ?? 0
    }
    if result == -Int(EAGAIN) || result == -Int(EWOULDBLOCK) { return .wouldBlock }
    return result < 0 ? .failed(Int32(truncatingIfNeeded: -result)) : .bytes(result)
  }

  /// A pipe that no child inherits.
  static func pipe() throws(ProcessError) -> Pair {
    var ends: [Int32] = [-1, -1]
    let code = cposix_pipe(&ends)
    guard code == 0 else { throw .systemCall(operation: "opening a pipe", path: nil, errno: -code) }
    return Pair(first: Descriptor(ends[0]), second: Descriptor(ends[1]))
  }

  /// Two connected sockets that no child inherits.
  static func sockets() throws(ProcessError) -> Pair {
    var ends: [Int32] = [-1, -1]
    let code = cposix_socket_pair(&ends)
    guard code == 0 else { throw .systemCall(operation: "opening a socket", path: nil, errno: -code) }
    return Pair(first: Descriptor(ends[0]), second: Descriptor(ends[1]))
  }

  static func open(_ path: String, _ flags: Int32, mode: mode_t = 0) throws(ProcessError) -> Descriptor {
    var raw: Int32
    repeat { raw = systemOpen(path, flags | O_CLOEXEC, mode) } while raw < 0 && errno == EINTR
    guard raw >= 0 else { throw .systemCall(operation: "opening", path: path, errno: errno) }
    return Descriptor(raw)
  }

  func setNonblocking() throws(ProcessError) {
    let code = cposix_set_nonblocking(raw)
    guard code == 0 else { throw .systemCall(operation: "preparing a pipe", path: nil, errno: -code) }
  }

  /// Both ends of a connection; of a pipe, the first reads.
  struct Pair: ~Copyable {
    var first: Descriptor
    var second: Descriptor
  }
}

/// As the method of the standard library, at the speed of `memchr` also in an unoptimised build.
func firstIndex(of byte: UInt8, in bytes: ArraySlice<UInt8>) -> Int? {
  bytes.withUnsafeBytes { buffer in
    guard let base = buffer.baseAddress, let found = memchr(base, Int32(byte), buffer.count) else { return nil }
    return bytes.startIndex + (UnsafeRawPointer(found) - base)
  }
}

// Under these names the calls can be told from the methods above.
private func systemClose(_ raw: Int32) -> Int32 { close(raw) }
private func systemRead(_ raw: Int32, _ buffer: UnsafeMutablePointer<UInt8>?, _ count: Int) -> Int {
  read(raw, buffer, count)
}
private func systemOpen(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 { open(path, flags, mode) }
