// What agents, gates and reviewers bring about.
extension Scenario {
  static let chain = Scenario(
    name: "chain",
    plans: [.noting("core/E01"), .noting(.fixing("core/E02"))],
    steps: [.start],
    acts: [
      "worktree.added", "agent.spawned", "turn.recorded", "landing.intended", "base.moved", "attempt.preserved",
      "worktree.removed", "branch.deleted", "statuses.moved",
    ],
    ends: ["core/E01": "complete", "core/E02": "complete"])

  static let conflict = Scenario(
    name: "conflict",
    plans: [
      .noting(.word("core/REG01", "transfer", meeting: "report/REG01")),
      .noting(.word("report/REG01", "summary", meeting: "core/REG01")),
    ],
    steps: [.start],
    ends: ["core/REG01": "complete", "report/REG01": "complete"])

  static let review = Scenario(
    name: "review",
    plans: [
      .noting(
        "core/E01", front: "needs_review: true",
        "mkdir -p data\necho ok > data/file\ngit add data\ngit commit --quiet --allow-empty -m 'Write the file'")
    ],
    steps: [
      .start, .orch("pr", "reject", "core/E01", "--reason", "Again, please"),
      .start, .orch("pr", "approve", "core/E01"), .orch("pr", "reject", "core/E01", "--reason", "No, once more"),
      .start, .orch("pr", "approve", "core/E01"), .start,
    ],
    ends: ["core/E01": "complete"])

  static let reset = Scenario(
    name: "reset",
    plans: [.noting("core/E01"), .again("core/E02", front: "needs_review: true")],
    steps: [
      .start, .orch("reset", "core/E02"),
      .start, .orch("pr", "approve", "core/E02"), .orch("reset", "core/E02"),
      .start, .orch("pr", "approve", "core/E02"), .startKilled(at: "after approved>landing core/E02"),
      .orch("reset", "core/E02"),
      .start, .orch("pr", "approve", "core/E02"), .start,
    ],
    ends: ["core/E01": "complete", "core/E02": "complete"])

  /// One forgets to commit, one fails in its first turn, one in its second.
  static let claims = Scenario(
    name: "claims",
    plans: [
      .noting("core/E01", "[ -z \"${ORCH_FEEDBACK_FILE:-}\" ] && exit 0\n" + Plan.work("core/E01")),
      .noting("other/E01", "[ \"$ORCH_ATTEMPT\" = 1 ] && exit 3\n" + Plan.work("other/E01")),
      .noting(
        "report/E01",
        """
        if [ "$ORCH_ATTEMPT" = 1 ]; then
          if [ -z "${ORCH_FEEDBACK_FILE:-}" ]; then exit 0; fi
          \(Plan.noted)
          exit 3
        fi
        \(Plan.work("report/E01"))
        """),
    ],
    steps: [.start],
    acts: ["attempt.preserved"],
    ends: ["core/E01": "complete", "other/E01": "complete", "report/E01": "complete"])

  /// Landed and killed before that was recorded; then a person wants it done again, or sends it back.
  static let landedAfterAll = Scenario(
    name: "landed after all",
    plans: [.again("core/E01"), .noting("other/E01")],
    steps: [
      .killed(at: "act base.moved", ["start", "core/E01"]), .orch("reset", "core/E01"), .orch("start", "core/E01"),
      .killed(at: "act base.moved", ["start", "other/E01"]),
      .orch("pr", "reject", "other/E01", "--reason", "Too late"), .start,
    ],
    ends: ["core/E01": "complete", "other/E01": "complete"])

  /// Parked work whose worktree is cleaned up begins again.
  static let cleanedUp = Scenario(
    name: "cleaned up",
    plans: [.noting("core/E01")],
    steps: [
      .startKilled(at: "after running>verifying"), .orch("stop", "core/E01"), .orch("cleanup", "worktrees", "--all"),
      .orch("resume", "core/E01"), .start,
    ],
    acts: ["attempt.preserved", "worktree.removed", "branch.deleted"],
    ends: ["core/E01": "complete"])

  /// Every way to fail for good, and what people do about it.
  static let failures = Scenario(
    name: "failures",
    plans: [
      .again("core/E01", before: "[ -e \"${ORCH_WORKTREE%/state/worktrees/*}/mended\" ] || exit 3"),
      Plan("idle/E01", script: "true"),
      .noting("red/E01", "mkdir -p data\necho bad >> data/red\ngit add data\ngit commit --quiet -m 'Not good'"),
      .noting("setup/E01"),
      .again("two/E01"),
      .again("two/E02", before: "[ -e \"${ORCH_WORKTREE%/state/worktrees/*}/mended\" ] || exit 3"),
    ],
    files: ["setup.sh": "[ \"$ORCH_TASK\" != setup/E01 ]\n"],
    settings: "[worktree]\nsetup = [\"sh setup.sh\"]\n[retry.classes.environment]\naction = \"retry\"",
    attempts: 1,
    steps: [
      .start,
      .world { shop in try shop.write("\(shop.scratch.path)/mended", "") },
      .orch("retry", "core/E01"), .orch("reset", "two/E01"), .orch("retry", "two/E02"),
      .start,
      .world { shop in try shop.setStatus("idle/E01", "complete") }, .orch("sync"),
    ],
    hasPatientAgents: false,
    ends: [
      "core/E01": "complete", "idle/E01": "complete", "red/E01": "failed", "setup/E01": "failed",
      "two/E01": "complete", "two/E02": "complete",
    ])
}
