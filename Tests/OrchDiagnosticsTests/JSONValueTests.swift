import Foundation
import OrchDomain
import OrchRandom
import Testing

@testable import OrchDiagnostics

@Suite("JSON text")
struct JSONValueTests {
  @Test("Members keep their order and nothing is left to chance")
  func order() {
    let value: JSONValue = ["z": 1, "a": [true, nil, 2.5, "x"], "empty": [:], "none": []]
    #expect(value.text() == #"{"z":1,"a":[true,null,2.5,"x"],"empty":{},"none":[]}"#)
    #expect(
      value.text(pretty: true) == """
        {
          "z": 1,
          "a": [
            true,
            null,
            2.5,
            "x"
          ],
          "empty": {},
          "none": []
        }
        """)
    #expect(value["a"] == [true, nil, 2.5, "x"])
    #expect(value["b"] == nil)
  }

  @Test(
    "Characters that could end a string or steer a terminal are escaped",
    arguments: [
      ("\"", #""\"""#), ("\\", #""\\""#), ("\n\r\t", #""\n\r\t""#), ("\u{0}\u{1B}", #""\u0000\u001b""#),
      ("\u{7F}\u{9B}", #""\u007f\u009b""#), ("\u{202E}", #""\u202e""#), ("\u{2028}", #""\u2028""#), ("é😀", #""é😀""#),
    ])
  func escapes(_ text: String, _ expected: String) {
    #expect(JSONValue.string(text).text() == expected)
    var writer = JSONText()
    writer.string("k", text)
    #expect(writer.text == "\"k\":" + expected, "both writers agree")
  }

  @Test("Numbers that JSON does not have are null", arguments: [Double.nan, .infinity, -.infinity])
  func notNumbers(_ value: Double) { #expect(JSONValue.double(value).text() == "null") }

  @Test("Any text survives a foreign parser", arguments: 0..<100 as Range<UInt64>)
  func roundTrip(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let text = random.text()
    let value = JSONValue.object([.init("k", .string(text)), .init(text + "2", .int(Int64(seed)))])
    for pretty in [false, true] {
      let parsed = try JSONSerialization.jsonObject(with: Data(value.text(pretty: pretty).utf8))
      let object = try #require(parsed as? [String: Any])
      #expect(Array((object["k"] as? String ?? "").unicodeScalars) == Array(text.unicodeScalars))
      #expect(object.count == 2)
    }
  }

  @Test("What is made visible is the same in both modules", arguments: 0..<100 as Range<UInt64>)
  func visible(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let text = random.text()
    #expect(VisibleText.line(text) == SafeText.visible(text))
  }
}

extension SplitMix64 {
  /// Characters of all kinds, with a taste for the dangerous ones.
  mutating func text() -> String {
    var result = ""
    for _ in 0..<Int.random(in: 0...40, using: &self) {
      let value: UInt32
      switch Int.random(in: 0..<4, using: &self) {
      case 0: value = .random(in: 0...0x9F, using: &self)
      case 1: value = .random(in: 0x2000...0x206F, using: &self)
      case 2: value = .random(in: 0...0x10FFFF, using: &self)
      default: value = .random(in: 0x20...0x7E, using: &self)
      }
      if let scalar = Unicode.Scalar(value) { result.unicodeScalars.append(scalar) }
    }
    return result
  }
}
