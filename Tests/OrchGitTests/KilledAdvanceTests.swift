import Foundation
import OrchGit
import OrchProcess
import Testing

/// Every state in which an advance, or the git process that it started, can be killed.
@Suite("Advancing again after a kill")
struct KilledAdvanceTests {
  static let lock = "claude-orch: advancing this checkout\n"

  @Test("Between the checkout and the ref")
  func betweenCheckoutAndRef() async throws {
    let s = try await AdvanceTests.Scene.make()
    try s.t.write("b.txt", "mine")
    try await s.t.git("read-tree", "-m", "-u", s.old, s.new)
    try await s.expectMoved(s.advance())
    #expect(try await s.t.git("status", "--porcelain") == " M b.txt")
    #expect(s.t.read("b.txt") == "mine")
  }

  @Test("With the index installed and everything still locked")
  func locked() async throws {
    let s = try await AdvanceTests.Scene.make()
    try await s.t.git("read-tree", "-m", "-u", s.old, s.new)
    try leaveLocks(s)
    try await s.expectMoved(s.advance())
    #expect(try await s.t.git("status", "--porcelain") == "")
  }

  @Test("With the ref moved and only locks left")
  func afterRef() async throws {
    let s = try await AdvanceTests.Scene.make()
    try await s.t.git("read-tree", "-m", "-u", s.old, s.new)
    try await s.t.git("update-ref", "refs/heads/main", s.new)
    try s.t.write(".git/index.lock", Self.lock)
    try s.t.write(".git/HEAD.lock", "")
    try s.t.write(".git/orch-advance", "refs/heads/main\n\(s.new)\n\(s.t.path)/.git\n")
    try await s.expectMoved(s.advance())
    #expect(try await s.t.git("status", "--porcelain") == "")
  }

  enum Half: String, CaseIterable, Sendable { case whole, cut, empty, missing, removed, newFile, newFileCut }

  @Test("With git killed while it wrote the files", arguments: Half.allCases)
  func halfWritten(_ half: Half) async throws {
    let s = try await AdvanceTests.Scene.make()
    let t = s.t
    try t.write("b.txt", "mine")
    try leaveLocks(s)
    switch half {
    case .whole: try t.write("a.txt", "a2\n")
    case .cut: try t.write("a.txt", "a2")
    case .empty: try t.write("a.txt", "")
    case .missing: try t.remove("a.txt")
    case .removed: try t.remove("gone.txt")
    case .newFile: try t.write("new/n.txt", "n\n")
    case .newFileCut: try t.write("new/n.txt", "")
    }
    try await s.expectMoved(s.advance())
    #expect(t.read("a.txt") == "a2\n")
    #expect(t.read("new/n.txt") == "n\n")
    #expect(t.read("gone.txt") == nil)
    #expect(try await t.git("status", "--porcelain") == " M b.txt")
  }

  @Test("Another advance comes first, after git was killed while it wrote the files", arguments: Half.allCases)
  func anotherAfterHalf(_ half: Half) async throws {
    let s = try await AdvanceTests.Scene.make()
    let t = s.t
    let other = try await t.proposal(["b.txt": "b2\n"])
    try t.write("mine.txt", "mine")
    try leaveLocks(s)
    switch half {
    case .whole: try t.write("a.txt", "a2\n")
    case .cut: try t.write("a.txt", "a2")
    case .empty: try t.write("a.txt", "")
    case .missing: try t.remove("a.txt")
    case .removed: try t.remove("gone.txt")
    case .newFile: try t.write("new/n.txt", "n\n")
    case .newFileCut: try t.write("new/n.txt", "")
    }
    try await expectOther(s, other)
  }

  @Test("Another advance comes first, after the index was installed", arguments: [false, true])
  func anotherAfterWhole(isLocked: Bool) async throws {
    let s = try await AdvanceTests.Scene.make()
    let other = try await s.t.proposal(["b.txt": "b2\n"])
    try s.t.write("mine.txt", "mine")
    try await s.t.git("read-tree", "-m", "-u", s.old, s.new)
    if isLocked { try leaveLocks(s) }
    try s.t.write(".git/orch-advance", "refs/heads/main\n\(s.new)\n\(s.t.path)/.git\n")
    try await expectOther(s, other)
  }

  /// The other commit is there, the killed one is not, and what is the person's is untouched.
  private func expectOther(_ s: AdvanceTests.Scene, _ other: String) async throws {
    let result = try await s.r.advance(branch: "main", from: s.old, to: other, message: "another", edits: [])
    #expect(result == .moved(leftAlone: []))
    #expect(try await s.t.rev("main") == other)
    #expect(s.t.read("a.txt") == "a1\n")
    #expect(s.t.read("b.txt") == "b2\n")
    #expect(s.t.read("gone.txt") == "g\n")
    #expect(s.t.read("new/n.txt") == nil)
    #expect(try await s.t.git("status", "--porcelain") == "?? mine.txt")
    try s.expectNoLeftovers()
  }

  @Test("What a person wrote after the kill is not taken for half-written")
  func editedAfterKill() async throws {
    let s = try await AdvanceTests.Scene.make()
    try leaveLocks(s)
    try s.t.write("a.txt", "mine, after the crash\n")
    let before = try await s.t.picture()
    try await s.expectWaiting(s.advance(), .uncommittedChanges, ["a.txt"])
    #expect(try await s.t.picture() == before)
    try s.expectNoLeftovers()
  }

  @Test("A ref lock that is not ours stays, is named, and waited for")
  func foreignRefLock() async throws {
    let s = try await AdvanceTests.Scene.make()
    try s.t.write(".git/refs/heads/main.lock", "something else\n")
    try s.t.write(".git/orch-advance", "refs/heads/main\n\(s.new)\n\(s.t.path)/.git\n")
    let lock = s.t.path + "/.git/refs/heads/main.lock"
    try await s.expectWaiting(s.advance(), .indexLocked, [lock])
    #expect(s.t.exists(lock))
    #expect(s.t.read("a.txt") == "a1\n")
  }

  private func leaveLocks(_ s: AdvanceTests.Scene) throws {
    try s.t.write(".git/index.lock", Self.lock)
    try s.t.write(".git/orch-index", "half a copy")
    try s.t.write(".git/orch-index.lock", "")
    try s.t.write(".git/refs/heads/main.lock", s.new + "\n")
    try s.t.write(".git/HEAD.lock", "")
    try s.t.write(".git/orch-advance", "refs/heads/main\n\(s.new)\n\(s.t.path)/.git\n")
  }
}
