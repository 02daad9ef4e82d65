import Testing

@testable import OrchMarkdown

private func outline(_ text: String, firstLine: Int = 1, _ options: MarkdownOutline.Options = .all) -> MarkdownOutline {
  MarkdownOutline(Array(text.utf8), firstLine: firstLine, options)
}

@Suite("Headings, code and check boxes")
struct MarkdownOutlineTests {
  @Test("Headings of both styles have plain text and true lines")
  func headings() {
    let text =
      "# A `c` *e* [l](u) ![i](p) &amp; <b>x</b> #\n\nset\next\n---\n\n   ### in\n```\n# no\n```\n> ## quoted\n"
    let found = outline(text, firstLine: 10).headings
    #expect(found.map(\.text) == ["A c e l i & x", "set ext", "in", "quoted"])
    #expect(found.map(\.level) == [1, 2, 3, 2])
    #expect(found.map(\.line) == [10, 12, 16, 20])
    #expect(found.map(\.endLine) == [10, 14, 16, 20])
    #expect(found.map(\.column) == [1, 1, 4, 3])
  }

  @Test("Line endings may be LF, CR or CRLF", arguments: ["\n", "\r", "\r\n"])
  func lineEndings(newline: String) {
    let found = outline(["intro", "", "# T", "", "- [x] a", "", "|a|", "|-|", "|b|"].joined(separator: newline))
    #expect(found.headings.map(\.line) == [3])
    #expect(found.taskItems.map(\.line) == [5])
    #expect(found.tables.map(\.line) == [7])
    #expect(found.tables.first?.rows.map(\.line) == [9])
  }

  @Test("Fenced and indented code keeps its content and its lines")
  func codeBlocks() {
    let text = "```bash run\na\n\n```\n\n    one\n\n      two\n\n\ntext\n- ~~~ \n  in\n  ~~~\n> ```x\n> q\n\n````\nopen"
    let found = outline(text).codeBlocks
    #expect(found.map(\.info) == ["bash run", "", "", "x", ""])
    #expect(found.map(\.content) == ["a\n\n", "one\n\n  two\n", "in\n", "q\n", "open\n"])
    #expect(found.map(\.line) == [1, 6, 12, 15, 18])
    #expect(found.map(\.endLine) == [4, 8, 14, 16, 19])
  }

  @Test("A check box is what the GFM specification says, wherever the list is")
  func taskItems() {
    let text = """
      - [ ] see [x] and `code`
      - [X] up
      - [x]
      - [x]no
      - [ ](u)
      > - [ ] quoted
      - - [x] nested

      1. [ ] one
      2)  [x]\ttab
      * [ ]
        next line
      - text [x] late
      - # [ ] heading
      """
    let found = outline(text).taskItems
    #expect(found.map(\.text) == ["see [x] and code", "up", "quoted", "nested", "one", "tab", "next line"])
    #expect(found.map(\.checked) == [false, true, false, true, false, true, false])
    #expect(found.map(\.line) == [1, 2, 6, 7, 9, 10, 11])
    #expect(found.map(\.column) == [3, 3, 5, 5, 4, 5, 3])
  }

  @Test("A box that is also a link reference is still a box")
  func taskItemReference() {
    let found = outline("- [x] done\n\n[x]: /u\n").taskItems
    #expect(found.map(\.text) == ["done"])
    #expect(found.map(\.checked) == [true])
  }

  @Test("Only what is asked for is collected")
  func options() {
    let text = "# h\n\n- [ ] t\n\n```\nc\n```\n\n|a|\n|-|\n"
    let headings = outline(text, [.headings])
    #expect(headings.headings.count == 1 && headings.taskItems.isEmpty && headings.codeBlocks.isEmpty)
    #expect(headings.tables.isEmpty)
    let rest = outline(text, [.codeBlocks, .taskItems, .tables])
    #expect(rest.headings.isEmpty && rest.codeBlocks.count == 1 && rest.taskItems.count == 1)
    #expect(rest.tables.count == 1)
    #expect(outline(text, []) == MarkdownOutline())
  }

  @Test("NUL and invalid UTF-8 read as U+FFFD and shift no column")
  func damagedText() {
    let bytes = Array("# a".utf8) + [0, 0xFF, 0xC3] + Array("b\n\n|x|".utf8) + [0] + Array("|\n|-|-|\n|".utf8)
    let found = MarkdownOutline(bytes + [0xFF, 0] + Array("| 🟢 |".utf8))
    #expect(found.headings.map(\.text) == ["a\u{FFFD}\u{FFFD}\u{FFFD}b"])
    let cells = found.tables.first?.rows.first?.cells
    #expect(cells?.map(\.text) == ["\u{FFFD}\u{FFFD}", "🟢"])
    #expect(cells?.map(\.column) == [2, 6])
    #expect(cells?.map(\.endColumn) == [4, 10])
  }

  @Test("An empty document has an empty outline", arguments: ["", "\n", "\u{FEFF}", " \t", "\r"])
  func empty(text: String) {
    #expect(outline(text) == MarkdownOutline())
  }

  @Test("A slice is read as the document it is")
  func slice() {
    let bytes = Array("---\nx: 1\n---\n# T\n".utf8)
    #expect(MarkdownOutline(bytes[13...], firstLine: 4, [.headings]).headings.map(\.line) == [4])
  }

  @Test("Threads may parse at once")
  func threads() async {
    let text = "# h\n\n|a|b|\n|-|-|\n|[x](y)|🟢|\n\n- [x] t\n"
    let expected = outline(text)
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<32 { group.addTask { (0..<50).allSatisfy { _ in outline(text) == expected } } }
      for await same in group { #expect(same) }
    }
    #expect(expected.tables.first?.rows.first?.cells.map(\.links) == [["y"], []])
  }
}
