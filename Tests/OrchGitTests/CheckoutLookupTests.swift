import OrchGit
import Testing

/// Looking for one checkout among hundreds takes short cuts; they must find what reading all of them finds.
@Suite("Looking for one checkout")
struct CheckoutLookupTests {
  @Test("One checkout is found as it is listed, whatever was done to its links")
  func sameAsListed() async throws {
    let t = try await TestRepository.make()
    let r = try await t.open()
    let head = try await t.rev("HEAD")
    for name in ["plain", "gone", "stolen", "lost", "rebasing"] {
      try await r.addWorktree(at: "\(t.owned)/\(name)", branch: "feat/\(name)", from: head)
    }
    try await r.checkOutDetached(at: "\(t.owned)/detached", commit: head)
    // The same last name elsewhere, one by way of a link, and what an agent may do to its own `.git`.
    try await t.shell(
      """
      git -C repo worktree add -q --detach \(t.home)/plain
      rm -rf owned/gone
      cp owned/plain/.git owned/stolen/.git
      rm owned/lost/.git
      ln -s plain owned/link
      mkdir repo/.git/worktrees/empty
      echo x > repo/.git/worktrees/file
      mkdir repo/.git/worktrees/rebasing/rebase-merge
      echo refs/heads/elsewhere > repo/.git/worktrees/rebasing/rebase-merge/head-name
      """, in: t.base)
    let listed = try await r.worktrees()
    #expect(listed.count == 8)
    for one in listed {
      #expect(try await r.worktree(at: one.path) == one)
    }
    #expect(try await r.worktree(at: t.owned + "/link") == listed.first { $0.path == t.owned + "/plain" })
    #expect(try await r.worktree(at: t.owned + "/none") == nil)
    #expect(try await r.worktree(at: t.owned) == nil)
  }

  @Test("A ref that a checkout stands on, or will come back to, is not moved; any other is")
  func holders() async throws {
    let t = try await TestRepository.make()
    let r = try await t.open()
    let head = try await t.rev("HEAD")
    try await r.addWorktree(at: t.owned + "/one", branch: "feat/one", from: head)
    try await r.addWorktree(at: t.owned + "/two", branch: "feat/two", from: head)
    try await t.shell(
      """
      git branch free && git branch back && git symbolic-ref refs/heads/alias refs/heads/aim
      git branch aim
      git -C ../owned/one symbolic-ref HEAD refs/heads/alias
      mkdir .git/worktrees/two/rebase-merge
      echo refs/heads/back > .git/worktrees/two/rebase-merge/head-name
      """, in: t.path)
    let next = try await t.proposal(["b.txt": "b\n"])
    for (branch, isHeld) in [
      ("main", true), ("feat/one", false), ("feat/two", true), ("free", false), ("back", true), ("aim", true),
    ] {
      var refused: GitError?
      do throws(GitError) {
        try await r.updateRef("refs/heads/\(branch)", to: next, expecting: head, message: "m")
      } catch {
        refused = error
      }
      if isHeld {
        guard case .branchCheckedOut(branch, _) = refused else {
          Issue.record("\(branch): \(String(describing: refused))")
          continue
        }
      }
      #expect(try await t.rev(branch) == (isHeld ? head : next))
    }
  }
}
