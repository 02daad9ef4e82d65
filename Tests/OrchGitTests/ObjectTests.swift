import Foundation
import OrchDomain
import OrchGit
import Testing

@Suite("Reading and writing objects")
struct ObjectTests {
  let noon = Timestamp(milliseconds: 1_780_000_000_123)

  @Test("Commits, files and trees are those that git reports")
  func reads() async throws {
    let t = try await TestRepository.make(["a.txt": "1\n", "dir/b.txt": "b", "dir/sub/c": ""])
    let first = try await t.rev("HEAD")
    let second = try await t.commit(["a.txt": "2\n"], "second\n\nbody")
    let r = try await t.open()
    #expect(try await r.commitID(ofRef: "main") == second)
    #expect(try await r.commitID(ofRef: "HEAD") == second)
    #expect(try await r.commitID(ofRef: "refs/heads/main") == second)
    #expect(try await r.commitID(ofRef: first) == first)
    #expect(try await r.commitID(ofRef: String(repeating: "1", count: 40)) == nil)
    for name in ["nothing", "-x", "a..b", "refs/heads/", ":/first", "main~1"] {
      #expect(try await r.commitID(ofRef: name) == nil, "\(name)")
    }
    #expect(try await r.treeID(ofCommit: second) == t.rev("HEAD^{tree}"))
    #expect(try await r.isAncestor(first, of: second))
    #expect(try await !r.isAncestor(second, of: first))
    #expect(try await r.isAncestor(second, of: second))
    #expect(try await r.mergeBase(first, second) == first)
    #expect(try await r.file(at: "a.txt", in: first) == Array("1\n".utf8))
    #expect(try await r.file(at: "dir", in: first) == nil)
    #expect(try await r.file(at: "no/such", in: first) == nil)
    #expect(try await r.files(under: "dir/", in: first).map(\.path) == ["dir/b.txt", "dir/sub/c"])
    #expect(try await r.files(under: "", in: first).count == 3)
    let log = try await r.commits(from: first, to: second)
    #expect(log.map(\.id) == [second])
    #expect(log.first?.subject == "second")
    #expect(log.first?.author == GitIdentity(name: "T", email: "t@example.org"))
    #expect(log.first?.parents == [first])
    #expect(log.first?.time.rfc3339 == "2026-01-01T00:00:00Z")
    await #expect(throws: GitError.unknownRevision("main")) { try await r.treeID(ofCommit: "main") }
  }

  @Test("An ancestor is found as a parent, behind a parent, and across a merge")
  func ancestors() async throws {
    let t = try await TestRepository.make(["a.txt": "1\n"])
    let r = try await t.open()
    let root = try await t.rev("HEAD")
    let tree = try await t.rev("HEAD^{tree}")
    func child(_ parents: String...) async throws -> String {
      try await r.makeCommit(
        tree: tree, parents: parents, message: parents.joined(separator: " "), author: .orchestrator, at: noon)
    }
    let left = try await child(root)
    let right = try await child(left)
    let other = try await child(right, root)
    let merge = try await child(root, right)
    for (ancestor, commit) in [(root, right), (left, merge), (right, merge), (root, other), (left, other)] {
      #expect(try await r.isAncestor(ancestor, of: commit))
      #expect(try await !r.isAncestor(commit, of: ancestor))
    }
    #expect(try await !r.isAncestor(other, of: merge))
  }

