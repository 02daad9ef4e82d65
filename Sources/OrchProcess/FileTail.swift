#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A line that somebody appended to a file.
package struct TailedLine: Hashable, Sendable {
  /// Without the line feed.
  package var bytes: [UInt8]
  /// Whether the line was longer than the bound and lost its end.
  package var isCut: Bool
  /// Where the next line begins: a tail that starts there goes on after this line.
  package var endOffset: Int64

  /// The line as text; bytes that are not UTF-8 are replaced.
  package var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Reads the lines that are appended to a file, in memory bounded by the longest line it is willing to deliver.
package struct FileTail: Sendable {
  package let path: String
  /// Longest line in bytes that is delivered whole.
  package let lineLimit: Int
  /// How often the file turned out shorter than what was read of it, and was read again from its beginning.
  package private(set) var restarts = 0

  private var position: Int64
  private var pending: [UInt8] = []
  private var isCutting = false
  private static let chunk = 128 << 10

  /// - Parameter offset: Where a line begins, such as ``TailedLine/endOffset``.
  package init(path: String, offset: Int64 = 0, lineLimit: Int = 4 << 20) {
    self.path = path
    self.lineLimit = max(1, lineLimit)
    position = max(0, offset)
  }

  /// The complete lines since the last call, at most `limit` of them; none when the file does not exist yet.
  package mutating func readLines(limit: Int = 1000) throws(ProcessError) -> [TailedLine] {
    var lines: [TailedLine] = []
    let file: Descriptor
    do throws(ProcessError) {
      file = try Descriptor.open(path, O_RDONLY | O_NONBLOCK)
    } catch {
      if case .systemCall(_, _, ENOENT) = error { return [] }
      throw error
    }
    try restartIfShorter(file)
    while lines.count < limit {
      guard lseek(file.raw, off_t(position), SEEK_SET) >= 0 else {
        throw .systemCall(operation: "reading", path: path, errno: errno)
      }
      var bytes: [UInt8] = []
      switch file.read(into: &bytes, limit: Self.chunk) {
      case .bytes: take(bytes, into: &lines, limit: limit)
      case .end, .wouldBlock: return lines
      case .failed(let code): throw .systemCall(operation: "reading", path: path, errno: code)
      }
    }
    return lines
  }

  /// What follows the last line feed, once the writer has ended; nil when there is nothing.
  package mutating func readRest() -> TailedLine? {
    guard !pending.isEmpty || isCutting else { return nil }
    return finishLine()
  }

  private mutating func take(_ bytes: [UInt8], into lines: inout [TailedLine], limit: Int) {
    var rest = bytes[...]
    while !rest.isEmpty && lines.count < limit {
      let end = firstIndex(of: UInt8(ascii: "\n"), in: rest)
      let part = rest[..<(end ?? rest.endIndex)]
      let room = lineLimit - pending.count
      pending += part.prefix(room)
      if part.count > room { isCutting = true }
      position += Int64(part.count)
      rest = rest[part.endIndex...]
      guard end != nil else { return }
      position += 1
      rest = rest.dropFirst()
      lines.append(finishLine())
    }
  }

  private mutating func finishLine() -> TailedLine {
    defer {
      pending = []
      isCutting = false
    }
    return TailedLine(bytes: pending, isCut: isCutting, endOffset: position)
  }

  private mutating func restartIfShorter(_ file: borrowing Descriptor) throws(ProcessError) {
    var status = stat()
    guard fstat(file.raw, &status) == 0 else { throw .systemCall(operation: "reading", path: path, errno: errno) }
    guard Int64(status.st_size) < position else { return }
    position = 0
    pending = []
    isCutting = false
    restarts += 1
  }
}
