import Foundation
import OrchDomain
import OrchGit
import OrchProcess
import Testing

@Suite("Worktrees")
struct WorktreeTests {
  static let ref = "refs/orch/attempts/m/E01/1"
  static let time = Timestamp(milliseconds: 1_780_000_000_000)

  struct Scene {
    let t: TestRepository
    let r: GitRepository
    let head: String
    var place: String { t.owned + "/deep/m-E01" }

    static func make(_ files: [String: String] = ["a.txt": "a\n", "b.txt": "b\n"]) async throws -> Scene {
      let t = try await TestRepository.make(files)
      return Scene(t: t, r: try await t.open(), head: try await t.rev("HEAD"))
    }

    func add() async throws { try await r.addWorktree(at: place, branch: "feat/m-E01", from: head) }

    func snapshot(_ ref: String = WorktreeTests.ref) async throws -> Snapshot {
      try await r.snapshot(worktree: place, to: ref, message: "attempt", at: WorktreeTests.time)
    }

    func expectKept(_ body: () async throws -> Void) async throws {
      let error = await #expect(throws: GitError.self) { try await body() }
      guard case .notPreserved = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(t.exists(place))
    }
  }

  @Test("A worktree is made on its own branch, and listed")
  func adds() async throws {
    let s = try await Scene.make()
    try await s.add()
    #expect(s.t.read("a.txt", in: s.place) == "a\n")
    #expect(try await s.t.git("status", "--porcelain", "--branch", in: s.place) == "## feat/m-E01")
    let listed = try await s.r.worktrees()
    #expect(listed.count == 2)
    #expect(listed[0].isMain && listed[0].path == s.t.path)
    #expect(
      listed[1]
        == WorktreeInfo(
          path: s.place, head: .branch(name: "feat/m-E01", commit: s.head), isMain: false, isLocked: false,
          isPrunable: false, operations: []))
    #expect(try await s.t.gitResult(["config", "--get-regexp", "^branch"]).text == "")
    #expect(try await s.r.worktreeState(at: s.place).isClean)
  }

  @Test("Outside of our directories nothing is made, recycled or removed")
  func notOurs() async throws {
    let s = try await Scene.make()
    let outside = s.t.base + "/elsewhere"
    try FileManager.default.createSymbolicLink(atPath: s.t.owned + "/link", withDestinationPath: s.t.home)
    for path in [
      outside, s.t.path, s.t.owned, s.t.owned + "/../x", s.t.owned + "/link/x", "relative", s.t.owned + "/-x",
    ] {
      await #expect(throws: GitError.notOurDirectory(path: path)) {
        try await s.r.addWorktree(at: path, branch: "x", from: s.head)
      }
      await #expect(throws: GitError.notOurDirectory(path: path)) {
        try await s.r.checkOutDetached(at: path, commit: s.head)
      }
      await #expect(throws: GitError.notOurDirectory(path: path)) {
        try await s.r.removeWorktree(at: path, preservedBy: Self.ref)
      }
    }
    #expect(s.t.read("a.txt") == "a\n")
  }

  @Test("A branch with work that is kept nowhere is never reset; one that is kept is")
  func branchExists() async throws {
    let s = try await Scene.make()
    let work = try await s.t.proposal(["w": "w"])
    try await s.t.git("branch", "feat/m-E01", work)
    await #expect(throws: GitError.branchHoldsWork(branch: "feat/m-E01", tip: work)) { try await s.add() }
    #expect(try await s.t.rev("feat/m-E01") == work)
    try await s.t.git("update-ref", Self.ref, work)
    try await s.add()
    #expect(try await s.t.rev("feat/m-E01") == s.head)
    await #expect(throws: GitError.branchCheckedOut(branch: "feat/m-E01", path: s.place)) {
      try await s.r.addWorktree(at: s.place + "-2", branch: "feat/m-E01", from: s.head)
    }
  }

  @Test("Leftovers: files without a worktree are moved aside, a worktree without files is forgotten but kept")
  func leftovers() async throws {
    let s = try await Scene.make()
    try s.t.write("precious", "p", in: s.place)
    try await s.add()
    #expect(s.t.read("precious", in: s.place + ".orphan-1") == "p")
    #expect(s.t.read("precious", in: s.place) == nil)
    // Work that only the worktree's own index knew.
    try s.t.write("staged", "only in the index", in: s.place)
    try await s.t.git("add", "staged", in: s.place)
    try FileManager.default.removeItem(atPath: s.place)
    try await s.add()
    let rescued = try await s.r.refs(prefix: "refs/orch/rescued/")
    #expect(rescued.count == 1)
    #expect(try await s.t.git("show", "\(try #require(rescued.first?.commit)):staged") == "only in the index")
    #expect(try await s.r.worktrees().count == 2)
  }

  @Test("A killed call is completed by the next one, wherever it was killed", arguments: 0..<8)
  func killed(_ step: Int) async throws {
    let files = Dictionary(uniqueKeysWithValues: (0..<200).map { ("d/f\($0)", String(repeating: "x\n", count: $0)) })
    let s = try await Scene.make(files)
    try FileManager.default.createDirectory(atPath: s.t.owned + "/deep", withIntermediateDirectories: true)
    try await s.t.git("branch", "feat/m-E01")
    // The same git command, killed after so many writes to the file system that the states differ from step to step.
    let script = """
      git worktree add --no-checkout --lock -- "$1" feat/m-E01 & pid=$!
      n=0; while [ $n -lt $2 ]; do n=$((n + 1)); done
      kill -9 $pid 2>/dev/null; wait $pid
      exit 0
      """
    _ = try await CommandRunner().run(
      Command(
        executable: "/bin/sh", arguments: ["-c", script, "sh", s.place, "\(step * step * 1500)"], directory: s.t.path,
        environment: s.t.environment))
    try await s.add()
    #expect(try await s.t.git("status", "--porcelain", "--branch", in: s.place) == "## feat/m-E01")
    #expect(try await s.r.worktrees().filter { $0.path == s.place && !$0.isLocked }.count == 1)
  }

  @Test("A snapshot holds everything that is not ignored, and changes nothing")
  func snapshots() async throws {
    let s = try await Scene.make(["a.txt": "a\n", "b.txt": "b\n", "c.sh": "c", "gone": "g", ".gitignore": "*.log\n"])
    try await s.add()
    let t = s.t
    try await t.commit(["work": "committed"], "work", in: s.place)
    try t.write("a.txt", "unstaged", in: s.place)
    try t.write("b.txt", "staged", in: s.place)
    try await t.git("add", "b.txt", in: s.place)
    try t.write("b.txt", "staged, then changed", in: s.place)
    try t.write("untracked/ü \"x\"\n.txt", "u", in: s.place)
    try t.write("x.log", "ignored", in: s.place)
    try t.remove("gone", in: s.place)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: s.place + "/c.sh")
    try FileManager.default.createSymbolicLink(atPath: s.place + "/link", withDestinationPath: "/etc")
    try await t.git("update-index", "--assume-unchanged", "work", in: s.place)
    try t.write("work", "changed behind git's back", in: s.place)
    let before = try await t.picture(s.place)
    let index = try await t.index(s.place)

    let tip = try await t.rev("HEAD", in: s.place)
    let kept = try await s.snapshot()
    #expect(kept.isComplete)
    #expect(try await t.picture(s.place) == before)
    #expect(try await t.index(s.place) == index)
    #expect(try await t.rev(Self.ref) == kept.commit)
    #expect(try await t.rev("\(kept.commit)^1") == tip)
    #expect(try await t.git("show", "\(kept.commit)^2:b.txt") == "staged")

    // What comes back out is, byte for byte, what went in.
    let copy = t.base + "/copy"
    try await t.git("worktree", "add", "-q", "--detach", copy, kept.commit)
    #expect(try await t.picture(copy) == before.filter { $0.key != "x.log" })
    // Again: the same answer, and no second commit.
    #expect(try await s.snapshot() == kept)
    // A pipe holds nothing, and must not keep the rest from being kept.
    try await t.shell("rm a.txt; mkfifo a.txt", in: s.place)
    #expect(try await s.r.snapshot(worktree: s.place, to: Self.ref + "0", message: "pipe", at: Self.time).isComplete)
    try await t.shell("rm a.txt", in: s.place)
    try t.write("a.txt", "more", in: s.place)
    await #expect(throws: GitError.raced(ref: Self.ref, actual: kept.commit)) { try await s.snapshot() }
    try await t.git("fsck", "--strict")
  }

  @Test("A file that was changed in the same tick as the index, and to the same size, is in the snapshot")
  func racySnapshot() async throws {
    let s = try await Scene.make()
    try await s.add()
    try await s.t.git("config", "core.trustctime", "false")
    let tick: [FileAttributeKey: Any] = [.modificationDate: Date(timeIntervalSince1970: 1_780_000_000)]
    let file = s.place + "/a.txt"
    try s.t.write("a.txt", "x\n", in: s.place)
    try FileManager.default.setAttributes(tick, ofItemAtPath: file)
    try await s.t.git("add", "a.txt", in: s.place)
    try s.t.write("a.txt", "y\n", in: s.place)
    try FileManager.default.setAttributes(tick, ofItemAtPath: file)
    try FileManager.default.setAttributes(tick, ofItemAtPath: s.t.path + "/.git/worktrees/m-E01/index")
    let kept = try await s.snapshot()
    #expect(try await s.t.git("show", "\(kept.commit):a.txt") == "y")
  }

  @Test("A worktree goes only when its tip and its files are kept")
  func removal() async throws {
    let s = try await Scene.make()
    try await s.add()
    let t = s.t
    let remove = { try await s.r.removeWorktree(at: s.place, preservedBy: Self.ref) }
    try await s.expectKept(remove)
    try t.write("a.txt", "mine", in: s.place)
    _ = try await s.snapshot()
    try t.write("new", "after the snapshot", in: s.place)
    try await s.expectKept(remove)
    try t.remove("new", in: s.place)
    try t.write("a.txt", "staged only", in: s.place)
    try await t.git("add", "a.txt", in: s.place)
    try t.write("a.txt", "mine", in: s.place)
    try await s.expectKept(remove)
    try await t.git("reset", "-q", in: s.place)
    try await t.git("commit", "-q", "--allow-empty", "-m", "later", in: s.place)
    try await s.expectKept(remove)
    try await t.git("reset", "-q", "--soft", "HEAD~1", in: s.place)
    try await remove()
    #expect(!t.exists(s.place))
    #expect(try await s.r.worktrees().count == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: t.owned + "/deep") == [])
    // Once more: nothing to do.
    try await remove()
  }

  @Test("A repository inside of a worktree keeps it from being removed")
  func nested() async throws {
    let s = try await Scene.make()
    try await s.add()
    for (name, commits) in [("sub", true), ("empty", false)] {
      try FileManager.default.createDirectory(atPath: s.place + "/" + name, withIntermediateDirectories: true)
      try await s.t.git("init", "-q", in: s.place + "/" + name)
      if commits { try await s.t.commit(["f": "f"], in: s.place + "/" + name) }
    }
    let kept = try await s.snapshot()
    #expect(kept.nested.contains("sub"))
    try await s.expectKept { try await s.r.removeWorktree(at: s.place, preservedBy: Self.ref) }
  }

  @Test("Killed after the files went, the removal is completed")
  func killedRemoval() async throws {
    let s = try await Scene.make()
    try await s.add()
    _ = try await s.snapshot()
    let trash = s.t.owned + "/deep/.orch-removed-m-E01"
    try FileManager.default.moveItem(atPath: s.place, toPath: trash)
    try await s.r.removeWorktree(at: s.place, preservedBy: Self.ref)
    #expect(!s.t.exists(trash))
    #expect(try await s.r.worktrees().count == 1)
  }

  @Test("A branch goes only when its commits are kept and nobody has it checked out")
  func branches() async throws {
    let s = try await Scene.make()
    try await s.add()
    let work = try await s.t.commit(["w": "w"], in: s.place)
    let delete = { try await s.r.deleteBranch("feat/m-E01", at: work, preservedBy: Self.ref) }
    await #expect(throws: GitError.self) { try await delete() }
    _ = try await s.snapshot()
    await #expect(throws: GitError.branchCheckedOut(branch: "feat/m-E01", path: s.place)) { try await delete() }
    try await s.r.removeWorktree(at: s.place, preservedBy: Self.ref)
    try await delete()
    try await delete()
    #expect(try await s.r.commitID(ofRef: "refs/heads/feat/m-E01") == nil)
    await #expect(throws: GitError.self) { try await s.r.deleteBranch("main", at: s.head, preservedBy: Self.ref) }
  }

  @Test("The gate's worktree is made, recycled and repaired")
  func gate() async throws {
    let s = try await Scene.make(["a.txt": "a\n", ".gitignore": "ignored/\n"])
    let gate = s.t.owned + "/gate"
    let next = try await s.t.proposal(["a.txt": "a2\n", "n": "n"])
    let expectClean = { (commit: String) async throws in
      #expect(try await s.t.rev("HEAD", in: gate) == commit)
      #expect(try await s.t.git("status", "--porcelain", "--ignored", in: gate) == "")
    }
    try await s.r.checkOutDetached(at: gate, commit: s.head)
    try await expectClean(s.head)
    try s.t.write("ignored/build", "b", in: gate)
    try s.t.write("a.txt", "changed by the gate", in: gate)
    try s.t.write("left", "l", in: gate)
    try await s.t.git("init", "-q", "nested", in: gate)
    try s.t.write(".git/worktrees/gate/index.lock", "")
    try await s.r.checkOutDetached(at: gate, commit: next)
    try await expectClean(next)
    // A gate's program replaced the link to us by a repository of its own.
    try s.t.remove(".git", in: gate)
    try await s.t.git("init", "-q", in: gate)
    try await s.r.checkOutDetached(at: gate, commit: s.head)
    try await expectClean(s.head)
    try FileManager.default.removeItem(atPath: gate)
    try await s.r.checkOutDetached(at: gate, commit: next)
    try await expectClean(next)
    try await s.add()
    let error = await #expect(throws: GitError.self) { try await s.r.checkOutDetached(at: s.place, commit: next) }
    guard case .notPreserved = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("The state of a worktree names what is changed, and looking changes nothing")
  func state() async throws {
    let s = try await Scene.make()
    try await s.add()
    try s.t.write("a.txt", "x", in: s.place)
    try s.t.write("n/m", "x", in: s.place)
    let index = FileManager.default.contents(atPath: s.t.path + "/.git/worktrees/m-E01/index")
    let state = try await s.r.worktreeState(at: s.place)
    #expect(state == WorktreeState(head: s.head, changed: ["a.txt", "n/m"], changedTracked: ["a.txt"]))
    #expect(FileManager.default.contents(atPath: s.t.path + "/.git/worktrees/m-E01/index") == index)
    await #expect(throws: GitError.noSuchWorktree(path: "/none")) { try await s.r.worktreeState(at: "/none") }
  }
}