  @Test("A commit made here is one that git accepts, whatever the identity holds")
  func writes() async throws {
    let t = try await TestRepository.make(["run.sh": "old", "b": "b"])
    try await t.git("update-index", "--chmod=+x", "run.sh")
    try await t.git("commit", "-qm", "mode")
    let head = try await t.rev("HEAD")
    let r = try await t.open()
    let tree = try await r.tree(of: head, replacing: ["run.sh": Array("new".utf8)])
    let id = try await r.makeCommit(
      tree: tree, parents: [head], message: "status", author: GitIdentity(name: " <A\n> ", email: "\u{0}"), at: noon)
    #expect(try await t.git("cat-file", "-p", "\(id):run.sh") == "new")
    #expect(try await t.git("ls-tree", id, "run.sh").hasPrefix("100755"))
    #expect(try await t.git("log", "-1", "--format=%an|%ae|%ct|%s", id) == "A|unknown@localhost|1780000000|status")
    try await t.git("fsck", "--strict")
    await #expect(throws: GitError.noSuchFile(path: "none", commit: head)) {
      try await r.tree(of: head, replacing: ["none": []])
    }
    await #expect(throws: GitError.badPath("../x")) { try await r.tree(of: head, replacing: ["../x": []]) }
  }

  @Test("A diff shows renames, modes, binary files, links and files without a last line feed")
  func diffs() async throws {
    let text = (1...30).map { "line \($0)\n" }.joined()
    let t = try await TestRepository.make([
      "old.txt": text, "mod.txt": "a\nb\nc\n", "gone.txt": "x\n", "bin": "a\u{0}b", "m.sh": "m",
    ])
    let from = try await t.rev("HEAD")
    try await t.git("mv", "old.txt", "new.txt")
    try await t.git("update-index", "--chmod=+x", "m.sh")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: t.path + "/m.sh")
    try FileManager.default.createSymbolicLink(atPath: t.path + "/link", withDestinationPath: "mod.txt")
    let to = try await t.commit(
      ["new.txt": text + "more\n", "mod.txt": "a\nB\nc", "gone.txt": nil, "bin": "a\u{0}c", "ü.txt": "ü\n"])
    let r = try await t.open()
    let files = try await r.diff(from: from, to: to)
    let byPath = Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0) })
    #expect(byPath["new.txt"]?.kind == .renamed)
    #expect(byPath["new.txt"]?.oldPath == "old.txt")
    #expect(byPath["gone.txt"]?.kind == .deleted)
    #expect(byPath["bin"]?.isBinary == true)
    #expect(byPath["m.sh"]?.newMode == 0o100755)
    #expect(byPath["m.sh"]?.hunks.isEmpty == true)
    #expect(byPath["link"]?.newMode == 0o120000)
    #expect(byPath["link"]?.hunks.first?.lines.map(\.text) == ["mod.txt"])
    #expect(byPath["ü.txt"]?.hunks.first?.lines == [FileDiff.Line(.added, newLine: 1, "ü")])
    let lines = byPath["mod.txt"]?.hunks.first?.lines
    #expect(lines?.map(\.text) == ["a", "b", "c", "B", "c"])
    #expect(lines?.map(\.newLine) == [1, nil, nil, 2, 3])
    #expect(try await r.changedPaths(from: from, to: to).contains("old.txt"))
    let whole = try await r.diff(from: nil, to: from)
    #expect(whole.count == 5 && whole.allSatisfy { $0.kind == .added })
  }

  @Test("A patch is one that git applies, to exactly the new tree")
  func patches() async throws {
    let text = (1...30).map { "line \($0)\n" }.joined()
    let t = try await TestRepository.make(["old.txt": text, "mod.txt": "a\nb", "gone.txt": "x", "q\"\t.txt": "1\n"])
    let from = try await t.rev("HEAD")
    try await t.git("mv", "old.txt", "new.txt")
    let to = try await t.commit(
      ["new.txt": "zero\n" + text, "mod.txt": "a\nB\n", "gone.txt": nil, "q\"\t.txt": "2", "empty": ""])
    let r = try await t.open()
    let patch = try await r.patch(from: from, to: to)
    try await t.git("checkout", "-q", "--detach", from)
    try await t.git("apply", "--index", "-", input: patch)
    #expect(try await t.git("write-tree") == t.rev("\(to)^{tree}"))
    let short = try await r.patch(from: from, to: to, limit: 60)
    #expect(short.contains(DiffLimits.marker))
  }

  @Test("What is cut from a long diff is marked, and attributes of the branch hide nothing")
  func bounded() async throws {
    let t = try await TestRepository.make([".gitattributes": "*.swift -diff binary\n", "a.swift": ""])
    let from = try await t.rev("HEAD")
    let to = try await t.commit(["a.swift": (1...100).map { "\($0)\n" }.joined(), "b.txt": "b\n"])
    let r = try await t.open()
    let full = try await r.diff(from: from, to: to)
    #expect(full.first { $0.path == "a.swift" }?.hunks.first?.lines.count == 100)
    let cut = try await r.diff(from: from, to: to, limits: DiffLimits(linesPerFile: 10))
    let lines = try #require(cut.first { $0.path == "a.swift" }?.hunks.first?.lines)
    #expect(lines.count == 11)
    #expect(lines.last?.text == "\(DiffLimits.marker) 90 more lines of this file]")
    let none = try await r.diff(from: from, to: to, limits: DiffLimits(lines: 0))
    #expect(none.allSatisfy { $0.hunks.first?.lines.first?.text.hasPrefix(DiffLimits.marker) == true })
    let big = try await r.diff(from: from, to: to, limits: DiffLimits(bytesPerFile: 50))
    #expect(big.first { $0.path == "a.swift" }?.isBinary == true)
  }

  @Test("A hunk knows the blocks in which it begins, in any language that indents")
  func enclosingBlocks() async throws {
    func text(_ value: Int) -> String {
      let filler = (1...20).map { "      let filler\($0) = \($0)" }.joined(separator: "\n")
      return """
        struct Shop {
          // a comment at the side
          func sell(
            _ item: Item
          ) -> Price {
            if item.isOld
            {
        #if DEBUG
        \(filler)
              let price = \(value)
            }
          }
        }

        """
    }
    let t = try await TestRepository.make(["a.swift": text(1)])
    let base = try await t.rev("HEAD")
    let head = try await t.commit(["a.swift": text(2)])
    let files = try await t.open().diff(from: base, to: head)
    #expect(
      files.first?.hunks.map(\.enclosing) == [["struct Shop {", "  func sell(", "    if item.isOld"]])
    let first = try await t.commit(["a.swift": "// \n" + text(2)])
    let top = try await t.open().diff(from: head, to: first)
    #expect(top.first?.hunks.first?.enclosing == [])
  }
}
