import OrchDiagnostics
import OrchRandom
import OrchYAML
import Testing

@Suite("YAML")
struct YAMLDocumentTests {
  static func document(_ text: String) throws -> YAMLDocument { try YAMLDocument(reading: Array(text.utf8)) }

  static func entries(_ text: String) throws -> [(key: String, value: YAMLNode, document: YAMLDocument)] {
    let document = try document(text)
    let root = try #require(document.root)
    return document.entries(of: root).map { (document.text($0.key), $0.value, document) }
  }

  @Test("Keys, values and their bytes are those of the text")
  func places() throws {
    let text = "a: 1\nb:\n  - \"x y\"\n  - 'z'\nc: {d: [e]}\nf:\ng: |\n  lit\n"
    let bytes = Array(text.utf8)
    let found = try Self.entries(text)
    #expect(found.map(\.key) == ["a", "b", "c", "f", "g"])
    let slices = found.map { String(decoding: bytes[$0.value.range], as: UTF8.self) }
    #expect(slices == ["1", "- \"x y\"\n  - 'z'", "{d: [e]}", "", "|\n  lit\n"])
    let items = found[1].document.items(of: found[1].value)
    #expect(items.map { found[1].document.text($0) } == ["x y", "z"])
    #expect(items.map(\.style) == [.doubleQuoted, .singleQuoted])
    #expect(found[4].document.text(found[4].value) == "lit\n")
    #expect(found[3].value.start == 40, "a left-out value is behind its colon")
  }

  @Test("Places are bytes, also behind characters of several bytes and after CRLF")
  func multibyte() throws {
    let text = "ä: ö\r\n日本: \"é😀\" # ü\r\nlast: x\r\n"
    let bytes = Array(text.utf8)
    let found = try Self.entries(text)
    #expect(found.map(\.key) == ["ä", "日本", "last"])
    let slices = found.map { String(decoding: bytes[$0.value.range], as: UTF8.self) }
    #expect(slices == ["ö", "\"é😀\"", "x"])
  }

  @Test("A part of a file is read with places in the file")
  func part() throws {
    let bytes = Array("---\nä: x\n---\nbody: {".utf8)
    let document = try YAMLDocument(reading: bytes, in: 4..<10)
    let root = try #require(document.root)
    let entry = try #require(document.entries(of: root).first)
    #expect(entry.value.range == 8..<9)
    let past = try YAMLDocument(reading: bytes, in: 0..<10_000 as Range<Int>?)
    #expect(past.root != nil || !past.problems.isEmpty)
  }

  @Test("The bytes may go away, and values move, without harm")
  func survivesMoves() throws {
    func make() throws -> YAMLDocument {
      let text = (0..<20_000).map { "k\($0): v\($0)\n" }.joined()
      return try YAMLDocument(reading: Array(text.utf8), limits: YAMLLimits(size: 1 << 20))
    }
    let document = try make()
    let root = try #require(document.root)
    let entries = document.entries(of: root)
    #expect(entries.count == 20_000)
    #expect(document.text(try #require(entries.last).value) == "v19999")
  }

