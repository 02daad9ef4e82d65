import OrchYAML
import Testing

@Suite("YAML scalars")
struct YAMLScalarTests {
  private func scalar(_ text: String) throws -> (YAMLDocument, YAMLNode) {
    let document = try YAMLDocument(reading: Array("k: \(text)\n".utf8))
    let root = try #require(document.root)
    return (document, try #require(document.entries(of: root).first).value)
  }

  @Test(
    "Truth is written in the words of YAML 1.1",
    arguments: [
      ("true", true), ("True", true), ("TRUE", true), ("yes", true), ("Yes", true), ("on", true), ("ON", true),
      ("false", false), ("no", false), ("NO", false), ("Off", false), ("y", nil), ("n", nil), ("tRue", nil),
      ("truE", nil), ("\"true\"", nil), ("'no'", nil), ("1", nil), ("0", nil), ("", nil), ("maybe", nil), ("yeS", nil),
    ] as [(String, Bool?)])
  func bools(_ text: String, _ expected: Bool?) throws {
    let (document, node) = try scalar(text)
    #expect(document.bool(node) == expected)
  }

  @Test(
    "Whole numbers, with octal as 010 and 0o10",
    arguments: [
      ("0", 0), ("7", 7), ("-7", -7), ("+7", 7), ("1_000", 1000), ("010", 8), ("0o10", 8), ("0x1F", 31), ("0b101", 5),
      ("08", nil), ("09", nil), ("0o8", nil), ("0x", nil), ("_1", nil), ("1.0", nil), ("1:30", nil), ("\"7\"", nil),
      ("9223372036854775807", .max), ("9223372036854775808", nil), ("-9223372036854775808", .min),
      ("-9223372036854775809", nil), ("", nil), ("seven", nil), ("٣", nil),
    ] as [(String, Int?)])
  func ints(_ text: String, _ expected: Int?) throws {
    let (document, node) = try scalar(text)
    #expect(document.int(node) == expected)
  }

  @Test(
    "Padded numbers are decimal, in quotes or not",
    arguments: [
      ("010", 10), ("08", 8), ("\"03\"", 3), ("5", 5), ("-5", nil), ("1_0", nil), ("", nil), ("x", nil),
      ("99999999999999999999", nil),
    ] as [(String, Int?)])
  func decimals(_ text: String, _ expected: Int?) throws {
    let (document, node) = try scalar(text)
    #expect(document.decimal(node) == expected)
  }

  @Test(
    "Numbers with a fraction",
    arguments: [
      ("2.5", 2.5), (".5", 0.5), ("2.", 2), ("1e3", 1000), ("1_0.5", 10.5), ("-1.5", -1.5), ("3", 3), ("0x10", 16),
      (".inf", nil), (".nan", nil), ("nan", nil), ("inf", nil), ("1e999", nil), ("\"2.5\"", nil), ("e", nil),
      ("1.2.3", nil),
    ] as [(String, Double?)])
  func numbers(_ text: String, _ expected: Double?) throws {
    let (document, node) = try scalar(text)
    #expect(document.number(node) == expected)
  }

  @Test(
    "Nothing is nothing",
    arguments: [
      ("", true), ("~", true), ("null", true), ("Null", true), ("NULL", true), ("nULL", false), ("\"\"", false),
      ("'~'", false), ("none", false), ("[]", false),
    ])
  func nulls(_ text: String, _ expected: Bool) throws {
    let (document, node) = try scalar(text)
    #expect(document.isNull(node) == expected)
  }

  @Test("Collections are no scalars")
  func collections() throws {
    let (document, node) = try scalar("[true]")
    #expect(document.bool(node) == nil)
    #expect(document.int(node) == nil)
    #expect(document.number(node) == nil)
    #expect(document.decimal(node) == nil)
    #expect(document.text(node).isEmpty)
    #expect(!document.matches(node, "true"))
    let (other, word) = try scalar("abc")
    #expect(other.matches(word, "abc"))
    #expect(!other.matches(word, "abd"))
    #expect(!other.matches(word, "ab"))
  }
}
