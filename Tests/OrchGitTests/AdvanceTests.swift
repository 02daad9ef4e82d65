import Foundation
import OrchGit
import OrchProcess
import Testing

@Suite("Moving the base branch")
struct AdvanceTests {
  static let files = ["a.txt": "a1\n", "b.txt": "b1\n", "c.sh": "c1\n", "dir/d.txt": "d1\n", "gone.txt": "g\n"]
  /// What lands: a change, a new file, a removal.
  static let landing: [String: String?] = ["a.txt": "a2\n", "new/n.txt": "n\n", "gone.txt": nil]

  struct Scene {
    let t: TestRepository
    let r: GitRepository
    let old: String
    let new: String

    static func make(_ files: [String: String] = files, _ landing: [String: String?] = landing) async throws -> Scene {
      let t = try await TestRepository.make(files)
      return Scene(t: t, r: try await t.open(), old: try await t.rev("main"), new: try await t.proposal(landing))
    }

    func advance(_ edits: [WorkingFileEdit] = []) async throws -> AdvanceResult {
      try await r.advance(branch: "main", from: old, to: new, message: "land it", edits: edits)
    }

    /// Nothing of ours is left in git's directory.
    func expectNoLeftovers(_ root: String? = nil) throws {
      let names = try FileManager.default.subpathsOfDirectory(atPath: t.path + "/.git")
      let left = names.filter { $0.hasSuffix(".lock") && $0 != "orch-advance.lock" || $0.contains("orch-index") }
      #expect(left.isEmpty, "\(left)")
      #expect(!names.contains("orch-advance"))
    }

    func expectMoved(_ result: AdvanceResult) async throws {
      #expect(result == .moved(leftAlone: []))
      #expect(try await t.rev("main") == new)
      try expectNoLeftovers()
    }

    func expectWaiting(
      _ result: AdvanceResult, _ reason: BranchHold.Reason, _ files: [String]? = nil, path: String? = nil
    ) async throws {
      guard case .waiting(let hold) = result else {
        Issue.record("\(result)")
        return
      }
      #expect(hold.reason == reason)
      #expect(hold.path == path ?? t.path)
      if let files { #expect(hold.files == files) }
      #expect(!hold.description.isEmpty)
      #expect(try await t.rev("main") == old)
    }
  }

  @Test("A clean checkout follows")
  func clean() async throws {
    let s = try await Scene.make()
    try await s.expectMoved(s.advance())
    #expect(s.t.read("a.txt") == "a2\n")
    #expect(s.t.read("new/n.txt") == "n\n")
    #expect(s.t.read("gone.txt") == nil)
    #expect(try await s.t.git("status", "--porcelain") == "")
    #expect(try await s.t.git("log", "-1", "-g", "--format=%gs", "main") == "land it")
    #expect(try await s.t.git("log", "-1", "-g", "--format=%gs", "HEAD") == "land it")
    // Asking again changes nothing.
    try await s.expectMoved(s.advance())
  }

