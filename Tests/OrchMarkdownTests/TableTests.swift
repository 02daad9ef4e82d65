import OrchRandom
import Testing

@testable import OrchMarkdown

/// The bytes of a cell, cut out of the source at the place that the outline names.
private func source(_ cell: MarkdownOutline.Cell, line: Int, of text: String) -> String {
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { Array($0.utf8) }
  return String(decoding: lines[line - 1][(cell.column - 1)..<(cell.endColumn - 1)], as: UTF8.self)
}

@Suite("Tables")
struct TableTests {
  private struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var text: String
    /// Source text of every cell, row by row, header first.
    var cells: [[String]]
    var lines: [Int]
    var testDescription: String { name }
  }

  private static let cases: [Case] = [
    Case(
      name: "plain", text: "| a | b |\n|---|---|\n| 1 | 2 |\n|3|4|\n", cells: [["a", "b"], ["1", "2"], ["3", "4"]],
      lines: [1, 3, 4]),
    Case(name: "no outer pipes", text: "a | b\n-|-\n1 | 2\n", cells: [["a", "b"], ["1", "2"]], lines: [1, 3]),
    Case(
      name: "below a paragraph", text: "intro\ntext | more\n| a | b |\n|-|-|\n| 1 | 2 |\n",
      cells: [["a", "b"], ["1", "2"]], lines: [3, 5]),
    Case(name: "header only, below a paragraph", text: "x\n|a|b|\n|-|-|\n\ny\n", cells: [["a", "b"]], lines: [2]),
    Case(
      name: "in a list, rows indented differently",
      text: "- | a | b |\n  |---|---|\n    | 1 | 2 |\n", cells: [["a", "b"], ["1", "2"]], lines: [1, 3]),
    Case(
      name: "in nested quotes", text: "> > | a | b |\n> > |---|---|\n>>   | 1 | > |\n",
      cells: [["a", "b"], ["1", ">"]], lines: [1, 3]),
    Case(
      name: "escaped pipes", text: "|a|b|\n|-|-|\n| `x\\|y` \\\\| z | 🟢 |\n",
      cells: [["a", "b"], ["`x\\|y` \\\\| z", "🟢"]],
      lines: [1, 3]),
    Case(
      name: "a code span does not hold a pipe", text: "|a|b|c|\n|-|-|-|\n| `x|y` | z |\n",
      cells: [["a", "b", "c"], ["`x", "y`", "z"]], lines: [1, 3]),
    Case(
      name: "short, long and empty cells", text: "|a|b|\n|-|-|\n|1|\n|1|2|3|\n||2|\n| |\n",
      cells: [["a", "b"], ["1"], ["1", "2"], ["", "2"], [""]], lines: [1, 3, 4, 5, 6]),
    Case(
      name: "wide characters and tabs", text: "|ä\t|b |\n|:-:|--|\n|\t🟢\t|é  é|  \n",
      cells: [["ä", "b"], ["🟢", "é  é"]],
      lines: [1, 3]),
  ]

  @Test("Cells are found where the source has them", arguments: cases)
  private func places(_ example: Case) throws {
    let tables = MarkdownOutline(Array(example.text.utf8), .tables).tables
    try #require(tables.count == 1)
    let rows = [MarkdownOutline.Row(line: tables[0].line, cells: tables[0].header)] + tables[0].rows
    #expect(rows.map(\.line) == example.lines)
    #expect(rows.map { row in row.cells.map { source($0, line: row.line, of: example.text) } } == example.cells)
  }

  @Test("Links of a cell are decoded, reference links followed")
  func links() {
    let text = """
      | L | S |
      |---|---|
      | [a](<x y.md>) [b][ref] <http://c> ![i](p) | **🟢** &amp; `q` |

      [ref]: ../d%20e.md#x "t"
      """
    let cells = MarkdownOutline(Array(text.utf8), .tables).tables.first?.rows.first?.cells
    #expect(cells?.first?.links == ["x y.md", "../d%20e.md#x", "http://c"])
    #expect(cells?.first?.text == "a b http://c i")
    #expect(cells?.last?.text == "🟢 & q")
  }

  @Test("Code is never a table")
  func code() {
    let text = "```\n|a|\n|-|\n|b|\n```\n\n    |a|\n    |-|\n\n<pre>\n|a|\n|-|\n</pre>\n"
    #expect(MarkdownOutline(Array(text.utf8), .tables).tables.isEmpty)
  }

  /// cmark's own view of a cell is its text; ours is a range. Both must describe the same cell, on any input.
  @Test("The range of every cell holds the text that cmark read there", arguments: UInt64(0)..<200)
  func agreement(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let pieces = [
      "|", "|", "|", "a", "b7", " ", "  ", "\t", "\\|", "\\\\|", "\\", "`", "ü", "🟢", "🔴", "x", ">", "-", ":",
    ]
    let prefixes = ["", "", "  ", "> ", ">", "- ", "> - ", "1. ", "> > "]
    var text = ""
    var cellCount = 0
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      if Bool.random(using: &random) { text += "para \(seed)\n" }
      let prefix = prefixes.randomElement(using: &random) ?? ""
      let continuation = String(prefix.map { $0 == ">" ? ">" : " " })
      let columns = Int.random(in: 1...4, using: &random)
      text += prefix + "|" + String(repeating: " h |", count: columns) + "\n"
      text += continuation + "|" + String(repeating: "-|", count: columns) + "\n"
      for _ in 0..<Int.random(in: 0...4, using: &random) {
        let body = (0..<Int.random(in: 1...12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
        text += continuation + String(repeating: " ", count: Int.random(in: 0...2, using: &random))
        text += body.joined() + "\n"
      }
      text += "\n"
    }
    for table in MarkdownOutline(Array(text.utf8), .tables).tables {
      #expect(table.header.allSatisfy { source($0, line: table.line, of: text) == $0.text }, "header in \(text)")
      for row in table.rows {
        for cell in row.cells {
          cellCount += 1
          let raw = source(cell, line: row.line, of: text)
          // The letters and circles are what markup can't change; their order names the cell.
          let essence = { (text: String) in text.filter { $0.isLetter || $0.isNumber || "🟢🔴".contains($0) } }
          #expect(essence(raw) == essence(cell.text), "\(raw) against \(cell.text) in \(text)")
          #expect(raw.first?.isWhitespace != true && raw.last?.isWhitespace != true)
        }
      }
    }
    #expect(seed != 1 || cellCount > 0)
  }
}
