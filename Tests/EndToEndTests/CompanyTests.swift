import Foundation
import OrchDomain
import OrchStore
import Testing

/// People and other commands at work while `start` runs.
@Suite(.serialized, .timeLimit(.minutes(15))) struct CompanyTests {
  /// Adds a plan for `start` to find, as an editor would.
  private func add(_ plan: Plan, to shop: Workshop) throws {
    try shop.write("\(shop.scratch.path)/draft.md", plan.text)
    try FileManager.default.createDirectory(
      atPath: "\(shop.root)/docs/plans/\(plan.module)", withIntermediateDirectories: true)
    try FileManager.default.moveItem(atPath: "\(shop.scratch.path)/draft.md", toPath: "\(shop.root)/\(plan.path)")
  }

  private func wait(for id: String, to be: String, in shop: Workshop) async throws {
    let end = ContinuousClock.now.advanced(by: .seconds(300))
    while true {
      let states = try await shop.states()
      if states[id] == be { return }
      guard ContinuousClock.now < end else { throw Workshop.Failure(text: "\(id) never became \(be): \(states)") }
    }
  }

  @Test func whatIsNewAndWhatIsDecidedIsFollowed() async throws {
    let (shop, run, _) = try await AgentKillTests.withWaitingAgent()
    let review = Plan("other/E01", front: "needs_review: true")
    try add(review, to: shop)
    try await wait(for: "other/E01", to: "in_review", in: shop)
    try await shop.expect(0, "pr", "reject", "other/E01", "--reason", "again")
    // The second turn commits nothing new, so it is asked for once more and fails honestly, or was quick enough.
    try await wait(for: "other/E01", to: "failed", in: shop)
    try add(Plan("third/E01", front: "needs_review: true"), to: shop)
    try await wait(for: "third/E01", to: "in_review", in: shop)
    let approved = try await shop.expect(0, "pr", "approve", "third/E01")
    #expect(approved.out.contains("start (process \(run.pid)"), "\(approved)")
    try await wait(for: "third/E01", to: "complete", in: shop)
    try shop.write("\(shop.scratch.path)/go", "")
    #expect(try await run.output().status == 1, "one of them failed")
    #expect(try await shop.states() == ["core/E01": "complete", "other/E01": "failed", "third/E01": "complete"])
    #expect(try shop.read("data/third-E01") == "ok third/E01\n")
  }

  @Test func theBaseMovesWhileAnAgentWorks() async throws {
    let (shop, run, _) = try await AgentKillTests.withWaitingAgent()
    try shop.write("notes.txt", "committed meanwhile\n")
    try shop.git("commit", "--quiet", "-m", "Meanwhile", "--", "notes.txt")
    try shop.write("words", "being edited\n")
    try shop.write("\(shop.scratch.path)/go", "")
    #expect(try await run.output().status == 0)
    #expect(try shop.git("show", "main:notes.txt") == "committed meanwhile")
    #expect(try shop.read("words") == "being edited\n")
    #expect(try shop.uncommitted() == [" M words"])
    let change = try #require(try shop.changes().first)
    let commit = try #require(change.landingCommit)
    #expect(try shop.tree(commit) == change.testedTree)
    #expect(try shop.git("show", "\(commit):notes.txt") == "committed meanwhile", "the merged tree was tested")
    #expect(try shop.tree(commit) != shop.tree(change.headCommit))
  }

  @Test func aGateThatIsRedOnlyAfterTheMergeSendsTheWorkBack() async throws {
    // Each is green alone; together they are not, and the second turn makes room.
    let claim = { (id: String, other: String) -> Plan in
      Plan(
        id,
        script: """
          \(Plan.meet(other))
          if [ -n "${ORCH_FEEDBACK_FILE:-}" ]; then
            git merge --quiet --no-edit "$ORCH_BASE"
            git rm --quiet data/*-only
          fi
          mkdir -p data
          echo "ok" > data/\(id.replacing("/", with: "-"))-only
          git add data
          git commit --quiet -m "Claim it for \(id)"
          """)
    }
    let shop = try Workshop(
      [claim("a/E01", "b/E01"), claim("b/E01", "a/E01")], gate: "test $(ls data | grep -c only) -le 1")
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(["a/E01", "b/E01"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(shop.root)/data").count == 1)
    let turns = try ["a/E01", "b/E01"].flatMap { try shop.turns($0).map(\.purpose) }
    #expect(turns.sorted() == ["landing_gate", "start", "start"])
  }

  @Test func aFailedAttemptIsKeptAndTheNextStartsAfresh() async throws {
    let plan = Plan(
      "core/E01",
      script: """
        test ! -e data/first
        mkdir -p data
        echo "ok $ORCH_ATTEMPT" > data/$([ "$ORCH_ATTEMPT" = 1 ] && echo first || echo second)
        git add data
        git commit --quiet -m "Attempt $ORCH_ATTEMPT"
        echo uncommitted >> notes.txt
        echo untracked > leftover
        [ "$ORCH_ATTEMPT" != 1 ] || exit 9
        git checkout --quiet notes.txt
        """)
    let shop = try Workshop([plan], attempts: 2)
    try await shop.expect(0, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "complete"])
    let attempts = try shop.attempts("core/E01")
    #expect(attempts.map(\.number) == [1, 2])
    #expect(attempts.compactMap(\.preservedRef) == ["refs/orch/attempts/core/E01/1", "refs/orch/attempts/core/E01/2"])
    #expect(try shop.git("show", "refs/orch/attempts/core/E01/1:data/first") == "ok 1")
    #expect(try shop.git("show", "refs/orch/attempts/core/E01/1:notes.txt").hasSuffix("uncommitted"))
    #expect(try shop.git("show", "refs/orch/attempts/core/E01/1:leftover") == "untracked")
    #expect(try shop.git("ls-tree", "--name-only", "main", "data/") == "data/second")
    #expect(try shop.git("for-each-ref", "--format=%(refname)", "refs/heads") == "refs/heads/main")
    #expect(try await shop.strays() == [])
  }
}