  @Test("Unrelated changes survive byte for byte: staged, unstaged, untracked, ignored, modes, deletions, renames")
  func unrelated() async throws {
    let s = try await Scene.make()
    let t = s.t
    try t.write(".git/info/exclude", "*.log\n")
    try t.write("b.txt", "b staged\n")
    try await t.git("add", "b.txt")
    try t.write("b.txt", "b staged and more\r\n")
    try t.write("dir/d.txt", "d unstaged")
    try t.write("untracked", "u")
    try t.write("build.log", "log")
    try t.write("new/other", "beside the new file")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: t.path + "/c.sh")
    let before = try await t.picture(without: ["a.txt", "gone.txt"])
    let staged = try await t.git("ls-files", "-s", "b.txt", "c.sh", "dir/d.txt")
    try await s.expectMoved(s.advance())
    #expect(try await t.picture(without: ["a.txt", "new/n.txt"]) == before)
    #expect(try await t.git("ls-files", "-s", "b.txt", "c.sh", "dir/d.txt") == staged)
    #expect(t.read("a.txt") == "a2\n")
    #expect(
      try await t.git("status", "--porcelain", "-uall")
        == "MM b.txt\n M c.sh\n M dir/d.txt\n?? new/other\n?? untracked")
  }

  enum Overlap: String, CaseIterable, Sendable {
    case unstaged, staged, deleted, stagedDeletion, mode, untrackedInTheWay, ignoredInTheWay, fileForDirectory
    case linkForDirectory, directoryForFile, racy, assumeUnchanged
  }

  @Test("Changes that overlap make it wait and name the file; not a byte moves", arguments: Overlap.allCases)
  func overlapping(_ overlap: Overlap) async throws {
    let s = try await Scene.make()
    let t = s.t
    var files = ["a.txt"]
    switch overlap {
    case .unstaged: try t.write("a.txt", "mine\n")
    case .staged:
      try t.write("a.txt", "mine\n")
      try await t.git("add", "a.txt")
    case .deleted: try t.remove("a.txt")
    case .stagedDeletion: try await t.git("rm", "-q", "a.txt")
    case .mode: try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: t.path + "/a.txt")
    case .untrackedInTheWay:
      try t.write("new/n.txt", "mine")
      files = ["new/n.txt"]
    case .ignoredInTheWay:
      try t.write(".git/info/exclude", "new/\n")
      try t.write("new/n.txt", "mine")
      files = ["new/n.txt"]
    case .fileForDirectory:
      try t.write("new", "mine")
      files = ["new"]
    case .linkForDirectory:
      try FileManager.default.createSymbolicLink(atPath: t.path + "/new", withDestinationPath: t.home)
      files = ["new"]
    case .directoryForFile:
      try t.write("new/n.txt/x", "mine")
      files = ["new/n.txt/x"]
    case .racy:
      // The same size and time as what git last saw.
      let date = try #require(
        FileManager.default.attributesOfItem(atPath: t.path + "/a.txt")[.modificationDate] as? Date)
      try await t.git("status")
      try t.write("a.txt", "aX\n")
      try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: t.path + "/a.txt")
    case .assumeUnchanged:
      try await t.git("update-index", "--assume-unchanged", "a.txt")
      try t.write("a.txt", "mine\n")
    }
    let before = try await t.picture()
    let index = try await t.index()
    try await s.expectWaiting(s.advance(), .uncommittedChanges, files)
    #expect(try await t.picture() == before)
    #expect(try await t.index() == index)
    try s.expectNoLeftovers()
  }

  @Test("A file that was only touched is not in the way")
  func touched() async throws {
    let s = try await Scene.make()
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: s.t.path + "/a.txt")
    try await s.expectMoved(s.advance())
  }

  @Test(
    "Another branch checked out, a detached head and a bare repository: only the ref moves",
    arguments: ["other", "detached", "bare"])
  func elsewhere(_ kind: String) async throws {
    let s = try await Scene.make()
    if kind == "bare" {
      try await s.t.git("update-ref", "refs/keep", s.new)
      try await s.t.git("clone", "-q", "--mirror", s.t.path, s.t.base + "/bare")
      let bare = try await s.t.open(s.t.base + "/bare")
      #expect(try await bare.advance(branch: "main", from: s.old, to: s.new, message: "m") == .moved(leftAlone: []))
      #expect(try await s.t.rev("main", in: s.t.base + "/bare") == s.new)
      return
    }
    if kind == "other" {
      try await s.t.git("switch", "-q", "-c", "other")
    } else {
      try await s.t.git("switch", "-q", "--detach")
    }
    try s.t.write("a.txt", "mine")
    let before = try await s.t.picture()
    try await s.expectMoved(s.advance())
    #expect(try await s.t.picture() == before)
  }

  @Test("A rebase, bisect, am, merge, cherry-pick or revert that holds the branch is waited for")
  func operations() async throws {
    let s = try await Scene.make()
    let t = s.t
    let side = try await t.proposal(["b.txt": "side\n"])
    try await t.git("branch", "side", side)
    try await t.git("branch", "topic")

    func stopped(_ commands: [[String]], _ reason: BranchHold.Reason, undo: [String]) async throws {
      for command in commands { _ = try await t.gitResult(command) }
      let before = try await t.picture()
      try await s.expectWaiting(s.advance(), reason)
      #expect(try await t.picture() == before)
      _ = try await t.gitResult(undo)
      #expect(try await t.rev("HEAD") == s.old)
    }
    try await stopped([["bisect", "start"], ["bisect", "bad"]], .bisect, undo: ["bisect", "reset"])
    try await stopped([["merge", "-q", "--no-ff", "--no-commit", "side"]], .merge, undo: ["merge", "--abort"])
    let second = try await t.proposal(["b.txt": "second\n"], on: side)
    try await stopped([["cherry-pick", second]], .cherryPick, undo: ["cherry-pick", "--abort"])
    try await stopped([["revert", "--no-edit", second]], .revert, undo: ["revert", "--abort"])
    try t.write("patch", try await t.git("format-patch", "-1", "--stdout", second) + "\n", in: t.home)
    try await stopped([["am", "-3", t.home + "/patch"]], .applyingPatches, undo: ["am", "--abort"])
  }

  @Test("A rebase of the branch is waited for, one of another branch is not", arguments: [true, false])
  func rebase(_ ofBase: Bool) async throws {
    let s = try await Scene.make()
    let t = s.t
    let tip = try await t.proposal(["b.txt": "theirs\n"])
    try await t.git("branch", "onto", tip)
    if !ofBase { try await t.git("switch", "-q", "-c", "topic") }
    try await t.commit(["b.txt": "mine\n"])
    let old = try await t.rev("HEAD")
    let stopped = try await t.gitResult(["rebase", "onto"])
    #expect(stopped.exit != .code(0))
    let before = try await t.picture()
    if ofBase {
      let new = try await t.proposal(["z": "z"], on: old)
      let result = try await s.r.advance(branch: "main", from: old, to: new, message: "m")
      guard case .waiting(let hold) = result else {
        Issue.record("\(result)")
        return
      }
      #expect(hold.reason == .rebase)
      #expect(try await t.rev("main") == old)
    } else {
      try await s.expectMoved(s.advance())
    }
    #expect(try await t.picture() == before)
    #expect(t.exists(t.path + "/.git/rebase-merge"))
  }

  @Test("A linked worktree that has the branch follows; the main checkout on another branch is not touched")
  func linked() async throws {
    let s = try await Scene.make()
    let t = s.t
    try await t.git("switch", "-q", "-c", "other")
    let linked = t.base + "/linked"
    try await t.git("worktree", "add", "-q", linked, "main")
    try t.write("b.txt", "mine", in: linked)
    let main = try await t.picture()
    try await s.expectMoved(s.advance())
    #expect(try await t.picture() == main)
    #expect(t.read("a.txt", in: linked) == "a2\n")
    #expect(t.read("b.txt", in: linked) == "mine")
    #expect(try await t.git("status", "--porcelain", in: linked) == " M b.txt")
    #expect(try await t.git("log", "-1", "-g", "--format=%gs", "HEAD", in: linked) == "land it")
  }

  @Test("Of two checkouts of the branch, both follow or none does")
  func twoCheckouts() async throws {
    let s = try await Scene.make()
    let t = s.t
    let linked = t.base + "/linked"
    try await t.git("worktree", "add", "-q", "-f", linked, "main")
    try t.write("a.txt", "mine", in: linked)
    let before = try await t.picture()
    try await s.expectWaiting(s.advance(), .uncommittedChanges, ["a.txt"], path: linked)
    #expect(try await t.picture() == before)
    try s.expectNoLeftovers()
    try await t.git("checkout", "-q", "a.txt", in: linked)
    try await s.expectMoved(s.advance())
    #expect(t.read("a.txt") == "a2\n")
    #expect(t.read("a.txt", in: linked) == "a2\n")
  }

  @Test("A ref that moved meanwhile, a commit that is no descendant, and a branch that is not there")
  func raced() async throws {
    let s = try await Scene.make()
    let other = try await s.t.commit(["b.txt": "b2\n"])
    #expect(try await s.advance() == .raced(actual: other))
    #expect(s.t.read("a.txt") == "a1\n")
    let error = await #expect(throws: GitError.self) {
      try await s.r.advance(branch: "main", from: other, to: s.new, message: "m")
    }
    #expect(error == .notAFastForward(branch: "main", from: other, to: s.new))
    #expect(try await s.r.advance(branch: "none", from: s.old, to: s.new, message: "m") == .raced(actual: nil))
  }

  @Test("An index that another git process has locked is waited for, and its lock left alone")
  func lockedIndex() async throws {
    let s = try await Scene.make()
    try s.t.write(".git/index.lock", "")
    try await s.expectWaiting(s.advance(), .indexLocked)
    #expect(s.t.exists(s.t.path + "/.git/index.lock"))
    try s.t.remove(".git/index.lock")
    try await s.expectMoved(s.advance())
  }

  @Test("A file becomes a directory, and a directory a file")
  func kinds() async throws {
    let t = try await TestRepository.make(Self.files)
    let place = t.base + "/kinds"
    try await t.git("worktree", "add", "-q", "--detach", place, "main")
    try await t.shell("rm -r a.txt dir; mkdir -p a.txt/deep; echo n > a.txt/deep/n.txt; echo d > dir", in: place)
    try await t.git("add", "--all", in: place)
    try await t.git("commit", "-q", "-m", "kinds", in: place)
    let s = Scene(t: t, r: try await t.open(), old: try await t.rev("main"), new: try await t.rev("HEAD", in: place))
    try await s.expectMoved(s.advance())
    #expect(s.t.read("a.txt/deep/n.txt") == "n\n")
    #expect(s.t.read("dir") == "d\n")
    #expect(try await s.t.git("status", "--porcelain") == "")
  }

  /// As a container that ran as somebody else leaves them.
  @Test("Directories that may not be written are waited for, before anything is", .enabled(if: geteuid() != 0))
  func closedDirectory() async throws {
    let s = try await Scene.make(Self.files, ["a.txt": "a2\n", "dir/deep/n.txt": "n\n"])
    try await s.t.shell("chmod a-w dir", in: s.t.path)
    try await s.expectWaiting(s.advance(), .notWritable, [s.t.path + "/dir"])
    #expect(s.t.read("a.txt") == "a1\n")
    try await s.t.shell("chmod u+w dir; chmod a-w .git/objects", in: s.t.path)
    #expect(throws: GitError.file(operation: "write in", path: s.t.path + "/.git/objects", errno: EACCES)) {
      try s.r.checkWritable()
    }
    try await s.t.shell("chmod u+w .git/objects", in: s.t.path)
    try await s.expectMoved(s.advance())
  }

  @Test("A checkout without an index, as after clone --no-checkout, stays without files")
  func noIndex() async throws {
    let s = try await Scene.make()
    let place = s.t.base + "/none"
    try await s.t.git("update-ref", "refs/heads/keep", s.new)
    try await s.t.git("clone", "-q", "--no-checkout", s.t.path, place)
    let r = try await s.t.open(place)
    #expect(try await r.advance(branch: "main", from: s.old, to: s.new, message: "m") == .moved(leftAlone: []))
    #expect(try FileManager.default.contentsOfDirectory(atPath: place) == [".git"])
  }

  @Test(
    "Sparse checkouts, a split index, line endings and submodules keep what they are",
    arguments: ["sparse", "split", "crlf", "submodule"])
  func special(_ kind: String) async throws {
    let s = try await Scene.make(["in/a": "1\n", "out/b": "1\n"], ["in/a": "2\n", "out/b": "2\n", "out/n": "n\n"])
    let t = s.t
    switch kind {
    case "sparse":
      try await t.git("sparse-checkout", "set", "in")
      try await s.expectMoved(s.advance())
      #expect(!t.exists(t.path + "/out"))
    case "split":
      try await t.git("update-index", "--split-index")
      try t.write("in/mine", "m")
      try await t.git("add", "in/mine")
      try await s.expectMoved(s.advance())
      #expect(try await t.git("status", "--porcelain") == "A  in/mine")
      return
    case "crlf":
      try await t.git("config", "core.autocrlf", "true")
      try t.remove("in/a")
      try await t.git("checkout", "-q", "in/a")
      try await s.expectMoved(s.advance())
      #expect(t.read("in/a") == "2\r\n")
    default:
      let sub = try await TestRepository.make(["s": "s"])
      try await t.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", sub.path, "sub")
      try await t.git("commit", "-qm", "sub")
      let old = try await t.rev("HEAD")
      try await sub.commit(["s": "s2"])
      let place = t.base + "/p"
      try await t.git("worktree", "add", "-q", "--detach", place)
      try await t.git("update-index", "--cacheinfo", "160000,\(try await sub.rev("HEAD")),sub", in: place)
      try await t.git("commit", "-qm", "bump", in: place)
      let new = try await t.rev("HEAD", in: place)
      #expect(try await s.r.advance(branch: "main", from: old, to: new, message: "m") == .moved(leftAlone: []))
      #expect(t.read("sub/s") == "s")
      return
    }
    #expect(try await t.git("status", "--porcelain") == "")
  }
}
