/// Turns byte offsets of a text into lines and byte columns, both from 1.
///
/// A line ends with LF, CRLF or a lone CR, as in CommonMark; other Unicode line separators are ordinary characters.
package struct LineIndex: Hashable, Sendable {
  /// Offset of the first byte of every line.
  private let starts: [Int]
  /// Number of the line at `starts[0]`.
  private let firstLine: Int

  /// Indexes `bytes[range]`.
  ///
  /// - Parameters:
  ///   - firstLine: The number of the line that begins at the lower bound of `range`.
  ///   - lastLine: What follows this line need not be found.
  package init(_ bytes: [UInt8], in range: Range<Int>? = nil, firstLine: Int = 1, lastLine: Int = .max) {
    let range = (range ?? 0..<bytes.count).clamped(to: 0..<bytes.count)
    var starts = [range.lowerBound]
    bytes.withUnsafeBufferPointer { bytes in
      var i = range.lowerBound
      while i < range.upperBound, starts.count <= lastLine - firstLine + 1 {
        let byte = bytes[i]
        i += 1
        if byte == 0x0A || (byte == 0x0D && !(i < bytes.count && bytes[i] == 0x0A)) { starts.append(i) }
      }
    }
    self.starts = starts
    self.firstLine = firstLine
  }

  /// Where the byte at `offset` is; an offset outside the text gives the nearest place inside it.
  package func place(of offset: Int) -> (line: Int, column: Int) {
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if starts[middle] <= offset { low = middle } else { high = middle }
    }
    return (firstLine + low, max(0, offset - starts[low]) + 1)
  }

  /// The bytes of a line without its ending; nil when there is no such line.
  package func range(ofLine line: Int, in bytes: [UInt8]) -> Range<Int>? {
    let index = line - firstLine
    guard starts.indices.contains(index) else { return nil }
    let start = min(starts[index], bytes.count)
    var end = index + 1 < starts.count ? min(starts[index + 1], bytes.count) : bytes.count
    if end > start, bytes[end - 1] == 0x0A { end -= 1 }
    if end > start, bytes[end - 1] == 0x0D { end -= 1 }
    return start..<end
  }
}
