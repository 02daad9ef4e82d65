/// One source line as shown under a diagnostic: safe to print, tabs expanded, cut around the marked part.
struct SourceSnippet {
  let text: String
  /// Cells before the marked part.
  let indent: Int
  /// Cells of the marked part, at least 1.
  let width: Int

  /// - Parameters:
  ///   - columns: The marked bytes as columns from 1; an end outside the line is moved to its end.
  ///   - limit: Most cells that `text` may use.
  init(line: ArraySlice<UInt8>, columns: Range<Int>, limit: Int) {
    let start = min(line.startIndex + max(0, columns.lowerBound - 1), line.endIndex)
    let end = min(max(start, line.startIndex + max(0, columns.upperBound - 1)), line.endIndex)
    // A line may have megabytes: only bytes that could be shown are looked at.
    let window =
      SourceSnippet.characterStart(
        max(line.startIndex, start - 4 * limit), in: line)..<min(
        line.endIndex, start + 4 * limit)
    let cells = SourceSnippet.cells(line[window])
    let mark = cells.firstIndex { $0.offset >= start } ?? cells.count
    let markEnd = cells.firstIndex { $0.offset >= end } ?? cells.count

    // Two cells are kept for the ellipses. A third of the room is for what stands before the mark.
    let room = max(8, limit - 2)
    var first = mark
    var used = 0
    let total = cells.reduce(0) { $0 + $1.width }
    let before = total <= room ? total : room / 3
    while first > 0, used + cells[first - 1].width <= before {
      first -= 1
      used += cells[first].width
    }
    var last = mark
    while last < cells.count, used + cells[last].width <= room {
      used += cells[last].width
      last += 1
    }
    let cutsHead = first > 0 || window.lowerBound > line.startIndex
    let cutsTail = last < cells.count || window.upperBound < line.endIndex
    text = (cutsHead ? "…" : "") + cells[first..<last].map(\.text).joined() + (cutsTail ? "…" : "")
    indent = (cutsHead ? 1 : 0) + cells[first..<mark].reduce(0) { $0 + $1.width }
    width = max(1, cells[mark..<max(mark, min(markEnd, last))].reduce(0) { $0 + $1.width })
  }

  /// What is printed for one scalar of the source.
  private struct Cell {
    let text: String
    let width: Int
    /// Index of the scalar's first byte.
    let offset: Int
  }

  private static func cells(_ bytes: ArraySlice<UInt8>) -> [Cell] {
    var result: [Cell] = []
    var column = 0
    var offset = bytes.startIndex
    while offset < bytes.endIndex {
      let (scalar, length) = decode(bytes, at: offset)
      var text = String(scalar)
      var width = VisibleText.width(scalar)
      if scalar == "\t" {
        width = 4 - column % 4
        text = String(repeating: " ", count: width)
      } else if VisibleText.isUnsafe(scalar) {
        text = VisibleText.escape(scalar)
        width = text.utf8.count
      }
      result.append(Cell(text: text, width: width, offset: offset))
      column += width
      offset += length
    }
    return result
  }

  /// The scalar at `offset`, U+FFFD for bytes that are not UTF-8, and its length in bytes.
  private static func decode(_ bytes: ArraySlice<UInt8>, at offset: Int) -> (Unicode.Scalar, Int) {
    let first = bytes[offset]
    if first < 0x80 { return (Unicode.Scalar(first), 1) }
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
    let end = min(offset + length, bytes.endIndex)
    var iterator = bytes[offset..<end].makeIterator()
    var decoder = UTF8()
    guard case .scalarValue(let scalar) = decoder.decode(&iterator), UTF8.width(scalar) == end - offset else {
      return ("\u{FFFD}", 1)
    }
    return (scalar, end - offset)
  }

  private static func characterStart(_ offset: Int, in line: ArraySlice<UInt8>) -> Int {
    var offset = offset
    while offset < line.endIndex, offset > line.startIndex, line[offset] & 0xC0 == 0x80 { offset += 1 }
    return offset
  }
}
