/// Splits a line of a pipe table into cells, as cmark-gfm does: a pipe behind a backslash never ends a cell.
///
/// GFM splits before it looks for code spans, so `` `a|b` `` are two cells.
@safe
struct TableRowScanner {
  private let bytes: UnsafeRawBufferPointer
  init(_ bytes: UnsafeRawBufferPointer) { unsafe self.bytes = unsafe bytes }

  /// The trimmed range of every cell that the line has.
  ///
  /// - Parameter line: The row without line ending; leading white space and the first pipe are skipped.
  func cells(in line: Range<Int>) -> [Range<Int>] {
    var cells: [Range<Int>] = []
    var i = skipSpace(from: line.lowerBound, to: line.upperBound)
    if i < line.upperBound, unsafe bytes[i] == pipe { i = skipSpace(from: i + 1, to: line.upperBound) }
    while i < line.upperBound {
      let start = i
      while i < line.upperBound, unsafe bytes[i] != pipe || (i > start && bytes[i - 1] == UInt8(ascii: "\\")) { i += 1 }
      var end = i
      while end > start, unsafe isSpace(bytes[end - 1]) { end -= 1 }
      let hasPipe = i < line.upperBound
      if i > start || hasPipe { cells.append(start..<end) }
      guard hasPipe else { break }
      i = skipSpace(from: i + 1, to: line.upperBound)
    }
    return cells
  }

  /// Skips white space and the markers of `quotes` block quotes.
  func skipContainers(quotes: Int, in line: Range<Int>) -> Int {
    var i = skipSpace(from: line.lowerBound, to: line.upperBound)
    var left = quotes
    while left > 0, i < line.upperBound, unsafe bytes[i] == UInt8(ascii: ">") {
      left -= 1
      i = skipSpace(from: i + 1, to: line.upperBound)
    }
    return i
  }

  private let pipe = UInt8(ascii: "|")

  private func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == 0x0B || byte == 0x0C
  }

  private func skipSpace(from start: Int, to end: Int) -> Int {
    var i = start
    while i < end, unsafe isSpace(bytes[i]) { i += 1 }
    return i
  }
}
