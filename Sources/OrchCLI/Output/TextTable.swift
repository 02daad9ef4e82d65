import OrchDomain

/// Rows of text in aligned columns, two spaces apart.
struct TextTable {
  private struct Cell {
    var source: String
    var text: String
    var width: Int

    init(_ source: String) {
      self.source = source
      text = SafeText.visible(source)
      width = TextTable.columns(of: text)
    }
  }

  /// All rows behind each other.
  private var cells: [Cell] = []
  /// Where each row ends.
  private var ends: [Int] = []
  private var widths: [Int] = []

  init(header: [String]) { add(header) }

  mutating func add(_ row: [String]) {
    let above = (ends.dropLast().last ?? 0)..<(ends.last ?? 0)
    for (column, text) in row.enumerated() {
      // Most columns say the same in row after row.
      let isSame = column < above.count && cells[above.lowerBound + column].source == text
      let cell = isSame ? cells[above.lowerBound + column] : Cell(text)
      if column == widths.count { widths.append(0) }
      widths[column] = max(widths[column], cell.width)
      cells.append(cell)
    }
    ends.append(cells.count)
  }

  /// - Parameter width: Columns of the terminal; the widest column is cut to fit. Nil leaves all text whole.
  func text(width: Int?) -> String {
    var widths = widths
    if let width, let widest = widths.indices.max(by: { widths[$0] < widths[$1] }) {
      let excess = widths.reduce(0, +) + 2 * max(0, widths.count - 1) - width
      if excess > 0 { widths[widest] = max(12, widths[widest] - excess) }
    }
    var result: [UInt8] = []
    result.reserveCapacity(ends.count * (widths.reduce(0, +) + 2 * widths.count + 2))
    var start = 0
    for end in ends {
      for place in start..<end {
        let limit = widths[place - start]
        let cell = cells[place].width > limit ? Cell(TextTable.cut(cells[place].text, to: limit)) : cells[place]
        result.append(contentsOf: cell.text.utf8)
        if place + 1 < end {
          result.append(contentsOf: repeatElement(UInt8(ascii: " "), count: limit - cell.width + 2))
        }
      }
      result.append(UInt8(ascii: "\n"))
      start = end
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Columns that a terminal uses for `text`: two for East Asian wide characters and emoji.
  static func columns(of text: String) -> Int {
    // Control characters are gone already, so that every byte of ASCII is one column.
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
    return text.reduce(0) { $0 + ($1.unicodeScalars.first.map(isWide) == true ? 2 : 1) }
  }

  static func cut(_ text: String, to limit: Int) -> String {
    guard columns(of: text) > limit else { return text }
    var result = ""
    var used = 0
    for character in text {
      let size = columns(of: String(character))
      if used + size > limit - 1 { break }
      result.append(character)
      used += size
    }
    return result + "…"
  }

  private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F7E0...0x1F7EB, 0x1F900...0x1FAFF,
      0x20000...0x3FFFD:
      true
    default: false
    }
  }
}
