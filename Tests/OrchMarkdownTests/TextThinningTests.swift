import Testing

@testable import OrchMarkdown

@Suite("Leaving out running text")
struct TextThinningTests {
  private static let options: MarkdownOutline.Options = [.headings, .taskItems]

  private static func whole(_ bytes: [UInt8]) -> MarkdownOutline {
    bytes.withUnsafeBytes { MarkdownOutline(whole: $0, 1, options) }
  }

  private static func thinned(_ text: String) -> String? {
    Array(text.utf8).withUnsafeBytes { TextThinning.thinned($0) }.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test(
    "Only the words of paragraphs and list items go",
    arguments: [
      ("Some words\nand more.\n\n# A heading\n", "S\na\n\n# A heading\n"),
      ("- one two\n  three\r\n> four five", "- o\n  t\r\n> f"),
      ("- [ ] a box\n  that goes on\n", "- [ ] a box\n  that goes on\n"),
      ("A heading of\ntwo lines\n---\n", "A heading of\ntwo lines\n---\n"),
      ("In a quote\n> ===\n", "In a quote\n> ===\n"), ("See [it].\nwords\n", "See [it].\nwords\n"),
      ("Über uns\n`code` here\n", "Über uns\n`code` here\n"), ("1.5x faster\n", "1.5x\n"), ("", ""),
    ])
  func examples(text: String, expected: String) { #expect(Self.thinned(text) == expected) }

  @Test(
    "Definitions, HTML and lone carriage returns forbid it",
    arguments: ["[a]: /x\n\n# [a]\n", "text\n\n> - <!-- x\n# y\n", "a\rb\n", "a\r"])
  func refusals(text: String) { #expect(Self.thinned(text) == nil) }

  // Checked by mutations: without the test for underlines, for brackets, for definitions, or for HTML it fails.
  @Test("The same headings and check boxes are found as without it", arguments: UInt64(0)..<400)
  func same(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let parts = [
      "word", "two words", "# ", "## in", "- ", "* ", "+ ", "1. ", "2) ", "> ", "    ", "\t", " ", "  ", "---", "===",
      "=",
      "-", "```", "~~~ x", "[ ] a", "[x] b", "[ ]", "[a]", "[a]: /u", "<b>", "<!-- ", "-->", "`c`", "*e*", "\n", "\n",
      "\n", "\n\n", "\n\n", "\r\n", "\r", "é", "_", "\\", "&amp;", "- [ ] item", "1.", "***", "a\n", "b\n- c\n",
      "\u{0C}",
      "<script>", "</script>", "<?", "<!-- a\n", "b -->\n", "# in\n", "| a |", "title\n---\n", "x\n===\n",
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
