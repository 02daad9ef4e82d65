import Foundation
import OrchDomain
import OrchGit
import OrchProcess
import Testing

@Suite("What is put into worktrees stays out of commits")
struct ExcludeTests {
  struct Scene {
    let t: TestRepository
    let r: GitRepository
    var place: String { t.owned + "/m-E01" }

    static func make(_ files: [String: String] = ["a.txt": "a\n"]) async throws -> Scene {
      let t = try await TestRepository.make(files)
      var options = t.options
      options.providedPaths = [".env", "node_modules", "odd [name]*"]
      let r = try await GitRepository.open(t.path, options: options)
      let scene = Scene(t: t, r: r)
      try t.write(".env", "TOKEN=secret\n")
      try t.write("node_modules/x/index.js", "x")
      try await r.addWorktree(at: scene.place, branch: "feat/m-E01", from: try await t.rev("HEAD"))
      try await scene.provide()
      return scene
    }

    func provide() async throws {
      try t.write(".env", "TOKEN=secret\n", in: place)
      try t.write("odd [name]*", "odd", in: place)
      try await t.shell("ln -s \(t.path)/node_modules node_modules", in: place)
    }

    func exclude() async throws -> ExclusionResult { try await r.excludeProvidedPaths(inWorktreeAt: place) }
  }

  @Test("git sees nothing of it in the worktree, and the main checkout is as it was")
  func excludes() async throws {
    let s = try await Scene.make()
    try s.t.write("my-ignore", "*.swp", in: s.t.home)
    try await s.t.git("config", "--global", "core.excludesFile", "~/my-ignore")
    let before = try await s.t.git("status", "--porcelain")
    let effective = try await s.t.git("config", "--list")
    #expect(before.contains("?? .env") && before.contains("?? node_modules/"))
    #expect(try await s.exclude() == .inForce)
    try s.t.write("x.swp", "", in: s.place)
    #expect(try await s.t.git("status", "--porcelain", in: s.place) == "", "the user's own patterns hold, too")
    try s.t.write("work.txt", "w\n", in: s.place)
    try s.t.write("sub/.env", "not the one\n", in: s.place)
    try await s.t.git("add", "-A", in: s.place)
    try await s.t.git("commit", "-qm", "work", in: s.place)
    #expect(try await s.t.git("ls-tree", "-r", "--name-only", "HEAD", in: s.place) == "a.txt\nsub/.env\nwork.txt")
    #expect(try await s.t.git("status", "--porcelain") == before)
    #expect(try await s.t.git("config", "--list") == effective + "\nextensions.worktreeconfig=true")
    #expect(try await s.t.git("add", "-A", "--dry-run").contains("add '.env'"))
    #expect(!s.t.exists(s.t.path + "/.git/config.worktree"))
    #expect(try await s.exclude() == .notNeeded)
  }

  @Test("What is ignored anyway needs nothing, and the configuration is not touched")
  func ignoredAnyway() async throws {
    let s = try await Scene.make(["a.txt": "a\n", ".gitignore": ".env\nnode_modules\nodd*\n"])
    let config = s.t.read(".git/config")
    #expect(try await s.exclude() == .notNeeded)
    #expect(s.t.read(".git/config") == config)
  }

  @Test(
    "Where the setting could change something else it is not made, and our own looks leave the paths out all the same")
  func refused() async throws {
    let s = try await Scene.make()
    try s.t.write(".git/config.worktree", "[core]\n\thooksPath = /evil\n")
    guard case .refused(let reason) = try await s.exclude() else {
      Issue.record("a dormant config.worktree would have come into force")
      return
    }
    #expect(reason.contains("config.worktree"))
    try s.t.remove(".git/config.worktree")
    try await s.t.git("config", "core.repositoryFormatVersion", "1")
    guard case .refused = try await s.exclude() else {
      Issue.record("programs that check extensions would have refused the repository")
      return
    }
    #expect(try await s.r.worktreeState(at: s.place).isClean)
  }

  @Test("A snapshot holds no secret that was copied in, changed or not, and holds a committed one")
  func snapshots() async throws {
    let s = try await Scene.make()
    try s.t.write(".env", "TOKEN=changed\n", in: s.place)
    try s.t.write("work.txt", "w\n", in: s.place)
    let kept = try await s.r.snapshot(
      worktree: s.place, to: WorktreeTests.ref, message: "m", at: WorktreeTests.time)
    #expect(try await s.t.git("ls-tree", "-r", "--name-only", kept.commit) == "a.txt\nwork.txt")
    #expect(try await s.t.gitResult(["cat-file", "-e", try await s.t.git("hash-object", ".env")]).exit != .code(0))
    try await s.t.git("add", "--force", ".env", in: s.place)
    let next = try await s.r.snapshot(
      worktree: s.place, to: WorktreeTests.ref + "b", message: "m", at: WorktreeTests.time)
    #expect(try await s.t.git("ls-tree", "-r", "--name-only", next.commit) == ".env\na.txt\nwork.txt")
  }
}
