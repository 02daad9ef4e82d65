import OrchDiagnostics
import OrchRandom
import Testing

@Suite("Diagnostics for people")
struct DiagnosticRendererTests {
  private func render(
    _ source: String?, _ line: Int, _ columns: Range<Int>, colour: Bool = false, width: Int = 110,
    message: String = "something is wrong", notes: [Diagnostic.Note] = [], fix: Diagnostic.Fix? = nil
  ) -> String {
    let place = SourceLocation(
      file: "a.md", line: line, column: columns.lowerBound, endLine: line, endColumn: columns.upperBound)
    var renderer = DiagnosticRenderer(colour: colour, width: width) { _ in source.map { Array($0.utf8) } }
    return renderer.text(Diagnostic(.error, "P004", at: place, message, notes: notes, fix: fix))
  }

  @Test("The form is that of product.md")
  func form() {
    let text = render(
      "---\ndepends_on:\n  - billing/E99\n", 3, 5..<16, notes: [.init("a remark")],
      fix: .init("did you mean 'billing/E09'?"))
    #expect(
      text == """
        a.md:3:5: error: something is wrong [P004]
         3 |   - billing/E99
           |     ^~~~~~~~~~~
           note: a remark
           fix: did you mean 'billing/E09'?

        """)
  }

  @Test("Columns count bytes, the caret counts cells")
  func wide() {
    #expect(render("äö日本x", 1, 11..<12).hasSuffix(" 1 | äö日本x\n   |       ^\n"))
    #expect(render("e\u{301}x", 1, 4..<5).hasSuffix("\n   |  ^\n"))
  }

  @Test("Tabs are expanded and the caret stays under its byte")
  func tabs() { #expect(render("\ta\tb", 1, 4..<5).hasSuffix(" 1 |     a   b\n   |         ^\n")) }

  @Test("Nothing of a file can steer the terminal")
  func hostile() {
    let text = render("x\u{1B}[2J\u{202E}y\u{0}", 1, 9..<10, message: "bad '\u{1B}]0;t\u{7}'")
    #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    #expect(!text.unicodeScalars.contains { $0.value == 0x202E })
    #expect(text.contains(#"x\u{1b}[2J\u{202e}y\u{0}"#))
    // Eight bytes are before the mark, but 18 cells: x, the escape of ESC, "[2J", the escape of the override.
    let lines = text.split(separator: "\n")
    #expect(lines[2] == "   | " + String(repeating: " ", count: 1 + 6 + 3 + 8) + "^")
  }

  @Test("A long line is cut around the caret", arguments: [1, 50, 5_000, 4_000_000, 8_000_000])
  func long(_ column: Int) {
    let source = String(repeating: "abcdefghij", count: 800_000)
    let lines = render(source, 1, column..<(column + 3), width: 60).split(separator: "\n")
    #expect(lines[1].count <= 60 + 5)
    let caret = lines[2].firstIndex(of: "^").map { lines[2].distance(from: lines[2].startIndex, to: $0) } ?? 0
    let shown = Array(lines[1])
    #expect(shown.indices.contains(caret))
    #expect(shown[caret] == Array("abcdefghij")[(column - 1) % 10])
    #expect((lines[1].hasPrefix(" 1 | …")) == (column > 40))
  }

  @Test("Places outside the file are shown without a source line or at its end")
  func outside() {
    #expect(render("x", 9, 1..<2) == "a.md:9:1: error: something is wrong [P004]\n")
    #expect(render(nil, 1, 1..<2) == "a.md:1:1: error: something is wrong [P004]\n")
    #expect(render("x", 1, 40..<50).hasSuffix(" 1 | x\n   |  ^\n"))
    #expect(render("", 1, 1..<1).hasSuffix(" 1 |\n   | ^\n"))
    #expect(render("x", 0, -5 ..< -2).hasPrefix("a.md:0:-5: error"))
  }

  @Test("CRLF leaves no trace, and lines have their numbers as gutter")
  func crlf() {
    let source = String(repeating: "x\r\n", count: 120)
    #expect(render(source, 100, 1..<2).hasSuffix(" 100 | x\n     | ^\n"))
  }

  @Test("Colour is only used when asked for")
  func colour() {
    #expect(!render("x", 1, 1..<2).contains("\u{1B}"))
    let text = render("x", 1, 1..<2, colour: true)
    #expect(text.contains("\u{1B}[1;31merror:\u{1B}[0m"))
  }

  @Test("Random bytes never make the text longer than the limits say", arguments: 0..<200 as Range<UInt64>)
  func property(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let bytes = (0..<Int.random(in: 0...300, using: &random)).map { _ in
      Bool.random(using: &random) ? UInt8.random(in: 0x20...0x7E, using: &random) : .random(in: 0...255, using: &random)
    }
    let column = Int.random(in: -2...310, using: &random)
    let place = SourceLocation(
      file: "f", line: 1, column: column, endLine: 1, endColumn: column + Int.random(in: -3...400, using: &random))
    var renderer = DiagnosticRenderer(width: 40) { _ in bytes }
    let text = renderer.text(Diagnostic(.note, "P011", at: place, "m"))
    #expect(!text.unicodeScalars.contains { ($0.value < 0x20 && $0 != "\n") || (0x7F...0x9F).contains($0.value) })
    for line in text.split(separator: "\n").dropFirst() { #expect(line.unicodeScalars.count <= 2 * 40 + 10) }
  }
}
