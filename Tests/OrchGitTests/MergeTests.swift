import Foundation
import OrchDomain
import OrchGit
import OrchProcess
import OrchRandom
import Testing

@Suite("Merging in memory")
struct MergeTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var base: [String: String]
    var ours: [String: String?]
    var theirs: [String: String?]
    /// Nil for a clean merge.
    var conflicts: [MergeConflict]?
    var testDescription: String { name }
  }

  static let lines = (1...20).map { "line \($0)\n" }.joined()
  static let edited = lines.replacingOccurrences(of: "line 2\n", with: "LINE 2\n")
  static let editedToo = lines.replacingOccurrences(of: "line 18\n", with: "LINE 18\n")

  static let cases = [
    Case(
      name: "disjoint", base: ["a": "a", "d/b": "b", "d/e/c": "c"], ours: ["d/b": "B"],
      theirs: ["d/e/c": "C", "n": "n"]),
    Case(name: "disjoint in one new directory", base: ["a": "a"], ours: ["n/x": "x"], theirs: ["n/y": "y"]),
    Case(name: "same change", base: ["a": "a", "b": "b"], ours: ["a": "A"], theirs: ["a": "A", "b": "B"]),
    Case(name: "same removal", base: ["a": "a", "b": "b"], ours: ["a": nil], theirs: ["a": nil, "b": "B"]),
    Case(name: "different lines", base: ["a": lines], ours: ["a": edited], theirs: ["a": editedToo]),
    Case(
      name: "same line", base: ["a": lines], ours: ["a": edited],
      theirs: ["a": lines.replacingOccurrences(of: "line 2\n", with: "other\n")],
      conflicts: [MergeConflict(path: "a", kind: .bothModified)]),
    Case(
      name: "rename and edit", base: ["a": lines, "z": "z"], ours: ["a": nil, "b": lines], theirs: ["a": edited]),
    Case(
      name: "delete and modify", base: ["a": lines, "z": "z"], ours: ["a": nil], theirs: ["a": edited],
      conflicts: [MergeConflict(path: "a", kind: .deletedByUs)]),
    Case(
      name: "modify and delete", base: ["a": lines, "z": "z"], ours: ["a": edited], theirs: ["a": nil],
      conflicts: [MergeConflict(path: "a", kind: .deletedByThem)]),
    Case(
      name: "both add", base: ["z": "z"], ours: ["a": "1"], theirs: ["a": "2"],
      conflicts: [MergeConflict(path: "a", kind: .bothAdded)]),
    Case(name: "directory removed", base: ["d/a": "a", "z": "z"], ours: ["d/a": nil], theirs: ["z": "Z"]),
    Case(name: "everything removed", base: ["d/a": "a", "z": "z"], ours: ["d/a": nil], theirs: ["z": nil]),
    Case(
      name: "file becomes directory", base: ["a": "a", "z": "z"], ours: ["a": nil, "a/b": "b"], theirs: ["z": "Z"]),
    Case(
      name: "file becomes a directory on both sides", base: ["a": "a", "z": "z"], ours: ["a": nil, "a/x": "x"],
      theirs: ["a": nil, "a/y": "y"]),
    Case(
      name: "renamed to two names", base: ["a": lines, "z": "z"], ours: ["a": nil, "b": lines],
      theirs: ["a": nil, "c": lines],
      conflicts: [
        MergeConflict(path: "a", kind: .bothDeleted), MergeConflict(path: "b", kind: .inTheWay),
        MergeConflict(path: "c", kind: .inTheWay),
      ]),
    Case(
      name: "added to a renamed directory", base: ["d/a": lines, "d/b": edited, "z": "z"],
      ours: ["d/a": nil, "d/b": nil, "e/a": lines, "e/b": edited], theirs: ["d/new": "new"],
      conflicts: [MergeConflict(path: "d/new", kind: .addedToRenamedDirectory)]),
  ]

  @Test("Gives git's own tree, or names what conflicts", arguments: cases)
  func table(_ item: Case) async throws {
    let t = try await TestRepository.make(item.base)
    let (ours, theirs) = (try await t.proposal(item.ours), try await t.proposal(item.theirs))
    let r = try await t.open()
    let git = try await gitMerge(t, ours, theirs)
    let result = try await r.merge(ours: ours, theirs: theirs)
    if let conflicts = item.conflicts {
      #expect(result == .conflict(conflicts))
      #expect(git == nil)
    } else {
      #expect(result == .clean(tree: try #require(git)))
    }
  }

  @Test("A file in the place of a directory is a conflict for us as for git")
  func fileAndDirectory() async throws {
    let t = try await TestRepository.make(["z": "z"])
    let (ours, theirs) = (try await t.proposal(["a": "file"]), try await t.proposal(["a/b": "b"]))
    #expect(try await gitMerge(t, ours, theirs) == nil)
    guard case .conflict(let found) = try await t.open().merge(ours: ours, theirs: theirs) else {
      Issue.record("merged")
      return
    }
    #expect(found.contains { $0.path.hasPrefix("a") })
  }

  @Test("Modes merge like contents")
  func modes() async throws {
    let t = try await TestRepository.make(["a": Self.lines, "z": "z"])
    try await t.git("checkout", "-q", "-b", "x")
    try await t.git("update-index", "--chmod=+x", "a")
    try await t.git("commit", "-qm", "mode")
    let ours = try await t.rev("x")
    let theirs = try await t.proposal(["a": Self.edited])
    let expected = try #require(try await gitMerge(t, ours, theirs))
    #expect(try await t.open().merge(ours: ours, theirs: theirs) == .clean(tree: expected))
  }

  @Test("Uniting keeps what both sides have in one place, ours first, and nothing else is decided by it")
  func unites() async throws {
    let t = try await TestRepository.make(["log": "top\nend\n", "a": Self.lines, "z": "z"])
    let ours = try await t.proposal(["log": "top\nours\nend\n", "a": Self.edited])
    let theirs = try await t.proposal(["log": "top\ntheirs\nend\n", "a": Self.editedToo])
    let r = try await t.open()
    #expect(
      try await r.merge(ours: ours, theirs: theirs) == .conflict([MergeConflict(path: "log", kind: .bothModified)]))
    guard case .clean(let tree) = try await r.unite(ours: ours, theirs: theirs) else {
      Issue.record("it does not unite")
      return
    }
    #expect(try await t.git("show", "\(tree):log") == "top\nours\ntheirs\nend")
    #expect(try await t.git("show", "\(tree):a").contains("LINE 2\n"))
    #expect(try await t.git("show", "\(tree):a").contains("LINE 18\n"))
    let gone = try await t.proposal(["log": nil])
    guard case .conflict = try await r.unite(ours: ours, theirs: gone) else {
      Issue.record("a file that is gone was united")
      return
    }
  }

  @Test("Ancestors, criss-cross and unrelated histories")
  func histories() async throws {
    let t = try await TestRepository.make(["a": Self.lines, "b": "b\n"])
    let first = try await t.rev("HEAD")
    let r = try await t.open()
    let x = try await t.proposal(["a": Self.edited])
    let y = try await t.proposal(["a": Self.editedToo])
    #expect(try await r.merge(ours: first, theirs: x) == .clean(tree: try await t.rev("\(x)^{tree}")))
    #expect(try await r.merge(ours: x, theirs: first) == .clean(tree: try await t.rev("\(x)^{tree}")))
    guard case .clean(let tree) = try await r.merge(ours: x, theirs: y) else {
      Issue.record("conflict")
      return
    }
    let who = GitIdentity.orchestrator
    var heads: [String] = []
    for (n, parents) in [[x, y], [y, x]].enumerated() {
      let merged = try await r.makeCommit(
        tree: tree, parents: parents, message: "m", author: who, at: .init(milliseconds: 0))
      heads.append(try await t.proposal(["n\(n)": "n"], on: merged))
    }
    let expected = try #require(try await gitMerge(t, heads[0], heads[1]))
    #expect(try await r.merge(ours: heads[0], theirs: heads[1]) == .clean(tree: expected))

    try await t.git("checkout", "-q", "--orphan", "other")
    let other = try await t.commit(["o": "o"])
    await #expect(throws: GitError.unrelatedHistories(x, other)) { try await r.merge(ours: x, theirs: other) }
    #expect(try await r.mergeBase(x, other) == nil)
  }

  @Test(
    "Random edits give the tree that git gives, and conflict where git does", arguments: 1...12 as ClosedRange<UInt64>)
  func random(_ seed: UInt64) async throws {
    var random = SplitMix64(seed: seed)
    var base: [String: String] = [:]
    for d in 0..<4 {
      for f in 0..<5 {
        // Different texts, so that a rename has one origin only.
        base["d\(d)/s\(f % 2)/f\(f)"] = (1...12).map { "\(d) \(f) \($0) \(random.next() % 1000)\n" }.joined()
      }
    }
    let t = try await TestRepository.make(base)
    let r = try await t.open()
    for _ in 0..<3 {
      let ours = try await t.proposal(edits(base, &random))
      let theirs = try await t.proposal(edits(base, &random))
      let git = try await gitMerge(t, ours, theirs)
      let result = try await r.merge(ours: ours, theirs: theirs)
      switch (result, git) {
      case (.clean(let tree), let expected?): #expect(tree == expected)
      case (.conflict(let found), nil): #expect(!found.isEmpty)
      default: Issue.record("we: \(result), git: \(git ?? "conflict"), \(ours) \(theirs)")
      }
    }
  }

  private func edits(_ base: [String: String], _ random: inout SplitMix64) -> [String: String?] {
    var edits: [String: String?] = [:]
    let paths = base.keys.sorted()
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let path = paths[Int.random(in: 0..<paths.count, using: &random)]
      guard edits[path] == nil, let text = base[path] else { continue }
      var lines = text.split(separator: "\n").map(String.init)
      let at = Int.random(in: 0..<lines.count, using: &random)
      switch Int.random(in: 0..<10, using: &random) {
      case 0: edits[path] = .some(nil)
      case 1: edits["new/\(random.next() % 4)"] = "n\(random.next() % 2)\n"
      case 2:
        edits[path] = .some(nil)
        edits["moved/\(random.next() % 100)"] = text
      case 3:
        lines.remove(at: at)
        edits[path] = lines.joined(separator: "\n") + "\n"
      case 4:
        lines.insert("inserted \(random.next() % 3)", at: at)
        edits[path] = lines.joined(separator: "\n") + "\n"
      default:
        lines[at] = "changed \(random.next() % 3)"
        edits[path] = lines.joined(separator: "\n") + "\n"
      }
    }
    return edits
  }

  /// The tree that git merges to; nil when it finds conflicts.
  private func gitMerge(_ t: TestRepository, _ ours: String, _ theirs: String) async throws -> String? {
    let result = try await t.gitResult(["merge-tree", "--write-tree", ours, theirs])
    guard result.exit == .code(0) else { return nil }
    return result.text.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
