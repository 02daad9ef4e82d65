import OrchRandom
import Testing

@testable import OrchMarkdown

@Suite("Outlines without a parser")
struct OutlineScanTests {
  private static let options: MarkdownOutline.Options = [.headings, .taskItems]

  private static func whole(_ bytes: [UInt8]) -> MarkdownOutline {
    bytes.withUnsafeBytes { MarkdownOutline(whole: $0, 1, options) }
  }

  private static func scan(_ text: String) -> MarkdownOutline? {
    Array(text.utf8).withUnsafeBytes { OutlineScan.outline(of: $0, firstLine: 1, options) }
  }

  @Test("A plan is read line by line")
  func plan() throws {
    let text = """
      # E01: Compute the `view.model` (fast)

      Words that go on
      - and a list
        with more words.

      ```swift
      # not a heading
      - [ ] not a box
      ```
      ## Acceptance Criteria
      - [ ] one `x.y` thing
        in two lines
      - [x] another

      ---
      | a | b |
      """
    let found = try #require(Self.scan(text))
    #expect(found.headings.map(\.text) == ["E01: Compute the view.model (fast)", "Acceptance Criteria"])
    #expect(found.headings.map(\.line) == [1, 11])
    #expect(found.taskItems.map(\.text) == ["one x.y thing in two lines", "another"])
    #expect(found.taskItems.map(\.checked) == [false, true])
    #expect(found.taskItems.map(\.line) == [12, 14])
    #expect(found == Self.whole(Array(text.utf8)))
  }

  @Test(
    "What reaches far, or moves columns, is left to the parser",
    arguments: ["[a]: /x\n\n# [a]\n", "a\rb\n", "a\r", "\u{FEFF}# a\n", "x\n\n\u{FEFF}# a\n"])
  func refusals(text: String) { #expect(Self.scan(text) == nil) }

  @Test(
    "Hard cases are read as the parser reads them",
    arguments: [
      "title\n===\n# next\n", "title\n---\n\n# next\n", "title\n===\ntext\n\nmore\n", "- a\n---\n- b\n", "-\n  [ ] x\n",
      "- [ ]\n  x\n", "- [ ] a\n# b\n", "- [ ] a\nlazy\n", "- [ ] a\n1. b\n", "- [ ] a\n      - b\n",
      "1. [ ] a\n2. [x] b\n",
      "  ```\n# a\n", "- ```\n  # a\n# b\n", "> - ~~~\n# a\n", "~~~\n```\n# a\n~~~\n# b\n",
      "```\n    ```\n# a\n```\n# b\n",
      "``` a`b\n# c\n", "````\n```\n# a\n````\n# b\n", "<div>\n# a\n\n# b\n", "<!-- \n\n# a\n-->\n# b\n", "# a #\n",
      "#\n",
      "# `a` ``b``\n", "- [ ] `a\n  b`\n", "- [ ] a  \n  b\\\n  c\n", "# a\\\n", "- [x](y)\n- [x]y\n- [x]\u{0C}y\n",
      "# a\n---\n# b\n",
      "a\n- \n", "* * *\n# a\n", "**bold**\n===\n", "- a\n\n      # code\n  # heading\n", "- - [ ] a\n", "-  [ ] a\n",
      "- [ ] a\n\n  b\n| c |\n", "- [ ] a\n\n  b\nc\n- d\n", "- [x] a\n\n  - b\nc\n",
    ])
  func cases(text: String) {
    let bytes = Array(text.utf8)
    #expect(MarkdownOutline(bytes, Self.options) == Self.whole(bytes))
  }

  // Checked by mutations: without closing an item at a blank line it fails, and without the test for verbatim text.
  @Test("The same headings and check boxes are found as by the parser", arguments: UInt64(0)..<400)
  func same(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let parts = [
      "word", "two words", "# ", "## in", "- ", "* ", "+ ", "1. ", "2) ", "> ", "    ", "\t", " ", "  ", "---", "===",
      "=",
      "-", "```", "~~~ x", "[ ] a", "[x] b", "[ ]", "[a]", "[a]: /u", "<b>", "<!-- ", "-->", "`c`", "*e*", "\n", "\n",
      "\n", "\n\n", "\n\n", "\r\n", "\r", "é", "_", "\\", "&amp;", "- [ ] item", "1.", "***", "a\n", "b\n- c\n",
      "\u{0C}",
      "<script>", "</script>", "<?", "<!-- a\n", "b -->\n", "# in\n", "| a |", "title\n---\n", "x\n===\n",
      "\n- [ ] box", "\n- [x] `c`", "\n## h", "\n  more", "\n```\n",
      "\n~~~\n", "\n````\n", "\n1. one", "\n  - [ ] sub", "\n  - sub", "\n    ", "\n---\n", " #", "**b** c", "`",
      "\n\nText",
    ]
    for _ in 0..<60 {
      let text = (0..<Int(random.next() % 40)).map { _ in parts.randomElement(using: &random) ?? "" }.joined()
      let bytes = Array(text.utf8)
      let found = MarkdownOutline(bytes, Self.options)
      #expect(found == Self.whole(bytes), "differs for \(text.debugDescription)")
    }
  }

  @Test("Noise does not tell them apart", arguments: UInt64(0)..<200)
  func noise(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let alphabet = Array("#-*+>|`~[]()<>!\\ \t\n\n\r_:x1.&;=ab \n".utf8)
    for length in [12, 30, 80, 300] {
      let bytes = (0..<length).map { _ in alphabet.randomElement(using: &random) ?? 0 }
      #expect(
        MarkdownOutline(bytes, Self.options) == Self.whole(bytes),
        "differs for \(String(decoding: bytes, as: UTF8.self).debugDescription)")
    }
  }
}
