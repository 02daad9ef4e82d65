import OrchRandom
import Testing

@testable import OrchMarkdown

@Suite("Hostile Markdown")
struct HostileMarkdownTests {
  private static func deep(_ marker: String, _ count: Int, _ tail: String) -> [UInt8] {
    Array(String(repeating: marker, count: count).utf8) + Array(tail.utf8)
  }

  @Test("Deep nesting is walked without recursion", arguments: ["> ", "- ", "1. ", "* [a](", "**a *b "])
  func deepNesting(marker: String) {
    let found = MarkdownOutline(Self.deep(marker, 15_000, "x\n\n# end\n"))
    #expect(found.refusal == nil)
    #expect(found.headings.last?.text == "end")
  }

  @Test("What would take quadratic time is refused with its place")
  func refusals() {
    let blank = String(repeating: "\n", count: 100_000)
    #expect(MarkdownOutline(Self.deep("- ", 50_000, "a\n" + blank), firstLine: 5).refusal == .tooDeep(line: 5))
    #expect(MarkdownOutline(Self.deep("- ", 50_000, "a\r" + blank), firstLine: 5).refusal == .tooDeep(line: 5))
    #expect(
      MarkdownOutline(Array("# t\n\n".utf8) + Self.deep("![[]()", 80_000, "")).refusal == .tooManyBrackets(line: 3))
    let delimiters = Array(String(repeating: "a\n|-|-|\n", count: 50_000).utf8)
    guard case .tableTooLarge = MarkdownOutline(delimiters).refusal else {
      Issue.record("fifty thousand possible delimiter rows were tried")
      return
    }
    let wide = String(repeating: "|a", count: 5000) + "|\n" + String(repeating: "|-", count: 5000) + "|\n"
    let table = Array((wide + String(repeating: "x\n", count: 5000)).utf8)
    guard case .tableTooLarge = MarkdownOutline(table).refusal else {
      Issue.record("a table of 25 million cells was parsed")
      return
    }
    #expect(MarkdownOutline(table, [.headings]).refusal == nil)
  }

  @Test("A long line and a long document are read")
  func long() {
    let line = Array("# ".utf8) + [UInt8](repeating: UInt8(ascii: "a"), count: 2_000_000) + Array("\n".utf8)
    #expect(MarkdownOutline(line, [.headings]).headings.first?.text.utf8.count == 2_000_000)
    var text = ""
    for i in 0..<4000 { text += "## Section \(i)\n\nSome text with [a link](x.md) and more.\n\n- [ ] item \(i)\n\n" }
    let found = MarkdownOutline(Array(text.utf8), [.headings, .taskItems])
    #expect(found.headings.count == 4000 && found.taskItems.count == 4000)
    #expect(found.refusal == nil)
  }

  @Test("Any bytes are read without a trap", arguments: UInt64(0)..<100)
  func noise(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let alphabet = Array("#-*+>|`~[]()<>!\\ \t\n\n\r_:x1.&;".utf8) + [0, 0xFF, 0xC3, 0xF0]
    let bytes = (0..<600).map { _ in alphabet.randomElement(using: &random) ?? 0 }
    let found = MarkdownOutline(bytes)
    let lines = bytes.count { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } + 1
    #expect(found.headings.allSatisfy { (1...lines).contains($0.line) && $0.endLine >= $0.line })
    #expect(found.taskItems.allSatisfy { (1...lines).contains($0.line) && $0.column >= 1 })
    #expect(found.codeBlocks.allSatisfy { (1...lines).contains($0.line) && $0.endLine >= $0.line })
    for table in found.tables {
      #expect((1...lines).contains(table.line) && table.endLine > table.line)
      #expect(!table.header.isEmpty)
    }
  }
}
