import Foundation
import OrchGit
import Testing

@Suite("Status commits beside a person's own edits")
struct StatusEditTests {
  static let plan = "---\nstatus: not_started\n---\n# Title\n\nText\n"
  static let done = plan.replacingOccurrences(of: "not_started", with: "complete")

  /// The edit of a status commit, as the caller will make it: only the token changes, and only if it is there.
  static let edit = WorkingFileEdit(path: "docs/p.md") { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    if text.contains("status: complete") { return bytes }
    guard text.contains("status: not_started") else { return nil }
    return Array(text.replacingOccurrences(of: "status: not_started", with: "status: complete").utf8)
  }

  func scene() async throws -> AdvanceTests.Scene {
    try await AdvanceTests.Scene.make(["docs/p.md": Self.plan, "other": "o\n"], ["docs/p.md": Self.done])
  }

  func marked(_ text: String) -> String { text.replacingOccurrences(of: "not_started", with: "complete") }

  @Test("A clean plan file follows the commit")
  func clean() async throws {
    let s = try await scene()
    try await s.expectMoved(s.advance([Self.edit]))
    #expect(s.t.read("docs/p.md") == Self.done)
    #expect(try await s.t.git("status", "--porcelain") == "")
  }

  @Test("An unstaged edit stays, unstaged, with the new status in it")
  func unstaged() async throws {
    let s = try await scene()
    let mine = Self.plan + "my note\r\n"
    try s.t.write("docs/p.md", mine)
    try s.t.write("other", "mine")
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: s.t.path + "/docs/p.md")
    try await s.expectMoved(s.advance([Self.edit]))
    #expect(s.t.read("docs/p.md") == marked(mine))
    #expect(try await s.t.git("show", ":docs/p.md") == String(Self.done.dropLast()))
    #expect(try await s.t.git("diff", "--numstat", "--", "docs/p.md") == "1\t0\tdocs/p.md")
    #expect(try await s.t.git("status", "--porcelain") == " M docs/p.md\n M other")
    let mode = try FileManager.default.attributesOfItem(atPath: s.t.path + "/docs/p.md")[.posixPermissions]
    #expect((mode as? NSNumber)?.intValue == 0o640)
  }

  @Test("A staged edit stays staged, and what came after it unstaged")
  func staged() async throws {
    let s = try await scene()
    try s.t.write("docs/p.md", Self.plan + "staged\n")
    try await s.t.git("add", "-A")
    try await s.expectMoved(s.advance([Self.edit]))
    #expect(s.t.read("docs/p.md") == Self.done + "staged\n")
    #expect(try await s.t.git("show", ":docs/p.md") + "\n" == Self.done + "staged\n")
    #expect(try await s.t.git("status", "--porcelain") == "M  docs/p.md")
  }

  @Test("Staged and unstaged edits on top of each other both stay")
  func both() async throws {
    let s = try await scene()
    try s.t.write("docs/p.md", Self.plan + "staged\n")
    try await s.t.git("add", "-A")
    try s.t.write("docs/p.md", Self.plan + "staged\nunstaged\n")
    try await s.expectMoved(s.advance([Self.edit]))
    #expect(s.t.read("docs/p.md") == Self.done + "staged\nunstaged\n")
    #expect(try await s.t.git("show", ":docs/p.md") + "\n" == Self.done + "staged\n")
    #expect(try await s.t.git("status", "--porcelain") == "MM docs/p.md")
  }

  @Test("A deletion, staged or not, stays a deletion", arguments: [true, false])
  func deleted(_ staged: Bool) async throws {
    let s = try await scene()
    if staged { try await s.t.git("rm", "-q", "docs/p.md") } else { try s.t.remove("docs/p.md") }
    try await s.expectMoved(s.advance([Self.edit]))
    #expect(s.t.read("docs/p.md") == nil)
    #expect(try await s.t.git("status", "--porcelain") == (staged ? "D  docs/p.md" : " D docs/p.md"))
  }

  @Test(
    "A file that does not take the edit, is read-only or a link is left alone and reported",
    arguments: ["text", "read-only", "link"])
  func leftAlone(_ kind: String) async throws {
    let s = try await scene()
    let file = s.t.path + "/docs/p.md"
    var reason = UneditedFile.Reason.notEditable
    switch kind {
    case "text": try s.t.write("docs/p.md", "rewritten from scratch")
    case "read-only":
      try s.t.write("docs/p.md", Self.plan + "mine")
      try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: file)
      reason = .readOnly
    default:
      try s.t.remove("docs/p.md")
      try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: "../other")
      reason = .notAFile
    }
    let before = try await s.t.picture()
    #expect(
      try await s.advance([Self.edit])
        == .moved(leftAlone: [UneditedFile(checkout: s.t.path, path: "docs/p.md", reason: reason)]))
    #expect(try await s.t.picture() == before)
    #expect(try await s.t.rev("main") == s.new)
    #expect(try await s.t.git("diff", "--cached", "--name-only") == "")
  }

  @Test("Without the edit the same situation waits")
  func withoutEdit() async throws {
    let s = try await scene()
    try s.t.write("docs/p.md", Self.plan + "mine")
    try await s.expectWaiting(s.advance(), .uncommittedChanges, ["docs/p.md"])
  }

  @Test("A person's own overlapping edit of the status line is theirs: the file is left alone")
  func conflict() async throws {
    let s = try await scene()
    try s.t.write("docs/p.md", Self.plan.replacingOccurrences(of: "not_started", with: "in_progress"))
    let before = try await s.t.picture()
    guard case .moved(let left) = try await s.advance([Self.edit]) else {
      Issue.record("not moved")
      return
    }
    #expect(left.map(\.reason) == [.notEditable])
    #expect(try await s.t.picture() == before)
  }

  @Test(
    "Killed after the working file was edited, and after the index was installed, the same call completes it",
    arguments: [1, 2])
  func repeated(_ step: Int) async throws {
    let s = try await scene()
    let mine = Self.plan + "mine\n"
    try s.t.write("docs/p.md", marked(mine))
    if step == 2 {
      let blob = try await s.t.rev("\(s.new):docs/p.md")
      try await s.t.git("update-index", "--cacheinfo", "100644,\(blob),docs/p.md")
    }
    try await s.expectMoved(s.advance([Self.edit]))
    #expect(s.t.read("docs/p.md") == marked(mine))
    #expect(try await s.t.git("status", "--porcelain") == " M docs/p.md")
  }
}
