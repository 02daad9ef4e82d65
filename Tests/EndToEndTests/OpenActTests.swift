import OrchDomain
import OrchStore
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What `doctor` tells of acts that were begun by a process that is gone.
@Suite(.serialized, .timeLimit(.minutes(15))) struct OpenActTests {
  @Test(arguments: [
    ("after queued>preparing", "making the worktree of core/E01"),
    ("act worktree.added", "making the worktree of core/E01"),
    ("act agent.spawned", "the agent's turn of core/E01"),
    ("act landing.intended", "landing core/E01"),
    ("act base.moved", "landing core/E01"),
    ("after landing>complete", "taking the worktree of core/E01 away"),
    ("act worktree.removed", "taking the worktree of core/E01 away"),
    ("act statuses.moved", "writing the status of core/E01"),
  ])
  func doctorShowsWhatWasBegun(_ point: String, _ text: String) async throws {
    let shop = try Workshop([Plan("core/E01")])
    let run = try await shop.orch("start", "--all", adding: ["ORCH_CRASH_AT": point])
    #expect(run.status == -SIGKILL, "\(run)")
    let before = try await shop.orch("doctor")
    #expect(before.out.contains(text), "\(before)")
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(["core/E01"])
    let after = try await shop.orch("doctor")
    #expect(after.out.split(separator: "\n").contains { $0.contains("open acts") && $0.contains("none") }, "\(after)")
  }
}
