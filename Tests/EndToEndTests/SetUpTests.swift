import Foundation
import OrchDomain
import OrchStore
import Testing

/// A worktree that `[worktree] setup` cannot make ready: the class `environment` decides, with the output as evidence.
@Suite(.serialized, .timeLimit(.minutes(15))) struct SetUpTests {
  private static func shop(_ rule: String = "") throws -> Workshop {
    try Workshop(
      [Plan("core/E01")], settings: "[worktree]\nsetup = [\"sh setup.sh\"]\n\(rule)", attempts: 2,
      files: [
        "setup.sh": """
        scratch=${ORCH_WORKTREE%/state/worktrees/*}
        echo run >> "$scratch/runs"
        [ -e "$scratch/mended" ] && exit 0
        echo "looking for the library"
        echo "error: libledger 3 is not installed" >&2
        exit 4

        """
      ])
  }

  private static func runs(_ shop: Workshop) throws -> Int {
    try shop.read("\(shop.scratch.path)/runs").split(separator: "\n").count
  }

  @Test("By default it waits for a person with all it has, and goes on when it is resumed")
  func asksAPerson() async throws {
    let shop = try Self.shop()
    try await shop.expect(1, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "stuck"])
    let why = try await shop.expect(0, "why", "core/E01")
    #expect(why.out.contains("`sh setup.sh` ended with exit status 4: error: libledger 3 is not installed"), "\(why)")
    #expect(why.out.contains("[environment]"), "\(why)")
    #expect(try shop.attempts("core/E01").map(\.endedAt) == [nil])
    try shop.write("\(shop.scratch.path)/mended", "")
    try await shop.expect(0, "resume", "core/E01")
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(["core/E01"])
  }

  @Test("As often as its class says it is tried again", arguments: ["retry", "resume", "park"])
  func asItsClassSays(_ action: String) async throws {
    let shop = try Self.shop(
      "[retry.classes.environment]\naction = \"\(action)\"\nmax_attempts = 2\nbackoff = \"10ms\"")
    let run = try await shop.expect(1, "start", "--all")
    let (state, attempts, runs) = ["retry": ("failed", 2, 2), "resume": ("failed", 1, 2), "park": ("stuck", 1, 3)][
      action]!
    #expect(try await shop.states() == ["core/E01": state], "\(run)")
    #expect(try shop.attempts("core/E01").count == attempts && Self.runs(shop) == runs)
    if action == "retry" {
      let detail = try #require(try shop.attempts("core/E01").last?.failureDetail)
      #expect(detail.contains("libledger 3 is not installed"))
      #expect(try shop.attempts("core/E01").allSatisfy { $0.redLines?.contains("libledger 3") == true })
    }
  }
}
