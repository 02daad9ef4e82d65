import OrchDomain
import OrchGit
import Testing

@Suite("Worktrees that are brought back")
struct RestoreTests {
  @Test("Files, branch and index are as they were, but for what was staged and also in the files")
  func restores() async throws {
    let s = try await WorktreeTests.Scene.make()
    try await s.add()
    try await s.t.shell(
      """
      echo committed > c.txt && git add c.txt && git commit -qm work && echo edited >> a.txt && rm b.txt
      echo new > n.txt && echo staged > s.txt && git add s.txt && rm s.txt
      """, in: s.place)
    let before = (try await s.t.picture(s.place), try await s.t.rev("HEAD", in: s.place))
    let status = try await s.t.git("status", "--porcelain", in: s.place)
    _ = try await s.snapshot()
    try await s.r.removeWorktree(at: s.place, preservedBy: WorktreeTests.ref)
    try await s.r.restoreWorktree(at: s.place, branch: "feat/m-E01", from: WorktreeTests.ref)
    #expect(try await s.t.picture(s.place) == before.0)
    #expect(try await s.t.rev("HEAD", in: s.place) == before.1)
    #expect(try await s.t.git("status", "--porcelain", "--branch", in: s.place) == "## feat/m-E01\n" + status)
  }

  @Test("A branch that moved, or is gone, gets no files that do not belong to it")
  func moved() async throws {
    let s = try await WorktreeTests.Scene.make()
    try await s.add()
    try s.t.write("n.txt", "n", in: s.place)
    _ = try await s.snapshot()
    try await s.r.removeWorktree(at: s.place, preservedBy: WorktreeTests.ref)
    let next = try await s.t.proposal(["x": "x"])
    for change in [["branch", "-f", "feat/m-E01", next], ["branch", "-D", "feat/m-E01"]] {
      _ = try await s.t.gitResult(change)
      let error = await #expect(throws: GitError.self) {
        try await s.r.restoreWorktree(at: s.place, branch: "feat/m-E01", from: WorktreeTests.ref)
      }
      guard case .notPreserved = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(!s.t.exists(s.place))
    }
  }
}
