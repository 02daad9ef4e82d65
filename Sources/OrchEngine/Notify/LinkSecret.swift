import OrchFiles

/// What links are sealed with: 256 bits in `link.key` of the state directory. Without the file no link is valid.
package enum LinkSecret {
  static func path(_ home: String) -> String { "\(home)/link.key" }

  /// - Returns: Nil when nobody has made one.
  /// - Throws: ``EngineError`` for a file that is not one of ours: a short secret could be guessed.
  package static func read(_ home: String) throws -> [UInt8]? {
    let bytes: [UInt8]
    do {
      bytes = try FileReader.read(path(home), limit: 1024, followingLinks: false)
    } catch {
      guard error.isMissing else { throw error }
      return nil
    }
    guard bytes.count == 64 else {
      throw EngineError.unavailable("'\(path(home))' is damaged; delete it, which makes all links in notices invalid")
    }
    return bytes
  }

  /// The secret; made when there is none.
  static func make(_ home: String) throws -> [UInt8] {
    if let secret = try read(home) { return secret }
    var generator = SystemRandomNumberGenerator()
    let digits = Array("0123456789abcdef".utf8)
    let secret = (0..<64).map { _ in digits[Int.random(in: 0..<16, using: &generator)] }
    do throws(FileError) {
      try AtomicFile.write(path(home), secret)
    } catch {
      guard case .alreadyExists = error else { throw error }
    }
    // Another process may have been faster, and its secret counts.
    return try read(home) ?? secret
  }
}
