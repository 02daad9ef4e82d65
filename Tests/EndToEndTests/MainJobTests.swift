import Foundation
import OrchDomain
import OrchStore
import Testing

/// From plans to landed work, with the real program.
@Suite(.serialized, .timeLimit(.minutes(15))) struct MainJobTests {
  @Test func everyTaskLandsAndNothingElseChanges() async throws {
    let shop = try Workshop(MainJob.plans)
    let ids = MainJob.plans.map(\.id)
    try await shop.expect(0, "check")
    let synced = try await shop.expect(0, "sync")
    #expect(synced.out.hasPrefix("Synced 9 tasks (9 new)"))
    #expect(try shop.uncommitted() == [], "sync changed something")

    let first = try await shop.expect(0, "start", "--all", "--json")
    let summary = try #require(try Event.all(first).last)
    #expect(summary.type == "summary")
    #expect(summary.json["in_review"].strings == ["storage/E02"])
    #expect(summary.json["complete"].array.count == 7)
    let review = try await shop.expect(0, "pr", "review")
    #expect(review.out.contains("migrations/001_accounts.sql:1: migrations.sql"))
    let shown = try await shop.expect(0, "pr", "show", "storage/E02")
    #expect(shown.out.contains("+CREATE TABLE accounts"))
    #expect(shown.out.contains("gate: green"), "the checks of a change that waits are shown")

    try await shop.expect(0, "pr", "approve", "storage/E02")
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(ids)
    #expect(try shop.read("words") == "help summary transfer\n")
    #expect(try shop.turns("core/E02").map(\.purpose) == ["start", "gate"])
    let conflicts = try ["core/REG01", "report/REG01"].map { try shop.turns($0).map(\.purpose) }
    #expect(conflicts.contains(["start", "conflict"]), "the two did not conflict: \(conflicts)")

    let before = try shop.git("rev-parse", "main")
    let again = try await shop.expect(0, "start", "--all", "--json")
    #expect(try Event.all(again).map(\.type) == ["summary"], "a second run has nothing to do")
    #expect(try shop.git("rev-parse", "main") == before)
  }

  @Test func theGateIsGreenOnEveryLandedCommit() async throws {
    let shop = try Workshop(MainJob.automatic)
    try await shop.expect(0, "start", "--all")
    for change in try shop.changes() {
      let commit = try #require(change.landingCommit)
      let copy = "\(shop.scratch.path)/copy-\(change.number)"
      try shop.git("worktree", "add", "--quiet", "--detach", copy, commit)
      let gate = try await Running("/bin/sh", ["test.sh"], in: copy, shop.environment).output()
      #expect(gate.status == 0, "\(change.task): \(gate)")
    }
  }

  @Test func mergeOnePlanByHand() async throws {
    let shop = try Workshop([Plan("core/E01", front: "needs_review: true")])
    try await shop.expect(0, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "in_review"])
    #expect(!shop.exists("data/core-E01"))
    let merged = try await shop.expect(0, "pr", "merge", "core/E01")
    #expect(merged.out.contains("Landed core/E01 as "))
    #expect(try shop.read("data/core-E01") == "ok core/E01\n")
    try await shop.expectFinished(["core/E01"])
  }
}
