#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The files of a run directory.
package enum RunFiles {
  /// Grows while the run lasts; see ``FileTail``.
  package static func stdout(in directory: String) -> String { "\(directory)/stdout" }
  /// As ``stdout(in:)``, for standard error.
  package static func stderr(in directory: String) -> String { "\(directory)/stderr" }
  static func pid(in directory: String) -> String { "\(directory)/pid" }
  static func exit(in directory: String) -> String { "\(directory)/exit" }
  static func stop(in directory: String) -> String { "\(directory)/stop" }

  /// The text of a small file; nil when there is none.
  static func read(_ path: String, limit: Int = 64 << 10) throws(ProcessError) -> String? {
    let file: Descriptor
    do throws(ProcessError) {
      file = try Descriptor.open(path, O_RDONLY | O_NONBLOCK)
    } catch {
      if case .systemCall(_, _, ENOENT) = error { return nil }
      throw error
    }
    var bytes: [UInt8] = []
    while bytes.count < limit {
      switch file.read(into: &bytes, limit: 4096) {
      case .bytes: continue
      case .end: return String(decoding: bytes, as: UTF8.self)
      case .wouldBlock: throw .systemCall(operation: "reading", path: path, errno: EAGAIN)
      case .failed(let code): throw .systemCall(operation: "reading", path: path, errno: code)
      }
    }
    throw .systemCall(operation: "reading", path: path, errno: EFBIG)
  }

  /// Replaces a small file, complete or not at all.
  static func replace(_ path: String, with text: String) throws(ProcessError) {
    let draft = path + ".draft"
    var file = try Descriptor.open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o600)
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      switch file.write(rest) {
      case .bytes(let count): rest = rest.dropFirst(count)
      case .failed(let code): throw .systemCall(operation: "writing", path: draft, errno: code)
      case .end, .wouldBlock: throw .systemCall(operation: "writing", path: draft, errno: EAGAIN)
      }
    }
    file.close()
    guard rename(draft, path) == 0 else { throw .systemCall(operation: "renaming", path: draft, errno: errno) }
  }
}
