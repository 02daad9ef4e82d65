import Foundation
import OrchDiagnostics
import Testing

@Suite("Diagnostics for tools")
struct DiagnosticReportTests {
  static let source = "---\ndepends_on: [ä/E99]\n---\n"
  static let place = SourceLocation(file: "docs/plans/a b/e,x.md", line: 2, column: 14, endLine: 2, endColumn: 20)
  static let diagnostics = [
    Diagnostic(
      .error, "P004", at: place, "50% of\n\"it\": wrong",
      notes: [.init("plain"), .init("placed", at: SourceLocation(file: "other.md", line: 1, column: 1))],
      fix: .init("replace", replacing: place, with: "a/E09")),
    Diagnostic(.note, "P011", at: SourceLocation(file: "a.md", line: 1, column: 1), "unknown key 'x'"),
    Diagnostic(.warning, "P010", at: SourceLocation(file: "a.md", line: 1, column: 1), "no title"),
  ]
  static var report: DiagnosticReport {
    DiagnosticReport(diagnostics, files: 3, tasks: 2, toolVersion: "1.0") { _ in Array(source.utf8) }
  }

  private func object(_ format: DiagnosticFormat) throws -> [String: Any] {
    let text = Self.report.text(format)
    #expect(text.hasSuffix("\n"))
    return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test("JSON has the members of product.md, sorted by place")
  func json() throws {
    let root = try object(.json)
    #expect(
      root["summary"] as? [String: Int] == ["files": 3, "tasks": 2, "errors": 1, "warnings": 1])
    let list = try #require(root["diagnostics"] as? [[String: Any]])
    #expect(list.map { $0["code"] as? String } == ["P010", "P011", "P004"])
    let last = try #require(list.last)
    #expect(
      Set(last.keys) == [
        "code", "severity", "message", "file", "line", "column", "end_line", "end_column", "notes", "fix",
      ])
    #expect(last["message"] as? String == "50% of\n\"it\": wrong")
    #expect(last["end_column"] as? Int == 20)
    #expect((last["notes"] as? [[String: Any]])?.count == 2)
    #expect((last["fix"] as? [String: Any])?["replacement"] as? String == "a/E09")
    #expect(list[0]["fix"] is NSNull)
  }

  @Test("SARIF has what version 2.1.0 demands, with columns in code points")
  func sarif() throws {
    let root = try object(.sarif)
    #expect(root["version"] as? String == "2.1.0")
    let run = try #require((root["runs"] as? [[String: Any]])?.first)
    #expect(run["columnKind"] as? String == "unicodeCodePoints")
    let driver = try #require((run["tool"] as? [String: Any])?["driver"] as? [String: Any])
    let rules = try #require(driver["rules"] as? [[String: Any]])
    #expect(rules.map { $0["id"] as? String } == ["P004", "P010", "P011"])
    let results = try #require(run["results"] as? [[String: Any]])
    for result in results {
      let index = try #require(result["ruleIndex"] as? Int)
      #expect(rules[index]["id"] as? String == result["ruleId"] as? String)
      #expect(["error", "warning", "note"].contains(result["level"] as? String ?? ""))
    }
    let last = try #require(results.last)
    let physical = try #require(
      (last["locations"] as? [[String: Any]])?.first?["physicalLocation"] as? [String: Any])
    #expect((physical["artifactLocation"] as? [String: String])?["uri"] == "docs/plans/a%20b/e%2Cx.md")
    #expect(
      physical["region"] as? [String: Int]
        == ["startLine": 2, "startColumn": 14, "endLine": 2, "endColumn": 19], "ä is two bytes but one code point")
    #expect((last["relatedLocations"] as? [[String: Any]])?.count == 1)
    let change = try #require(
      ((last["fixes"] as? [[String: Any]])?.first?["artifactChanges"] as? [[String: Any]])?.first)
    let replacement = try #require((change["replacements"] as? [[String: Any]])?.first)
    #expect(replacement["insertedContent"] as? [String: String] == ["text": "a/E09"])
    #expect((replacement["deletedRegion"] as? [String: Int])?["endColumn"] == 19)
  }

  @Test("GitHub annotations keep their line, whatever the message holds")
  func github() {
    #expect(
      Self.report.text(.github) == """
        ::warning file=a.md,line=1,endLine=1,col=1,endColumn=2,title=P010::no title
        ::notice file=a.md,line=1,endLine=1,col=1,endColumn=2,title=P011::unknown key 'x'
        ::error file=docs/plans/a b/e%2Cx.md,line=2,endLine=2,col=14,endColumn=20,title=P004::50%25 of%0A"it": wrong%0A\
        note: plain%0Aother.md:1:1: note: placed%0Afix: replace

        """)
  }

  @Test("An empty report is empty for people and valid for tools")
  func empty() throws {
    let report = DiagnosticReport([], files: 0, tasks: 0)
    #expect(report.text(.text).isEmpty)
    #expect(report.text(.github).isEmpty)
    #expect(
      report.text(.json)
        == #"{"diagnostics":[],"summary":{"files":0,"tasks":0,"errors":0,"warnings":0}}"# + "\n")
    #expect(try JSONSerialization.jsonObject(with: Data(report.text(.sarif).utf8)) is [String: Any])
  }
}

@Suite("Explanations")
struct DiagnosticCatalogTests {
  @Test("Every code from P001 on has one page, in ascending order")
  func complete() {
    let codes = DiagnosticCatalog.entries.map(\.code)
    let expected: [String] = (1...19).map { number in number < 10 ? "P00\(number)" : "P0\(number)" }
    #expect(codes == expected)
    for entry in DiagnosticCatalog.entries {
      #expect(entry.page.hasPrefix("# \(entry.code): \(entry.title) (\(entry.severity.rawValue))\n"))
      #expect(entry.page.contains("\nWrong:\n\n    "))
      #expect(entry.page.contains("\nRight:\n\n    "))
      #expect(entry.wrong != entry.right)
    }
  }

  @Test("Codes are found in any letter case")
  func lookUp() {
    #expect(DiagnosticCatalog.entry("p004")?.title == "unknown dependency")
    #expect(DiagnosticCatalog.entry("P999") == nil)
  }
}
