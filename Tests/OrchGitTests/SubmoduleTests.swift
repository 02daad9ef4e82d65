import Foundation
import OrchDomain
import OrchGit
import Testing

@Suite("Submodules of worktrees")
struct SubmoduleTests {
  /// A repository with a submodule that its main checkout has initialised.
  struct Scene {
    let t: TestRepository
    let r: GitRepository
    let head: String
    var place: String { t.owned + "/m-E01" }

    static func make() async throws -> Scene {
      let t = try await TestRepository.make()
      let library = t.base + "/library"
      try await t.shell(
        """
        git init -q -b main \(library) && cd \(library) && echo one > l.txt && echo '*.o' > .gitignore
        git add -A && git commit -qm one
        """, in: t.path)
      try await t.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library, "deps/lib")
      try await t.git("commit", "-qm", "Add a submodule")
      // From now on nobody can fetch from there, and whoever tries runs a program.
      try FileManager.default.moveItem(atPath: library, toPath: t.base + "/gone")
      let evil = "ext::sh -c touch% \(t.base)/pwned"
      try await t.git("config", "submodule.deps/lib.url", evil)
      try await t.git("config", "--file", ".gitmodules", "submodule.deps/lib.url", evil)
      try await t.git("commit", "-qam", "A hostile address")
      return Scene(t: t, r: try await t.open(), head: try await t.rev("HEAD"))
    }
  }

  @Test("They get their files from the main checkout's objects, without any address")
  func populates() async throws {
    let s = try await Scene.make()
    let main = try await s.t.git("status", "--porcelain")
    try await s.r.addWorktree(at: s.place, branch: "feat/m-E01", from: s.head)
    #expect(try await s.r.populateSubmodules(inWorktreeAt: s.place).isEmpty)
    #expect(s.t.read("deps/lib/l.txt", in: s.place) == "one\n")
    #expect(try await s.t.git("status", "--porcelain", in: s.place) == "")
    #expect(try await s.t.git("submodule", "status", in: s.place).hasPrefix(" "))
    #expect(try await s.t.git("status", "--porcelain") == main)
    #expect(!s.t.exists(s.t.base + "/pwned"))
    // A worktree in which nothing happened to them goes as any other, and leaves nothing behind.
    _ = try await s.r.snapshot(worktree: s.place, to: WorktreeTests.ref, message: "m", at: WorktreeTests.time)
    try await s.r.removeWorktree(at: s.place, preservedBy: WorktreeTests.ref)
    let left = try await s.t.git("worktree", "list", in: s.t.path + "/deps/lib").split(separator: "\n").count
    #expect(left == 1)
  }

  @Test(
    "Work in a submodule keeps the worktree",
    arguments: ["echo x > l.txt", "echo x > n", "git commit -q --allow-empty -m x"])
  func work(_ script: String) async throws {
    let s = try await Scene.make()
    try await s.r.addWorktree(at: s.place, branch: "feat/m-E01", from: s.head)
    _ = try await s.r.populateSubmodules(inWorktreeAt: s.place)
    try await s.t.shell(
      "cd deps/lib && \(script) && cd ../.. && git add -A && { git commit -qm work || true; }", in: s.place)
    let kept = try await s.r.snapshot(worktree: s.place, to: WorktreeTests.ref, message: "m", at: WorktreeTests.time)
    #expect(kept.nested == ["deps/lib"])
    await #expect(throws: GitError.self) {
      try await s.r.removeWorktree(at: s.place, preservedBy: WorktreeTests.ref)
    }
  }

  @Test("A worktree that is used again gets the submodules of its new commit")
  func warm() async throws {
    let s = try await Scene.make()
    try await s.t.shell("echo two > l.txt && git commit -qam two", in: s.t.path + "/deps/lib")
    try await s.t.git("commit", "-qam", "Update")
    let next = try await s.t.rev("HEAD")
    let warm = s.t.owned + "/_warm-1"
    try await s.r.addWorktree(at: warm, branch: "feat/one", from: s.head, forPool: true)
    _ = try await s.r.populateSubmodules(inWorktreeAt: warm)
    try s.t.write("deps/lib/built.o", "o", in: warm)
    _ = try await s.r.snapshot(worktree: warm, to: WorktreeTests.ref, message: "m", at: WorktreeTests.time)
    try await s.r.restWorktree(at: warm, preservedBy: WorktreeTests.ref)
    try await s.r.reuseWorktree(at: warm, branch: "feat/two", from: next)
    #expect(try await s.r.populateSubmodules(inWorktreeAt: warm).isEmpty)
    #expect(s.t.read("deps/lib/l.txt", in: warm) == "two\n" && s.t.read("deps/lib/built.o", in: warm) == "o")
    #expect(try await s.t.git("status", "--porcelain", in: warm) == "")
  }

  @Test("What the main checkout never had stays empty, and it is said why")
  func absent() async throws {
    let s = try await Scene.make()
    let clone = s.t.base + "/clone"
    try await s.t.git("clone", "-q", s.t.path, clone)
    let r = try await s.t.open(clone)
    try await r.addWorktree(at: s.place, branch: "feat/m-E01", from: s.head)
    let empty = try await r.populateSubmodules(inWorktreeAt: s.place)
    #expect(empty == [EmptySubmodule(path: "deps/lib", reason: "the main checkout has not initialised it")])
    #expect(!s.t.exists(s.t.base + "/pwned"))
    #expect(try await r.worktreeState(at: s.place).isClean)
  }
}
