import Foundation
import OrchDomain
import OrchStore
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What becomes of work that does not go well, and who is told.
@Suite(.serialized, .timeLimit(.minutes(15))) struct OutcomeTests {
  @Test func aGateThatStaysRedFailsAndTheAttemptIsKept() async throws {
    let shop = try Workshop([
      Plan(
        "core/E01",
        script: "mkdir -p data\necho bad >> data/core-E01\ngit add data\ngit commit --quiet -m 'Not good yet'"),
      Plan("core/E02"), Plan("other/E01"),
    ])
    let base = try shop.git("rev-parse", "main")
    let run = try await shop.expect(1, "start", "--all", "--json")
    let summary = try #require(try Event.all(run).last).json
    #expect(summary["failed"].strings == ["core/E01"] && summary["complete"].strings == ["other/E01"])
    #expect(try await shop.states() == ["core/E01": "failed", "core/E02": "blocked", "other/E01": "complete"])
    #expect(try shop.turns("core/E01").map(\.purpose) == ["start", "gate", "gate"])
    let attempt = try #require(try shop.attempts("core/E01").first)
    #expect(attempt.failureClass == .gate)
    #expect(attempt.failureDetail?.contains("`sh test.sh` ended with exit status 1") == true)
    #expect(attempt.preservedRef == "refs/orch/attempts/core/E01/1")
    let kept = try shop.git("log", "--format=%s", "\(base)..refs/orch/attempts/core/E01/1").split(separator: "\n")
    #expect(kept.count { $0 == "Not good yet" } == 3, "\(kept)")
    #expect(!(try shop.git("log", "--format=%s", "\(base)..main").contains("Not good yet")))
    #expect(try shop.git("show", "main:README.md").count { $0 == "🔴" } == 2)
    let status = try await shop.expect(0, "status")
    #expect(status.out.contains("Needs you:") && status.out.contains("core/E01"))
    let feedback = try shop.read(try #require(try shop.turns("core/E01").last?.feedbackPath))
    #expect(feedback.contains("data/core-E01 is not ok"), "the output of the gate goes back: \(feedback)")
  }

  @Test(arguments: [
    ("true", FailureClass.noWork, "made no commit"),
    ("git commit --quiet --allow-empty -m nothing", .noWork, "commits change nothing"),
    ("echo edited >> notes.txt", .implementation, "left edits uncommitted: notes.txt"),
  ])
  func claimsThatAreNotTrue(_ script: String, _ failure: FailureClass, _ reason: String) async throws {
    let shop = try Workshop([Plan("core/E01", script: script)])
    let run = try await shop.expect(1, "start", "--all")
    #expect(run.out.contains(reason), "\(run)")
    let attempt = try #require(try shop.attempts("core/E01").first)
    #expect(attempt.failureClass == failure)
    #expect(try shop.turns("core/E01").count == 3, "it was told, and had another try")
    #expect(try shop.changes().isEmpty)
    if failure == .implementation {
      let kept = try #require(attempt.preservedRef)
      #expect(try shop.git("show", "\(kept):notes.txt").contains("edited"), "uncommitted work is kept too")
    }
    #expect(try await shop.strays() == [])
  }

  @Test func untrackedLeftoversDoNotCount() async throws {
    // The gate is green only because of a file that was never committed.
    let shop = try Workshop(
      [Plan("core/E01", script: Plan.work("core/E01") + "\necho x > leftover")], gate: "test -e leftover")
    try await shop.expect(1, "start", "--all")
    let states = try await shop.states()
    #expect(states["core/E01"] != "complete")
    #expect(!(try shop.git("show", "main:README.md").contains("🟢")))
  }

  @Test func anAgentThatFailsIsToldApart() async throws {
    let shop = try Workshop([Plan("core/E01", script: "echo boom >&2; exit 3"), Plan("core/E02")])
    let run = try await shop.expect(1, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "failed", "core/E02": "blocked"], "\(run)")
    #expect(try shop.changes().isEmpty)
  }

  @Test func rejectedWorkComesBackBetter() async throws {
    let script = """
      mkdir -p data
      echo "ok first" > data/file
      if [ -n "${ORCH_FEEDBACK_FILE:-}" ]; then
        echo "ok second" > data/file
        cp "$ORCH_FEEDBACK_FILE" data/told
        sed -i.bak '1s/^/ok /' data/told
        rm data/told.bak
      fi
      git add data
      git commit --quiet -m "Write the file"
      """
    let shop = try Workshop([Plan("core/E01", front: "needs_review: true", script: script)])
    try await shop.expect(0, "start", "--all")
    let reason = "Please say \"second\" — not $(touch hacked) `first`"
    try await shop.expect(0, "pr", "reject", "core/E01", "--reason", reason)
    #expect(try await shop.states() == ["core/E01": "fixing"])
    try await shop.expect(0, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "in_review"])
    #expect(try shop.git("show", "feat/core-E01:data/told").contains(reason), "word for word")
    let changes = try shop.changes()
    #expect(changes.count == 1 && changes.first?.state == .open, "the same change, brought up to date")
    #expect(try changes.first?.headCommit == shop.git("rev-parse", "feat/core-E01"))
    #expect(try shop.turns("core/E01").map(\.purpose) == ["start", "rejected"])
    try await shop.expect(0, "pr", "approve", "core/E01")
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(["core/E01"])
    #expect(try shop.read("data/file") == "ok second\n")
  }

  @Test func whatATaskMayTouchIsChecked() async throws {
    let shop = try Workshop([
      Plan("core/E01", front: "touches: [docs/**]"), Plan("other/E01", front: "touches: [data/**]"),
    ])
    try await shop.expect(0, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "in_review", "other/E01": "complete"])
    let verdict = try JSON(try await shop.expect(0, "pr", "show", "core/E01", "--json").out)["verdict"]
    #expect(verdict["needs_human"].bool == true)
    #expect(verdict["evidence"].array.contains { $0["file"].string == "data/core-E01" }, "\(verdict)")
  }

  @Test func aBranchCannotLoosenItsOwnReview() async throws {
    let script =
      Plan.work("core/E01") + """

        sed -i.bak 's/auto_merge = false/auto_merge = true/' .claude-orchestrator.toml
        rm .claude-orchestrator.toml.bak
        git commit --quiet --all -m "Loosen the review"
        """
    let shop = try Workshop([Plan("core/E01", script: script)], settings: "[review]\nauto_merge = false")
    try await shop.expect(0, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "in_review"])
  }

  @Test func aBrokenPlanHidesNoOther() async throws {
    let shop = try Workshop([Plan("core/E01"), Plan("broken/E01"), Plan("broken/E02"), Plan("other/E01")])
    try shop.write(Plan("broken/E01").path, "---\nstatus: [\n---\n# Broken\n")
    try shop.git("commit", "--quiet", "--all", "-m", "Break a plan")
    let synced = try await shop.expect(1, "sync")
    #expect(synced.err.contains("[P001]") && synced.err.contains(Plan("broken/E01").path), "\(synced)")
    try await shop.expect(0, "start", "--all")
    let states = try await shop.states()
    #expect(states["core/E01"] == "complete" && states["other/E01"] == "complete", "\(states)")
    #expect(states["broken/E02"] != "complete", "\(states)")
  }

  @Test(arguments: [("--theirs", "ready"), ("--ours", "complete")])
  func conflictingStatusEditsAreSettledByThePerson(_ flag: String, _ expected: String) async throws {
    let (shop, run, _) = try await AgentKillTests.withWaitingAgent()
    let path = Plan("core/E01").path
    kill(run.pid, SIGKILL)
    _ = try await run.output()
    let plan = try shop.read(path)
    #expect(plan.contains("status: in_progress"))
    try shop.write(path, plan.replacingOccurrences(of: "status: in_progress", with: "status: not_started"))
    let conflict = try await shop.expect(1, "sync")
    #expect(conflict.out.contains("core/E01: stored in_progress, Markdown not_started; an attempt is under way"))
    #expect(conflict.out.contains("--theirs") && conflict.out.contains("--ours"))
    #expect(try shop.read(path).contains("status: not_started"), "an edit is never overwritten unasked")

    try await shop.expect(0, "sync", flag)
    if flag == "--ours" {
      #expect(try shop.read(path).contains("status: in_progress"))
      try shop.write("\(shop.scratch.path)/go", "")
      try await shop.expect(0, "start", "--all")
    }
    #expect(try await shop.states() == ["core/E01": expected])
    #expect(try await shop.strays() == [], "what was reset runs no longer")
  }

  /// - Parameter isSeen: Whether the edit is read while the agent still works.
  @Test(arguments: [false, true]) func anEditDuringTheLastTurnIsAConflictAndStays(_ isSeen: Bool) async throws {
    let (shop, run, _) = try await AgentKillTests.withWaitingAgent()
    let path = Plan("core/E01").path
    let plan = try shop.read(path)
    #expect(plan.contains("status: in_progress"))
    let edited = plan.replacingOccurrences(of: "status: in_progress", with: "status: not_started")
    try shop.write(path, edited)
    if isSeen { try await shop.expect(1, "sync") }
    try shop.write("\(shop.scratch.path)/go", "")
    _ = try await run.output()
    #expect(try shop.read(path) == edited, "an edit is never overwritten unasked")
    #expect(try shop.git("show", "main:\(path)").contains("status: complete"))
    let conflict = try await shop.expect(1, "sync")
    #expect(conflict.out.contains("core/E01: stored complete, Markdown not_started; both changed"), "\(conflict)")
    #expect(try shop.read(path) == edited)
    try await shop.expect(0, "sync", "--ours")
    try await shop.expectFinished(["core/E01"])
  }

  @Test func aResetByHandIsARequest() async throws {
    let shop = try Workshop([Plan("core/E01")])
    try await shop.expect(0, "start", "--all")
    let path = Plan("core/E01").path
    try shop.write(path, try shop.read(path).replacingOccurrences(of: "status: complete", with: "status: not_started"))
    let synced = try await shop.expect(0, "sync")
    #expect(synced.out.contains("1 status taken over"), "\(synced)")
    #expect(try await shop.states() == ["core/E01": "ready"])
    #expect(try shop.git("for-each-ref", "refs/orch/attempts/core/E01/1").isEmpty == false)
  }

  @Test func aStatusSetByHandIsTakenOver() async throws {
    let shop = try Workshop([Plan("core/E01"), Plan("core/E02")])
    try await shop.expect(0, "sync")
    let path = Plan("core/E01").path
    try shop.write(path, try shop.read(path).replacingOccurrences(of: "not_started", with: "complete"))
    let synced = try await shop.expect(0, "sync")
    #expect(synced.out.contains("1 status taken over"), "\(synced)")
    #expect(try await shop.states() == ["core/E01": "complete", "core/E02": "ready"])
    try await shop.expect(0, "start", "--all")
    #expect(try await Set(shop.states().values) == ["complete"])
    #expect(try shop.changes().map(\.task.description) == ["core/E02"])
  }
}
