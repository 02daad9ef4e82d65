import Foundation
import OrchStore
import Testing

/// What every forge has to keep, whichever it is.
@Suite(.serialized, .timeLimit(.minutes(15))) struct ForgeContractTests {
  enum Kind: String, CaseIterable, Sendable { case local, github }

  /// A workshop on one of the forges.
  private struct Place {
    let shop: Workshop
    let world: GitHubTests.World?
    var login: [String: String] { world?.login ?? [:] }

    init(_ kind: Kind, _ plans: [Plan], parallel: Int = 3) throws {
      world = kind == .github ? try GitHubTests.World(plans, parallel: parallel) : nil
      shop = try world?.shop ?? Workshop(plans, parallel: parallel)
    }

    /// What holds at the end of every story.
    func finish(_ ids: [String]) async throws {
      try await shop.expectFinished(ids)
      for change in try shop.changes() where change.state == .merged {
        #expect(change.landedTree != nil && change.landedTree == change.testedTree)
      }
      guard let world else { return }
      #expect(world.violations == [])
      #expect(world.stub.state.withLock { $0.pulls.count } == ids.count, "one pull request for each task")
      #expect(try shop.git("rev-parse", "main") == world.stub.tip("main"))
    }
  }

  @Test(
    "A change waits for a human, goes back with a reason, comes again as the same one, and lands",
    arguments: Kind.allCases)
  func rejectedAndApproved(kind: Kind) async throws {
    let place = try Place(kind, [Plan("core/E01", front: "needs_review: true", script: GitHubTests.twoTurns)])
    try await place.shop.expect(0, "start", "--all", adding: place.login)
    try await place.shop.expect(0, "pr", "reject", "core/E01", "--reason", "Twice.", adding: place.login)
    try await place.shop.expect(0, "start", "--all", adding: place.login)
    #expect(try place.shop.turns("core/E01").map(\.purpose) == ["start", "rejected"])
    #expect(try place.shop.changes().map(\.number) == [1])
    let merged = try await place.shop.expect(0, "pr", "merge", "core/E01", adding: place.login)
    #expect(merged.out.contains("Landed core/E01 as "))
    try await place.finish(["core/E01"])
  }

  @Test("Two changes of the same lines: the second goes back with the conflict and lands", arguments: Kind.allCases)
  func conflict(kind: Kind) async throws {
    let script = """
      if [ -n "${ORCH_FEEDBACK_FILE:-}" ]; then
        git merge --quiet -m "Merge" main || {
          git show main:notes.txt > notes.txt
          echo "$ORCH_TASK" >> notes.txt
          git commit --quiet --all -m "Merge"
        }
      else
        echo "$ORCH_TASK" > notes.txt
        git add notes.txt
        git commit --quiet -m "Write"
        sleep 2
      fi
      """
    let place = try Place(kind, [Plan("core/E01", script: script), Plan("web/E01", script: script)])
    try await place.shop.expect(0, "start", "--all", adding: place.login)
    let purposes = try ["core/E01", "web/E01"].flatMap { try place.shop.turns($0).map(\.purpose) }
    #expect(purposes.sorted() == ["conflict", "start", "start"])
    try await place.finish(["core/E01", "web/E01"])
  }

  @Test(
    "Killed around a landing, the next run comes to the same end", arguments: Kind.allCases,
    ["act landing.intended", "act base.moved", "after approved>landing", "after publishing>approved"])
  func killed(kind: Kind, point: String) async throws {
    let place = try Place(kind, [Plan("core/E01")])
    let killed = try await place.shop.orch(
      "start", "--all", adding: place.login.merging(["ORCH_CRASH_AT": point]) { $1 })
    #expect(killed.status == -9, "\(point) was never reached")
    try await place.shop.expect(0, "start", "--all", adding: place.login)
    try await place.finish(["core/E01"])
  }
}
