import Foundation
import OrchDomain
import OrchGit
import Testing

@Suite("Refs")
struct RefTests {
  @Test("A ref moves only from what the caller expects")
  func compareAndSwap() async throws {
    let t = try await TestRepository.make()
    let first = try await t.rev("HEAD")
    let second = try await t.commit(["a.txt": "2"])
    let r = try await t.open()
    let name = "refs/orch/attempts/m/E01/1"
    try await r.updateRef(name, to: first, expecting: nil, message: "one")
    await #expect(throws: GitError.raced(ref: name, actual: first)) {
      try await r.updateRef(name, to: second, expecting: nil, message: "again")
    }
    await #expect(throws: GitError.raced(ref: name, actual: first)) {
      try await r.updateRef(name, to: second, expecting: second, message: "wrong")
    }
    try await r.updateRef(name, to: second, expecting: first, message: "two")
    #expect(try await r.refs(prefix: "refs/orch/") == [GitRef(name: name, commit: second)])
    try await r.updateRef(name, to: nil, expecting: second, message: "gone")
    #expect(try await r.commitID(ofRef: name) == nil)
    await #expect(throws: GitError.raced(ref: name, actual: nil)) {
      try await r.updateRef(name, to: nil, expecting: second, message: "gone")
    }
  }

  @Test(
    "Names that git would not accept are refused",
    arguments: ["main", "refs/heads/-a b", "refs/heads/a..b", "refs/x.lock", "refs/a\nb", "HEAD"])
  func names(_ name: String) async throws {
    let t = try await TestRepository.make()
    let head = try await t.rev("HEAD")
    let r = try await t.open()
    await #expect(throws: GitError.badName(name)) { try await r.updateRef(name, to: head, expecting: nil, message: "") }
  }

  @Test("A branch that is checked out is not moved under its checkout")
  func checkedOut() async throws {
    let t = try await TestRepository.make()
    let head = try await t.rev("HEAD")
    let next = try await t.proposal(["b": "b"])
    let r = try await t.open()
    await #expect(throws: GitError.branchCheckedOut(branch: "main", path: t.path)) {
      try await r.updateRef("refs/heads/main", to: next, expecting: head, message: "")
    }
    #expect(try await r.checkouts(of: "main") == [t.path])
    #expect(try await r.checkouts(of: "other") == [])
  }

  @Test("A lock that another git process holds for a moment is waited for; one that stays is named")
  func locks() async throws {
    let t = try await TestRepository.make()
    let head = try await t.rev("HEAD")
    let r = try await t.open()
    try t.write(".git/refs/heads/new.lock", "")
    async let result: Void = r.updateRef("refs/heads/new", to: head, expecting: nil, message: "")
    let other = try await t.open()
    #expect(try await other.commitID(ofRef: "refs/heads/new") == nil)
    try t.remove(".git/refs/heads/new.lock")
    try await result
    #expect(try await r.commitID(ofRef: "refs/heads/new") == head)
  }

  @Test("A ref that is in the way of a name is named", arguments: ["feat", "feat/core-E01/more"])
  func inTheWay(_ other: String) async throws {
    let t = try await TestRepository.make()
    try await t.git("branch", other)
    let head = try await t.rev("HEAD")
    let r = try await t.open()
    let ref = "refs/heads/feat/core-E01"
    await #expect(throws: GitError.nameTaken(ref: ref, by: "refs/heads/\(other)")) {
      try await r.updateRef(ref, to: head, expecting: nil, message: "new")
    }
  }

  @Test("Thirty tasks at once, through two openings, see no lock error and lose nothing")
  func thirtyAtOnce() async throws {
    let t = try await TestRepository.make()
    let head = try await t.rev("HEAD")
    let repositories = [try await t.open(), try await t.open()]
    let next = try await t.proposal(["next": "n"])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for n in 0..<30 {
        group.addTask {
          let r = repositories[n % 2]
          let path = "\(t.owned)/w\(n)"
          if n % 3 == 0 {
            try await r.addWorktree(at: path, branch: "feat/m-E\(n)", from: head)
            try t.write("work", "\(n)", in: path)
            _ = try await r.snapshot(
              worktree: path, to: "refs/orch/attempts/m/E\(n)/1", message: "s", at: Timestamp(milliseconds: 0))
          } else if n % 3 == 1 {
            try await r.updateRef("refs/heads/b\(n)", to: head, expecting: nil, message: "")
            try await r.updateRef("refs/heads/b\(n)", to: nil, expecting: head, message: "")
            try await r.updateRef("refs/heads/c\(n)", to: next, expecting: nil, message: "")
          } else {
            _ = try await r.worktrees()
            _ = try await r.merge(ours: head, theirs: next)
            _ = try await r.advance(branch: "main", from: head, to: next, message: "land")
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await repositories[0].worktrees().count == 11)
    #expect(try await repositories[0].refs(prefix: "refs/heads/c").count == 10)
    #expect(try await repositories[0].refs(prefix: "refs/orch/attempts/").count == 10)
    #expect(try await t.rev("main") == next)
    #expect(t.read("next") == "n")
    try await t.git("fsck", "--strict")
  }
}
