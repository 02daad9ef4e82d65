import Foundation
import Testing

/// The repository of `scripts/demo`, from plans to landed work.
@Suite(.serialized, .timeLimit(.minutes(15))) struct DemoTests {
  static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "scripts/demo-repository").path

  @Test func everythingIsGreenInTheEnd() async throws {
    let shop = try Workshop([])
    let root = "\(shop.scratch.path)/demo"
    let made = try await Running("/bin/bash", [Self.script, root], in: shop.scratch.path, shop.environment).output()
    try #require(made.status == 0, "\(made)")
    #expect(try await shop.expect(0, "check", "--strict", in: root).out.hasSuffix("11 tasks, no problems\n"))
    try await shop.expect(0, "start", "--all", in: root)
    #expect(try await shop.expect(0, "pr", "review", in: root).out.contains("migrations/001_create_accounts.sql"))
    try await shop.expect(0, "pr", "approve", "storage/E02", in: root)
    try await shop.expect(0, "start", "--all", in: root)
    let status = try await shop.expect(0, "status", in: root)
    #expect(status.out == "Tasks: 11 total | 0 not started | 0 in progress | 11 complete\n")
    let tests = try await Running(
      "/usr/bin/env", ["python3", "-B", "-m", "unittest", "discover", "-s", "tests", "-q"], in: root, shop.environment
    ).output()
    #expect(tests.status == 0, "\(tests)")
    #expect(try shop.git("status", "--porcelain", in: root).isEmpty)
    let readme = try shop.read("\(root)/README.md")
    #expect(readme.count { $0 == "🟢" } == 11 && !readme.contains("🔴") && !readme.contains("🟡"))
    let kept = try shop.git("for-each-ref", "--format=%(refname)", "refs/orch/attempts", in: root)
    #expect(kept.split(separator: "\n").count == 11)
    #expect(try shop.git("for-each-ref", "--format=%(refname)", "refs/heads", in: root) == "refs/heads/main")

    let again = try await Running("/bin/bash", [Self.script, root], in: shop.scratch.path, shop.environment).output()
    #expect(again.status == 64, "it never writes into a folder that is in use")
  }
}