  @Test(
    "What must not be used is reported, and the reading goes on",
    arguments: [
      ("a: &x 1\nb: 2\n", 1), ("a: *x\nb: 2\n", 0), ("a: &x 1\nb: *x\n", 2), ("a: !!str 1\n", 1), ("a: !foo [1]\n", 1),
      ("a: 1\nb: 2\na: 3\n", 1), ("a: {b: 1, b: 2}\na: 1\n", 2), ("? [a]\n: 1\n", 1), ("a: 1\n---\nb: 2\n", 1),
      ("a: 1\n...\n---\nb: 2\n", 1), ("'a': 1\na: 2\n", 1),
    ])
  func problems(_ text: String, _ count: Int) {
    let (_, problems) = YAMLDocument.reading(Array(text.utf8))
    // An alias without its anchor stops libyaml's composer, not its parser, so it is a problem as well.
    #expect(problems.count == (text.hasPrefix("a: *x") ? 1 : count), "\(problems)")
    for problem in problems { #expect(!problem.description.isEmpty) }
  }

  @Test("The first of two keys and the second are both named")
  func duplicate() throws {
    let document = try Self.document("a: 1\nbb: 2\na: 3\n")
    let problem = try #require(document.problems.first)
    #expect(problem.range == 11..<12)
    #expect(problem.reason == .duplicateKey("a", first: 0..<1))
  }

  @Test("Repeated keys are found among many, in time that is not quadratic")
  func manyKeys() throws {
    var text = (0..<20_000).map { "k\($0): 1\n" }.joined()
    text += "k7: 2\nk19999: 3\nk7: 4\n"
    let document = try YAMLDocument(reading: Array(text.utf8), limits: YAMLLimits(size: 1 << 20))
    #expect(document.problems.count == 3)
  }

  @Test(
    "Broken text is refused with its place",
    arguments: [
      ("a: [1, 2\n", 2, 1), ("a: b: c\n", 1, 5), ("\ta: 1\n", 1, 1), ("a: \"x\n", 2, 1), ("- a\nb: 1\n", 2, 1),
      ("a: 1\n b: 2\n", 2, 3), ("ää: @x\n", 1, 7), ("a: \u{1}\n", 1, 4),
    ])
  func broken(_ text: String, _ line: Int, _ column: Int) throws {
    let bytes = Array(text.utf8)
    let error = try #require(throws: YAMLError.self) { _ = try YAMLDocument(reading: bytes) }
    let place = LineIndex(bytes).place(of: error.range.lowerBound)
    #expect(place.line == line, "\(error)")
    #expect(place.column == column, "\(error)")
  }

  @Test("Depth and size have limits that are kept exactly")
  func limits() throws {
    let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(throws: Never.self) { _ = try Self.document(nested(32)) }
    let error = try #require(throws: YAMLError.self) { _ = try Self.document(nested(33)) }
    #expect(error.reason == .tooDeep(limit: 32))
    #expect(error.range.lowerBound == 32)
    #expect(throws: YAMLError.self) { _ = try Self.document(nested(100_000)) }
    let exact = [UInt8](repeating: 0x20, count: 256 * 1024)
    #expect(throws: Never.self) { _ = try YAMLDocument(reading: exact) }
    #expect(throws: YAMLError.self) { _ = try YAMLDocument(reading: exact + [0x20]) }
  }

  @Test("Aliases are never expanded, so that a bomb is small")
  func billionLaughs() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for i in 1..<30 {
      let item = "*a\(i - 1)"
      text += "a\(i): &a\(i) [\(item), \(item), \(item), \(item), \(item), \(item), \(item), \(item)]\n"
    }
    let (_, problems) = YAMLDocument.reading(Array(text.utf8))
    #expect(problems.count == 30 + 29 * 8)
  }

  @Test("Empty texts have no node", arguments: ["", "\n", "# only a comment\n", "   "])
  func empty(_ text: String) throws {
    let document = try Self.document(text)
    #expect(document.root == nil)
  }

  @Test("Random bytes give a document or an error with a place inside the text", arguments: 0..<300 as Range<UInt64>)
  func fuzz(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let alphabet = Array("abc:- \n\"'[]{},&*!|>#?%@`~\t\r0123\u{0}äé日".utf8) + [0xFF, 0xC3]
    let bytes = (0..<Int(random.next() % 200)).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
    let (document, problems) = YAMLDocument.reading(bytes)
    #expect(document != nil || !problems.isEmpty)
    for problem in problems {
      #expect(problem.range.lowerBound >= 0 && problem.range.upperBound <= bytes.count, "\(problem)")
    }
    guard let document, let root = document.root else { return }
    visit(root, document, bytes.count)
  }

  private func visit(_ node: YAMLNode, _ document: YAMLDocument, _ count: Int) {
    #expect(node.range.upperBound <= count)
    for item in document.items(of: node) { visit(item, document, count) }
    for (key, value) in document.entries(of: node) {
      visit(key, document, count)
      visit(value, document, count)
    }
  }
}
