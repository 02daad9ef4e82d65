import Foundation
import OrchDomain
import OrchStore
import Testing

/// A repository as large companies have them.
@Suite(.serialized, .timeLimit(.minutes(15))) struct OddRepositoryTests {
  private static var hasLFS: Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .contains { FileManager.default.isExecutableFile(atPath: "\($0)/git-lfs") }
  }

  @Test(.enabled(if: OddRepositoryTests.hasLFS, "git-lfs is not installed"))
  func aSubmoduleAFileOfLFSAndASparseCheckoutAreThere() async throws {
    let shop = try Workshop([], gate: "grep -q one deps/lib/l.txt && grep -q large big.bin && test ! -e far/away.txt")
    let seen = "\(shop.scratch.path)/seen"
    let plan = Plan(
      "core/E01",
      script: "cat deps/lib/l.txt > \(seen); head -n 1 big.bin >> \(seen); ls far >> \(seen) 2>&1 || true\n"
        + "git status --porcelain >> \(seen)\n" + Plan.work("core/E01"))
    try shop.write(plan.path, plan.text)
    let library = "\(shop.scratch.path)/library"
    try shop.write("\(library)/l.txt", "one\n")
    try shop.git("init", "--quiet", "--initial-branch=main", ".", in: library)
    try shop.git("add", "--all", in: library)
    try shop.git("commit", "--quiet", "-m", "One", in: library)
    try shop.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library, "deps/lib")
    try shop.git("lfs", "install", "--skip-repo")
    try shop.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n")
    try shop.write("big.bin", String(repeating: "large\n", count: 1000))
    try shop.write("far/away.txt", "away\n")
    try shop.git("add", "--all")
    try shop.git("commit", "--quiet", "-m", "Everything")
    try shop.git("sparse-checkout", "set", "--no-cone", "/*", "!/far/")
    try FileManager.default.removeItem(atPath: library)
    let run = try await shop.expect(0, "start", "--all")
    #expect(try shop.read(seen).hasPrefix("one\nlarge\n"), "\(run)")
    #expect(!(try shop.read(seen).contains("away.txt")))
    #expect(try await shop.states() == ["core/E01": "complete"])
    #expect(try shop.git("show", "main:far/away.txt") == "away", "what nobody had checked out is still there")
    #expect(try shop.git("show", "main:big.bin").hasPrefix("version https://git-lfs"))
    #expect(try shop.git("worktree", "list").split(separator: "\n").count <= 2, "only the gate's is left: \(run)")
    #expect(try await shop.strays() == [])
  }
}
