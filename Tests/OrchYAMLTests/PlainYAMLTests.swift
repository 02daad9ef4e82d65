import OrchRandom
import Testing

@testable import OrchYAML

@Suite("Plain YAML")
struct PlainYAMLTests {
  private static func plain(_ text: String, base: Int = 0) -> YAMLDocument? {
    Array(text.utf8).withUnsafeBufferPointer { PlainYAML.read($0, base: base, YAMLLimits()) }
  }

  /// What libyaml makes of the text.
  private static func parsed(_ text: String, base: Int = 0) -> YAMLDocument? {
    let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: base) + Array(text.utf8)
    let result = YAMLDocument.parsing(bytes, in: base..<bytes.count, limits: YAMLLimits())
    return result.problems.isEmpty ? result.document : nil
  }

  @Test(
    "Frontmatter of the usual form needs no parser",
    arguments: [
      "module: billing\nepic: 5\nstatus: not_started\n", "title: A word, (two) and [three] {4}?  \n",
      "depends_on: [billing/E01, other/CLI02 ]\nlast: x", "depends_on:\n  - a/E01\n  - b-c/E02\nneeds_review: true\n",
      "labels:\n - x\n\n\npriority: high\n", "a: [b]\n", "verify:\n    -   swift test --filter X\n",
    ])
  func usual(text: String) throws {
    for base in [0, 4] {
      let found = try #require(Self.plain(text, base: base))
      #expect(found == Self.parsed(text, base: base))
    }
  }

  @Test(
    "Whatever may mean more than itself is left to libyaml",
    arguments: [
      "", "a", "a:\n", "a: 'b'\n", "a: b: c\n", "a: b # c\n", "a: b\n  c\n", "a: [b,]\n", "a: [b, [c]]\n",
      "a: {b: c}\n", "a: &b c\n",
      "a: *b\n", "a: !b c\n", "a: |\n  b\n", "a: b\na: c\n", "a:\n- b\n", "a:\n  - b\n   - c\n", "a:\n  - b\n    c\n",
      "a:\tb\n",
      "a: ö\n", "a: b\r\n", " a: b\n", "# a\nb: c\n", "a: [b\n  ]\n", "a: [b]c\n", "a:\n  - b\n c: d\n", "---\na: b\n",
      "a: b\n---\n",
    ])
  func unusual(text: String) { #expect(Self.plain(text) == nil) }

  // Checked by a mutation: with colons inside of words it fails.
  @Test("What is read without libyaml is read as by it", arguments: UInt64(0)..<200)
  func same(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let parts = [
      "a: ", "bc: ", "d_e:", "f: x\n", "g: 1 2\n", "h:\n", "  - ", "   - ", " -", "- ", "word", "7", "/p", ", ", ",",
      "[", "]", "\n",
      "\n", "\n", "\n\n", " ", "  ", "x.y-z", "true", "~", "...", "---", "k: [a, b]\n", "l:\n  - m\n  - n o\n",
      "p: q\n", "?", "-", "{",
      "}", "'", "\"", "|", ">", "%", "@", "`", "&", "*", "!", "#", " #", ":", ": ", "\t", "\r\n", "é", "E01", "\u{0}",
    ]
    for _ in 0..<200 {
      let text = (0..<random.next() % 14).map { _ in parts[Int(random.next() % UInt64(parts.count))] }.joined()
      guard let found = Self.plain(text) else { continue }
      #expect(found == Self.parsed(text), "differs for \(text.debugDescription)")
    }
  }
}
