/// Where the frontmatter of a file is. All offsets count bytes from the beginning of the file.
package struct FrontMatter: Hashable, Sendable {
  /// The YAML between the two lines of dashes.
  package let content: Range<Int>
  /// First byte of the closing line; nil when there is none.
  package let closing: Int?
  /// First byte behind the closing line; the end of the file when there is none.
  package let bodyStart: Int

  /// Finds the frontmatter; nil when the first line is not `---`.
  ///
  /// Both lines are exactly three dashes; blanks may follow. A byte order mark is skipped. Lines end with LF, CRLF or
  /// CR.
  package init?(_ bytes: [UInt8]) {
    let first = FrontMatter.textStart(bytes)
    guard FrontMatter.isFence(bytes, at: first) else { return nil }
    let start = FrontMatter.nextLine(bytes, after: first)
    var line = start
    while line < bytes.count {
      if FrontMatter.isFence(bytes, at: line) {
        content = start..<line
        closing = line
        bodyStart = FrontMatter.nextLine(bytes, after: line)
        return
      }
      line = FrontMatter.nextLine(bytes, after: line)
    }
    content = start..<bytes.count
    closing = nil
    bodyStart = bytes.count
  }

  /// The first byte behind a byte order mark.
  package static func textStart(_ bytes: [UInt8]) -> Int {
    bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
  }

  private static func isFence(_ bytes: [UInt8], at line: Int) -> Bool {
    guard line + 3 <= bytes.count, bytes[line] == 0x2D, bytes[line + 1] == 0x2D, bytes[line + 2] == 0x2D else {
      return false
    }
    var i = line + 3
    while i < bytes.count, bytes[i] == 0x20 || bytes[i] == 0x09 { i += 1 }
    return i == bytes.count || bytes[i] == 0x0A || bytes[i] == 0x0D
  }

  private static func nextLine(_ bytes: [UInt8], after line: Int) -> Int {
    bytes.withUnsafeBufferPointer { bytes in
      var i = line
      while i < bytes.count, bytes[i] != 0x0A, bytes[i] != 0x0D { i += 1 }
      guard i < bytes.count else { return i }
      let isPair = bytes[i] == 0x0D && i + 1 < bytes.count && bytes[i + 1] == 0x0A
      return i + (isPair ? 2 : 1)
    }
  }
}
