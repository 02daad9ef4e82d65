@testable import OrchCLI
import Testing

@Suite struct TextTableTests {
  @Test func columnsAreAlignedAndTheLastIsNotPadded() {
    var table = TextTable(header: ["ID", "TITLE", "S"])
    table.add(["billing/E01", "Money", "x"])
    #expect(table.text(width: nil) == "ID           TITLE  S\nbilling/E01  Money  x\n")
  }

  @Test func whatRepeatsFromRowToRowIsAlignedAsIfItDidNot() {
    var table = TextTable(header: ["S", "T"])
    for (status, title) in [("🔴 a", "x"), ("🔴 a", "x\u{1B}"), ("bcdefg", "x\u{1B}"), ("🔴 a", "y")] {
      table.add([status, title])
    }
    #expect(table.text(width: nil) == "S       T\n🔴 a    x\n🔴 a    x\\u{1b}\nbcdefg  x\\u{1b}\n🔴 a    y\n")
  }

  @Test func wideCharactersCountTwice() {
    #expect(TextTable.columns(of: "🟢 ok") == 5)
    #expect(TextTable.columns(of: "漢字") == 4)
    #expect(TextTable.cut("漢字漢字", to: 5) == "漢字…")
  }

  @Test func theWidestColumnIsCutToTheTerminal() {
    var table = TextTable(header: ["ID", "TITLE"])
    table.add(["a/E01", String(repeating: "t", count: 200)])
    for line in table.text(width: 40).split(separator: "\n") { #expect(TextTable.columns(of: String(line)) <= 40) }
  }

  @Test func controlCharactersAreMadeVisible() {
    var table = TextTable(header: ["TITLE"])
    table.add(["\u{1B}[31mred"])
    #expect(!table.text(width: nil).contains("\u{1B}"))
  }
}
