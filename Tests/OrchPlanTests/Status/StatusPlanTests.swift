import OrchDomain
import OrchRandom
import OrchYAML
import Testing

@testable import OrchPlan

private func edited(_ text: String, to status: TaskStatus) throws -> String {
  let bytes = Array(text.utf8)
  let edits = try StatusEdit.plan(bytes, to: status)
  return String(decoding: try #require(bytes.applying(edits)), as: UTF8.self)
}

@Suite("Status of a plan")
struct StatusPlanTests {
  private struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var before: String
    var after: String
    var testDescription: String { name }
    init(_ name: String, _ before: String, _ after: String) {
      self.name = name
      self.before = before
      self.after = after
    }
  }

  /// All set to complete.
  private static let cases: [Case] = [
    Case("plain", "---\nstatus: todo\npriority: high\n---\n# T\n", "---\nstatus: complete\npriority: high\n---\n# T\n"),
    Case(
      "double quotes", "---\nstatus: \"in progress\"  # soon\n---\n", "---\nstatus: \"complete\"  # soon\n---\n"),
    Case("single quotes", "---\nstatus: 'todo'\n---\n", "---\nstatus: 'complete'\n---\n"),
    Case(
      "comment and odd blanks", "---\nstatus   :   todo   # why\n---\n", "---\nstatus   :   complete   # why\n---\n"),
    Case("several words", "---\nstatus: in progress\n---\n", "---\nstatus: complete\n---\n"),
    Case("unknown word", "---\nstatus: 🔴 red\n---\n", "---\nstatus: complete\n---\n"),
    Case("CRLF", "---\r\nstatus: todo\r\na: 1\r\n---\r\nx\r\n", "---\r\nstatus: complete\r\na: 1\r\n---\r\nx\r\n"),
    Case("CR", "---\rstatus: todo\r---\rx", "---\rstatus: complete\r---\rx"),
    Case("BOM", "\u{FEFF}---\nstatus: todo\n---\n", "\u{FEFF}---\nstatus: complete\n---\n"),
    Case("empty", "---\nstatus:\npriority: high\n---\n", "---\nstatus: complete\npriority: high\n---\n"),
    Case(
      "empty with blanks", "---\nstatus:  \npriority: high\n---\n", "---\nstatus: complete  \npriority: high\n---\n"),
    Case("empty with comment", "---\nstatus: # later\n---\n", "---\nstatus: complete # later\n---\n"),
    Case("empty and last, CRLF", "---\r\nstatus:\r\n---\r\n", "---\r\nstatus: complete\r\n---\r\n"),
    Case("null", "---\nstatus: ~\n---\n", "---\nstatus: complete\n---\n"),
    Case("empty quotes", "---\nstatus: ''\n---\n", "---\nstatus: 'complete'\n---\n"),
    Case("missing", "---\npriority: high\n---\n# T", "---\npriority: high\nstatus: complete\n---\n# T"),
    Case("missing, CRLF", "---\r\na: 1\r\n---\r\n", "---\r\na: 1\r\nstatus: complete\r\n---\r\n"),
    Case("missing, indented keys", "---\n  a: 1\n---\n", "---\n  a: 1\n  status: complete\n---\n"),
    Case("empty frontmatter", "---\n---\nx", "---\nstatus: complete\n---\nx"),
    Case("only a comment", "---\n# note\n---\nx", "---\n# note\nstatus: complete\n---\nx"),
    Case("no frontmatter", "# T\n", "---\nstatus: complete\n---\n# T\n"),
    Case("no frontmatter, CRLF", "# T\r\n", "---\r\nstatus: complete\r\n---\r\n# T\r\n"),
    Case("no frontmatter, BOM", "\u{FEFF}# T\n", "\u{FEFF}---\nstatus: complete\n---\n# T\n"),
    Case("empty file", "", "---\nstatus: complete\n---\n"),
    Case(
      "nested key", "---\nmeta:\n  status: todo\nstatus: todo\n---\n",
      "---\nmeta:\n  status: todo\nstatus: complete\n---\n"),
    Case(
      "only a nested key", "---\nmeta:\n  status: todo\n---\n", "---\nmeta:\n  status: todo\nstatus: complete\n---\n"),
    Case(
      "in a block of text", "---\nnote: |\n  status: todo\nstatus: todo\n---\n",
      "---\nnote: |\n  status: todo\nstatus: complete\n---\n"),
    Case(
      "behind a block of text", "---\nnote: |+\n  status: todo\n\n---\n",
      "---\nnote: |+\n  status: todo\n\nstatus: complete\n---\n"),
    Case("in a comment", "---\n# status: todo\na: 1\n---\n", "---\n# status: todo\na: 1\nstatus: complete\n---\n"),
    Case("quoted key", "---\n\"status\": todo\n---\n", "---\n\"status\": complete\n---\n"),
    Case("in the body", "---\nstatus: todo\n---\nstatus: todo\n", "---\nstatus: complete\n---\nstatus: todo\n"),
    Case("flow", "---\n{epic: 1, status: todo}\n---\n", "---\n{epic: 1, status: complete}\n---\n"),
    Case("flow, missing", "---\n{epic: 1}\n---\n", "---\n{epic: 1, status: complete}\n---\n"),
    Case("flow, empty", "---\n{}\n---\n", "---\n{status: complete}\n---\n"),
    Case("flow, trailing comma", "---\n{epic: 1,}\n---\n", "---\n{epic: 1, status: complete,}\n---\n"),
    Case("two lines", "---\nstatus: in\n  progress\na: 1\n---\n", "---\nstatus: complete\na: 1\n---\n"),
    Case(
      "wide characters before", "---\ntitle: äöü🟢\nstatus: todo\n---\n", "---\ntitle: äöü🟢\nstatus: complete\n---\n"),
    Case(
      "similar keys", "---\nstatus_old: todo\nmy-status: todo\n---\n",
      "---\nstatus_old: todo\nmy-status: todo\nstatus: complete\n---\n"),
    Case("repeated", "---\nstatus: todo\nstatus: done\n---\n", "---\nstatus: complete\nstatus: done\n---\n"),
    Case("explicit key", "---\n? status\n: todo\n---\n", "---\n? status\n: complete\n---\n"),
  ]

  @Test("Only the word changes", arguments: cases)
  private func table(_ example: Case) throws {
    let after = try edited(example.before, to: .complete)
    #expect(after == example.after)
    #expect(Array(after.utf8) == Array(example.after.utf8))
    #expect(try edited(after, to: .complete) == after)
    #expect(try StatusEdit.readPlan(Array(after.utf8)) == .complete)
  }

  @Test("A synonym is right already", arguments: ["done", "completed", "Complete", "\"DONE\"", "complete # x"])
  func synonyms(value: String) throws {
    #expect(try StatusEdit.plan(Array("---\nstatus: \(value)\n---\n".utf8), to: .complete) == [])
  }

  @Test(
    "What can't be edited safely is refused with its line",
    arguments: [
      ("---\nstatus: todo\n", 1), ("---\na: 1\nstatus: [todo]\n---\n", 3), ("---\nstatus: {a: b}\n---\n", 2),
      ("---\n- a\n---\n", 2), ("---\njust text\n---\n", 2), ("---\nstatus: |\n  todo\n---\n", 2),
      ("---\na: &x todo\nstatus: *x\n---\n", 3), ("---\nstatus: !!str todo\n---\n", 2),
      ("---\nstatus: &a 'todo'\n---\n", 2), ("---\na: [1\n---\n", 2), ("---\n{status}\n---\n", 2),
      ("---\na: \"x\n---\n", 2),
    ])
  func refused(text: String, line: Int) {
    let error = #expect(throws: StatusEditError.self) { try StatusEdit.plan(Array(text.utf8), to: .complete) }
    #expect(error.map { $0.line >= line } == true)
    #expect(error?.description.isEmpty == false)
  }

  @Test("A frontmatter that ends in the middle is not appended to") func documentEnd() {
    #expect(throws: StatusEditError.ineffective) {
      try StatusEdit.plan(Array("---\na: 1\n...\n---\n".utf8), to: .complete)
    }
  }

  @Test("On random frontmatter an edit changes the word only, works once, and reads back", arguments: UInt64(0)..<300)
  func property(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let newline = ["\n", "\r\n"].randomElement(using: &random) ?? "\n"
    let others = [
      "title: \"a: b # c\"", "epic: 3", "depends_on: [billing/E01, 2]", "depends_on:\n  - a/E01\n  - status: x",
      "note: |\n  status: todo\n\n  more", "note: >-\n  status: done", "# status: in_progress", "meta:\n  status: done",
      "",
      "k: 'it''s'", "status2: todo", "ünï: 🟢", "long: one\n  status\n  two",
    ]
    let values = ["todo", "'done'", "\"in progress\"", "", "~", "complete  # c", "nonsense", "in-progress"]
    var parts = others.shuffled(using: &random).prefix(Int.random(in: 0...6, using: &random))
    var keys: Set<Substring> = []
    parts = parts.filter { keys.insert($0.prefix { $0 != ":" }).inserted }[...]
    if Bool.random(using: &random) {
      let value = values.randomElement(using: &random) ?? ""
      parts.insert("status:" + (value.isEmpty ? "" : " ") + value, at: Int.random(in: 0...parts.count, using: &random))
    }
    let lines = (["---"] + parts + ["---", "# T", "", "status: body 🔴"]).joined(separator: "\n")
    let bytes =
      Array((["", "\u{FEFF}"].randomElement(using: &random) ?? "").utf8)
      + Array(lines.replacing("\n", with: newline).utf8)
    let wanted = TaskStatus.allCases.randomElement(using: &random) ?? .complete

    let edits = try StatusEdit.plan(bytes, to: wanted)
    let result = try #require(bytes.applying(edits))
    #expect(try StatusEdit.readPlan(result) == wanted)
    #expect(try StatusEdit.plan(result, to: wanted).isEmpty)
    #expect(edits.count <= 1)
    if let edit = edits.first {
      #expect(result.prefix(edit.offset) == bytes.prefix(edit.offset))
      #expect(result.dropFirst(edit.offset + edit.replacement.count) == bytes.dropFirst(edit.offset + edit.length))
      #expect(edit.length <= 14)
    }
    // libyaml, asked for everything else, sees no difference.
    #expect(try otherEntries(result) == otherEntries(bytes))
  }

  private func otherEntries(_ bytes: [UInt8]) throws -> [[UInt8]] {
    let part = try #require(FrontMatter(bytes))
    let document = try YAMLDocument(reading: bytes, in: part.content)
    guard let root = document.root else { return [] }
    return document.entries(of: root).filter { document.text($0.key) != "status" }.map {
      Array(bytes[$0.key.start..<max($0.key.start, $0.value.end)]) + Array(document.bytes($0.value))
    }
  }

  @Test("Edits that overlap or lie outside are not made")
  func applying() {
    let bytes = Array("abcdef".utf8)
    let x = Array("X".utf8)
    let edits = [TextEdit(offset: 4, length: 2, replacement: []), TextEdit(offset: 0, length: 1, replacement: x)]
    #expect(bytes.applying(edits) == Array("Xbcd".utf8))
    #expect(bytes.applying([]) == bytes)
    #expect(bytes.applying([TextEdit(offset: 6, length: 0, replacement: x)]) == Array("abcdefX".utf8))
    for (offset, length) in [(-1, 1), (7, 0), (5, 2), (0, -1), (1, .max), (.max, 1)] {
      #expect(bytes.applying([TextEdit(offset: offset, length: length, replacement: x)]) == nil)
    }
    let overlap = [TextEdit(offset: 0, length: 3, replacement: x), TextEdit(offset: 2, length: 1, replacement: x)]
    #expect(bytes.applying(overlap) == nil)
  }
}
