import OrchProcess
import OrchReview

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Blots secrets out of files that a program has written, in their place, so that who reads one stays where it is.
enum MaskedFile {
  /// Large enough for a private key on the border of two parts.
  private static let overlap = 32 << 10
  private static let part = 4 << 20

  /// The streams of a run that has ended.
  static func maskStreams(in runDirectory: String, _ mask: SecretMask) throws {
    for path in [RunFiles.stdout(in: runDirectory), RunFiles.stderr(in: runDirectory)] where FileTree.exists(path) {
      try apply(mask, to: path)
    }
  }

  private static func apply(_ mask: SecretMask, to path: String) throws {
    let file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    guard file >= 0 else { throw EngineError.invalid("cannot mask \(path): \(errorText(errno))") }
    defer { close(file) }
    var offset = 0
    while true {
      var bytes = [UInt8](repeating: 0, count: part + overlap)
      let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, off_t(offset)) }
      guard count >= 0 else { throw EngineError.invalid("cannot mask \(path): \(errorText(errno))") }
      bytes.removeLast(bytes.count - count)
      let masked = mask.masked(bytes)
      if masked != bytes {
        let written = masked.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, off_t(offset)) }
        guard written == count else { throw EngineError.invalid("cannot mask \(path): \(errorText(errno))") }
      }
      if count < part + overlap { return }
      offset += part
    }
  }
}
