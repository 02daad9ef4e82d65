import Foundation
import OrchStore
import Testing

/// What `doctor` says of a store and a repository that disagree, and what `--fix` puts right.
@Suite(.serialized, .timeLimit(.minutes(15))) struct DoctorTests {
  private func kept(_ shop: Workshop) throws -> String {
    try shop.git("for-each-ref", "refs/orch/attempts", "refs/heads")
  }

  @Test func aBranchThatWasMovedOrDeletedIsNamedAndLeftAlone() async throws {
    let shop = try Workshop([Plan("core/E01", front: "needs_review: true")])
    try await shop.expect(0, "start", "--all")
    #expect(try await shop.expect(0, "doctor").out.contains("the store and the repository agree"))
    let head = try shop.git("rev-parse", "feat/core-E01")
    try shop.git("update-ref", "refs/heads/feat/core-E01", "main")
    let moved = try await shop.expect(1, "doctor")
    #expect(moved.out.contains("but \(head.prefix(12)) is recorded"), "\(moved)")
    try shop.git("update-ref", "-d", "refs/heads/feat/core-E01")
    let before = try kept(shop)
    let gone = try await shop.expect(1, "doctor", "--fix")
    #expect(gone.out.contains("`git branch feat/core-E01 \(head)` brings it back"), "\(gone)")
    #expect(try kept(shop) == before, "what is not safe is only told")
    try shop.git("branch", "feat/core-E01", head)
    try await shop.expect(0, "doctor")
  }

  @Test func aLandedChangeThatIsNotOnTheBaseAnyMoreIsAnError() async throws {
    let shop = try Workshop([Plan("core/E01")])
    let first = try shop.git("rev-parse", "main")
    try await shop.expect(0, "start", "--all")
    try await shop.expect(0, "doctor")
    try shop.git("reset", "--quiet", "--hard", first)
    let found = try await shop.expect(1, "doctor")
    #expect(found.out.contains("is not on 'main' any more"), "\(found)")
  }

  @Test func whatIsSafeIsFixedOnce() async throws {
    let shop = try Workshop([Plan("core/E01", front: "needs_review: true")])
    try await shop.expect(0, "start", "--all")
    let daemon = try shop.launch(["serve", "--port", "0"])
    defer { kill(daemon.pid, SIGKILL) }
    let file = "\(shop.state)/daemon.json"
    _ = try await Eventually.value("the handshake") { shop.exists(file) ? true : nil }
    kill(daemon.pid, SIGKILL)
    _ = try await daemon.output()
    let worktree = try #require(try shop.attempts("core/E01").last?.worktree)
    try FileManager.default.removeItem(atPath: worktree)
    let before = try kept(shop)

    let found = try await shop.orch("doctor")
    #expect(found.out.contains("is of a daemon that is gone"), "\(found)")
    #expect(found.out.contains("is gone and git still remembers it"), "\(found)")
    let fixed = try await shop.orch("doctor", "--fix")
    #expect(fixed.out.contains("Fixed: removed the handshake file"), "\(fixed)")
    #expect(fixed.out.contains("Fixed: made git forget \(worktree)"), "\(fixed)")
    #expect(!shop.exists(file))
    #expect(try await shop.orch("doctor", "--fix").out.hasPrefix("Nothing to fix.\n"))
    #expect(try kept(shop) == before, "branches and attempts are as they were")
  }

  @Test func aRetirementThatWasCutOffIsFinished() async throws {
    let shop = try Workshop([Plan("core/E01")])
    let run = try await shop.orch("start", "--all", adding: ["ORCH_CRASH_AT": "act worktree.removed"])
    #expect(run.status == -SIGKILL, "\(run)")
    let fixed = try await shop.orch("doctor", "--fix")
    #expect(fixed.out.contains("Fixed: took the worktree of core/E01 away"), "\(fixed)")
    #expect(try await shop.orch("doctor", "--fix").out.hasPrefix("Nothing to fix.\n"))
    #expect(try shop.git("for-each-ref", "refs/orch/attempts/core/E01").isEmpty == false)
  }
}
