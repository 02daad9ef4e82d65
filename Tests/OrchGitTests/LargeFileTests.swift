import Foundation
import OrchDomain
import OrchGit
import OrchProcess
import Testing

@Suite("Git LFS in worktrees")
struct LargeFileTests {
  private static let content = String(repeating: "large\n", count: 1000)

  /// The main checkout's repository has the object of `big.bin`; `other.bin` is a pointer to one that nobody has.
  private static func make() async throws -> (TestRepository, GitRepository, String) {
    let t = try await TestRepository.make()
    try t.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n")
    try await t.git("lfs", "install", "--skip-repo")
    try t.write("big.bin", content)
    try t.write(".lfsconfig", "[lfs]\n\turl = http://127.0.0.1:1/nowhere\n\t[lfs \"transfer\"]\n\tmaxretries = 1\n")
    try await t.git("add", "-A")
    try await t.git("commit", "-qm", "Large")
    let oid = String(repeating: "0", count: 64)
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:\(oid)\nsize 5\n"
    let blob = try await t.git("hash-object", "-w", "--stdin", "--no-filters", input: pointer)
    try await t.git("update-index", "--add", "--cacheinfo", "100644,\(blob),other.bin")
    try await t.git("commit", "-qm", "A pointer")
    return (t, try await t.open(), try await t.rev("HEAD"))
  }

  private static var hasLFS: Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .contains { FileManager.default.isExecutableFile(atPath: "\($0)/git-lfs") }
  }

  @Test(
    "The user's own filter gives files their content, and what nobody has stays a pointer",
    .enabled(if: LargeFileTests.hasLFS, "git-lfs is not installed"))
  func smudges() async throws {
    let (t, r, head) = try await Self.make()
    let place = t.owned + "/w"
    try await r.addWorktree(at: place, branch: "feat/w", from: head, forPool: true)
    #expect(t.read("big.bin", in: place) == Self.content)
    #expect(t.read("other.bin", in: place)?.hasPrefix("version https://git-lfs") == true)
    #expect(try await r.lfsObstacle(inWorktreeAt: place) == nil)
    #expect(try await r.worktreeState(at: place).isClean)
    // What a worktree that is used again has.
    try t.write("big.bin", "mine", in: place)
    _ = try await r.snapshot(worktree: place, to: WorktreeTests.ref, message: "m", at: WorktreeTests.time)
    try await r.restWorktree(at: place, preservedBy: WorktreeTests.ref)
    try await r.reuseWorktree(at: place, branch: "feat/x", from: head)
    #expect(t.read("big.bin", in: place) == Self.content)
  }

  @Test(
    "Without the user's own filter files stay pointers, and it is said why",
    .enabled(if: LargeFileTests.hasLFS, "git-lfs is not installed"))
  func pointers() async throws {
    let (t, _, head) = try await Self.make()
    try await t.git("config", "--global", "--remove-section", "filter.lfs")
    let r = try await t.open()
    let place = t.owned + "/w"
    try await r.addWorktree(at: place, branch: "feat/w", from: head)
    #expect(t.read("big.bin", in: place)?.hasPrefix("version https://git-lfs") == true)
    #expect(try await r.lfsObstacle(inWorktreeAt: place)?.contains("git lfs install") == true)
    #expect(try await r.worktreeState(at: place).isClean)
  }

  @Test(
    "Programs that a repository names for git-lfs do not run",
    .enabled(if: LargeFileTests.hasLFS, "git-lfs is not installed"))
  func hostile() async throws {
    let (t, r, head) = try await Self.make()
    let evil = "sh -c 'touch \(t.base)/pwned; cat'"
    for key in ["lfs.extension.x.smudge", "lfs.extension.x.clean", "lfs.customtransfer.x.path"] {
      try await t.git("config", key, evil)
    }
    try await t.git("config", "lfs.extension.x.priority", "0")
    try await t.git("config", "lfs.standalonetransferagent", "x")
    let place = t.owned + "/w"
    try await r.addWorktree(at: place, branch: "feat/w", from: head)
    #expect(t.read("big.bin", in: place)?.hasPrefix("version https://git-lfs") == true)
    #expect(try await r.lfsObstacle(inWorktreeAt: place)?.contains("names programs") == true)
    #expect(!t.exists(t.base + "/pwned"))
  }

  @Test("A filter whose program is missing does not keep a worktree from being made")
  func noProgram() async throws {
    let t = try await TestRepository.make()
    let pointer =
      "version https://git-lfs.github.com/spec/v1\noid sha256:\(String(repeating: "0", count: 64))\nsize 5\n"
    let head = try await t.commit([".gitattributes": "*.bin filter=lfs -text\n", "big.bin": pointer])
    let filter =
      "[filter \"lfs\"]\n\tprocess = git-lfs filter-process\n\tsmudge = git-lfs smudge -- %f\n\trequired = true\n"
    try t.write(".gitconfig", (t.read(".gitconfig", in: t.home) ?? "") + filter, in: t.home)
    var options = t.options
    let bin = t.base + "/bin"
    try await t.shell("mkdir \(bin) && ln -s $(command -v git) \(bin)/git", in: t.base)
    options.environment["PATH"] = bin
    let r = try await GitRepository.open(t.path, options: options)
    let place = t.owned + "/w"
    try await r.addWorktree(at: place, branch: "feat/w", from: head)
    #expect(t.read("big.bin", in: place) == pointer)
    #expect(try await r.lfsObstacle(inWorktreeAt: place)?.contains("no git-lfs program") == true)
  }
}
