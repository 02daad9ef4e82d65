import OrchDiagnostics
import OrchRandom
import Testing

@Suite("Lines and columns")
struct LineIndexTests {
  @Test(
    "LF, CRLF and CR end a line",
    arguments: [
      ("a\nbc\n", 3, 2, 2), ("a\r\nbc", 3, 2, 1), ("a\rbc", 2, 2, 1), ("a\n\rb", 3, 3, 1), ("", 0, 1, 1),
      ("äb", 2, 1, 3), ("a\u{2028}b", 4, 1, 5), ("a\n", 2, 2, 1),
    ])
  func places(_ text: String, _ offset: Int, _ line: Int, _ column: Int) {
    let place = LineIndex(Array(text.utf8)).place(of: offset)
    #expect(place.line == line)
    #expect(place.column == column)
  }

  @Test("Every offset lies in the line that the index says", arguments: 0..<200 as Range<UInt64>)
  func property(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let pieces: [[UInt8]] = [[0x0A], [0x0D], [0x0D, 0x0A], [0x61], [0xC3, 0xA4], [0x62, 0x63]]
    let bytes = (0..<Int.random(in: 0...40, using: &random)).flatMap { _ in pieces.randomElement(using: &random) ?? [] }
    let index = LineIndex(bytes, firstLine: 7)
    var line = 7
    var start = 0
    for offset in 0...bytes.count {
      let place = index.place(of: offset)
      #expect(place.line == line)
      #expect(place.column == offset - start + 1)
      guard offset < bytes.count else { break }
      let isEnd = bytes[offset] == 0x0A || (bytes[offset] == 0x0D && !(bytes.dropFirst(offset + 1).first == 0x0A))
      if isEnd { (line, start) = (line + 1, offset + 1) }
    }
    for number in 7...line {
      let range = index.range(ofLine: number, in: bytes)
      #expect(range.map { !bytes[$0].contains(0x0A) && !bytes[$0].contains(0x0D) } == true)
      let part = LineIndex(bytes, firstLine: 7, lastLine: number)
      for known in 7...number { #expect(part.range(ofLine: known, in: bytes) == index.range(ofLine: known, in: bytes)) }
    }
    #expect(index.range(ofLine: 6, in: bytes) == nil)
    #expect(index.range(ofLine: line + 1, in: bytes) == nil)
  }
}

@Suite("Nearest names")
struct NearestNameTests {
  static let keys = ["status", "depends_on", "needs_review", "touches", "agent", "title"]

  @Test(
    "Slips are recognised",
    arguments: [
      ("statsu", "status"), ("depend_on", "depends_on"), ("dependsOn", "depends_on"), ("STATUS", "status"),
      ("need_review", "needs_review"), ("touch", "touches"), ("titel", "title"),
    ])
  func near(_ written: String, _ expected: String) { #expect(NearestName.find(written, in: Self.keys) == expected) }

  @Test("Other words are not forced onto a key", arguments: ["", "x", "owner", "sprint", "zzzzzzzzzz"])
  func far(_ written: String) { #expect(NearestName.find(written, in: Self.keys) == nil) }

  @Test("A megabyte as a name is no trouble")
  func long() { #expect(NearestName.find(String(repeating: "s", count: 1_000_000), in: Self.keys) == nil) }

  @Test("The distance is a metric, as far as a search needs it", arguments: 0..<100 as Range<UInt64>)
  func metric(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let a = (0..<Int.random(in: 0...6, using: &random)).map { _ in UInt8.random(in: 97...100, using: &random) }
    let b = (0..<Int.random(in: 0...6, using: &random)).map { _ in UInt8.random(in: 97...100, using: &random) }
    let there = NearestName.distance(a, b)
    #expect(there == NearestName.distance(b, a))
    #expect((there == 0) == (a == b))
    #expect(there <= max(a.count, b.count))
    #expect(there >= abs(a.count - b.count))
  }
}
