import OrchDiagnostics
import OrchRandom
import Testing

@testable import OrchConfig

@Suite("Places of keys")
struct KeyPlacesTests {
  @Test("Every key and value of a random document is found where it was written", arguments: 0..<400 as Range<UInt64>)
  func finds(_ seed: UInt64) throws {
    let document = RandomTOML(seed: seed)
    let node = try TOMLNode.parse(document.text)
    let places = KeyScanner.scan(document.text)
    #expect(places.failure == nil, "\(document.text)")
    for truth in document.truths {
      #expect(places.range(of: truth.path) == truth.key, "key \(truth.path) in \(document.text)")
      #expect(places.range(of: truth.path, value: true) == truth.value, "value \(truth.path) in \(document.text)")
    }
    let known = Set(places.entries.map(\.path))
    for leaf in node.leaves() { #expect(known.contains(leaf), "\(leaf) in \(document.text)") }
  }

  @Test(
    "A damaged document never traps, and what the parser still accepts is found", arguments: 0..<300 as Range<UInt64>)
  func survives(_ seed: UInt64) {
    var random = SplitMix64(seed: seed ^ 0xFEED)
    for _ in 0..<10 {
      var bytes = RandomTOML(seed: seed).bytes
      for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0...2, using: &random) {
        case 0: bytes.remove(at: at)
        case 1: bytes.insert(Array("\"'[]{}=.,#\\\n\r u0".utf8).randomElement(using: &random)!, at: at)
        default: bytes.removeSubrange(at..<min(bytes.count, at + 5))
        }
      }
      let text = String(decoding: bytes, as: UTF8.self)
      let places = KeyScanner.scan(text)
      guard case .success(let document) = TOMLDocument.parse(text, file: "f") else { continue }
      let known = Set(places.entries.map(\.path))
      for leaf in TOMLNode.table(document.root).leaves() where !leaf.isEmpty {
        #expect(known.contains(leaf), "\(leaf) in \(text)")
      }
    }
  }

  @Test("Heaps of TOML's own signs never stop the process", arguments: 0..<40 as Range<UInt64>)
  func heaps(_ seed: UInt64) {
    var random = SplitMix64(seed: seed ^ 0xBEEF)
    let signs = [
      "[", "]", "[[", "]]", "{", "}", "a", "=", "= ", ".", ",", "\"", "'", "\"\"\"", "'''", "#", "\n", "\r\n", " ", "1",
      "-",
      "0x", "1e", "inf", "nan", "true", "1979-05-27", "07:32:00", "T", "Z", "+", "_", "\\", "\\u00", "é", "\u{7F}",
      "\u{1}",
      "\r", "\u{FEFF}", "9", "0", "a = ", "\na = ",
    ]
    for _ in 0..<100 {
      let count = Int.random(in: 1...14, using: &random)
      var text = Bool.random(using: &random) ? "" : "a = "
      for _ in 0..<count { text += signs.randomElement(using: &random)! }
      for diagnostic in SettingsLoader.parse(text, file: "f").diagnostics {
        #expect(diagnostic.location.line >= 1 && diagnostic.location.column >= 1)
      }
    }
  }

  @Test(
    "Values without quotes are those of TOML 1.0",
    arguments: [
      "0", "+0", "-17", "1_000", "0xDEAD_beef", "0o755", "0b1_0", "1.5", "-0.01", "5e+22", "1e06", "6.626e-34",
      "1_0.0_1",
      "inf", "-inf", "+nan", "true", "false", "1979-05-27", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00.999-07:00",
      "1979-05-27t07:32:00", "07:32:00.5",
    ])
  func bare(_ text: String) throws {
    #expect(BareValue.isValid(Array(text.utf8)[...]))
    #expect(throws: Never.self) { try TOMLNode.parse("a = " + text) }
  }

  @Test(
    "Words that only look like values are refused",
    arguments: [
      "", "_1", "1_", "1__0", "01", "-01", "+0x1", "0x", "0xG", "0x_1", "0b2", ".5", "5.", "1.e5", "1e", "1e+", "True",
      "Inf",
      "infinity", "1979-05", "1979-05-27T", "1979-05-27T07:32", "07:32", "07:32:00.", "07:32:00Z", "--1", "1-", "abc",
    ])
  func notBare(_ text: String) { #expect(!BareValue.isValid(Array(text.utf8)[...])) }

  @Test("A table that only headers mention is found at their part of the name")
  func headers() {
    let text = "[a.b]\nx = 1\n[[c]]\n[c.d]\n[[c]]\ny.z = 2\n"
    let places = KeyScanner.scan(text)
    func place(_ path: [KeyStep]) -> String {
      let location = places.location(places.range(of: path), in: "f")
      return "\(location.line):\(location.column)-\(location.endColumn)"
    }
    #expect(place([.key("a")]) == "1:2-3")
    #expect(place([.key("a"), .key("b")]) == "1:4-5")
    #expect(place([.key("c"), .index(0)]) == "3:3-4")
    #expect(place([.key("c"), .index(0), .key("d")]) == "4:4-5")
    #expect(place([.key("c"), .index(1), .key("y")]) == "6:1-2")
    #expect(place([.key("c"), .index(1), .key("y"), .key("z")]) == "6:3-4")
    // Nothing there: the nearest thing around it.
    #expect(place([.key("c"), .index(1), .key("missing")]) == "5:3-4")
    #expect(place([.key("nowhere")]) == "1:1-2")
  }

  @Test("Very deep nesting ends the scan and nothing else")
  func deep() {
    let deep = [
      "a = " + String(repeating: "[", count: 100_000), String(repeating: "a.", count: 100_000) + "a = 1",
      "[" + String(repeating: "a.", count: 100_000) + "a]", "a = " + String(repeating: "{a.b.c = ", count: 100_000),
    ]
    for text in deep {
      #expect(KeyScanner.scan(text).entries.count < 1000)
      #expect(SettingsLoader.parse(text, file: "f").hasErrors)
    }
  }
}
