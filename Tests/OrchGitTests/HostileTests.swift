import Foundation
import OrchDomain
import OrchGit
import Testing

/// A repository in which everything that git can be made to run leaves a mark. No mark may ever appear.
@Suite("Hostile repositories")
struct HostileTests {
  static let hooks = [
    "applypatch-msg", "pre-applypatch", "post-applypatch", "pre-commit", "pre-merge-commit", "prepare-commit-msg",
    "commit-msg", "post-commit", "pre-rebase", "post-checkout", "post-merge", "pre-push", "pre-receive", "update",
    "post-receive", "post-update", "reference-transaction", "pre-auto-gc", "post-rewrite", "post-index-change",
    "fsmonitor-watchman", "sendemail-validate",
  ]

  struct Scene {
    let t: TestRepository
    let mark: String
    let old: String
    let new: String
    let place: String
  }

  static let ran = "#!/bin/sh\necho ran >> "

  func scene() async throws -> Scene {
    let t = try await TestRepository.make([
      "a.txt": "a\n", "b.txt": "b\n", ".gitattributes": "* filter=evil merge=evil diff=evil\n*.lfs filter=mixed\n",
    ])
    let old = try await t.rev("HEAD")
    let ours = try await t.proposal(["b.txt": "b2\n"])
    _ = ours
    let new = try await t.proposal(["a.txt": "a2\n", "n.txt": "n\n", "x.lfs": "x"])
    let mark = t.base + "/mark"
    let program = t.base + "/evil"
    try t.write("evil", Self.ran + "'\(mark)'\ncat\n", in: t.base)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    try t.write("hooks/x", "", in: t.base)
    for hook in Self.hooks {
      for directory in [t.path + "/.git/hooks", t.base + "/hooks"] {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try? FileManager.default.removeItem(atPath: directory + "/" + hook)
        try FileManager.default.copyItem(atPath: program, toPath: directory + "/" + hook)
      }
    }
    try t.write("included", "[filter \"evil\"]\n\tprocess = \(program)\n\trequired = true\n", in: t.base)
    try t.write("onbranch", "[filter \"onbranch\"]\n\tsmudge = \(program)\n\tclean = \(program)\n", in: t.base)
    try t.write(".git/info/attributes", "* filter=evil merge=evil diff=evil\na.txt filter=onbranch\n")
    try t.write(
      ".git/config",
      (t.read(".git/config") ?? "") + """
        [core]
        \tfsmonitor = \(program)
        \thooksPath = \(t.base)/hooks
        \tsshCommand = \(program)
        \tpager = \(program)
        \teditor = \(program)
        \taskPass = \(program)
        \tgitProxy = \(program)
        \talternateRefsCommand = \(program)
        [include]
        \tpath = \(t.base)/included
        [includeIf "onbranch:feat/**"]
        \tpath = \(t.base)/onbranch
        [includeIf "onbranch:main"]
        \tpath = \(t.base)/onbranch
        [filter "evil"]
        \tclean = \(program)
        \tsmudge = \(program)
        [filter "mixed"]
        \tprocess = \(program)
        [merge "evil"]
        \tdriver = \(program) %A
        [diff]
        \texternal = \(program)
        [diff "evil"]
        \tcommand = \(program)
        \ttextconv = \(program)
        [gpg]
        \tprogram = \(program)
        [commit]
        \tgpgSign = true
        [credential]
        \thelper = \(program)
        [init]
        \ttemplateDir = \(t.base)/hooks
        [submodule]
        \trecurse = true
        [extensions]
        \tpartialClone = evil
        [remote "evil"]
        \turl = ext::\(program)
        \tpromisor = true
        \tuploadpack = \(program)
        \tvcs = ext
        [alias]
        \tstatus = !\(program)
        \tworktree = !\(program)

        """)
    return Scene(t: t, mark: mark, old: old, new: new, place: t.owned + "/w")
  }

  func open(_ s: Scene) async throws -> GitRepository {
    var options = s.t.options
    let program = s.t.base + "/evil"
    for name in [
      "GIT_EXTERNAL_DIFF", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS", "SSH_ASKPASS", "GIT_EDITOR", "EDITOR", "PAGER",
      "GIT_PAGER", "GIT_PROXY_COMMAND", "GIT_SEQUENCE_EDITOR",
    ] { options.environment[name] = program }
    options.environment["GIT_TEMPLATE_DIR"] = s.t.base + "/hooks"
    options.environment["GIT_DIR"] = s.t.base + "/nowhere"
    options.environment["GIT_EXEC_PATH"] = s.t.base
    options.environment["GIT_CONFIG_PARAMETERS"] = "'core.hooksPath'='\(s.t.base)/hooks'"
    options.environment["GIT_TRACE"] = s.mark
    return try await GitRepository.open(s.t.path, options: options)
  }

  @Test("The scene is hostile: a person's git runs the marks")
  func sceneIsHostile() async throws {
    let s = try await scene()
    _ = try await s.t.gitResult(["switch", "-q", "-c", "x"])
    #expect(s.t.exists(s.mark))
  }

  @Test("Nothing of it runs, whatever is done to the repository")
  func nothingRuns() async throws {
    let s = try await scene()
    let t = s.t
    let r = try await open(s)
    #expect(r.disabledFilters.contains("evil"))
    func expectUnmarked(_ what: String) { #expect(!t.exists(s.mark), "\(what) ran something") }

    _ = try await r.worktrees()
    _ = try await r.merge(ours: s.old, theirs: s.new)
    _ = try await r.diff(from: s.old, to: s.new)
    _ = try await r.patch(from: s.old, to: s.new)
    expectUnmarked("reading")
    try await r.updateRef("refs/heads/x", to: s.new, expecting: nil, message: "m")
    expectUnmarked("updateRef")
    try await r.addWorktree(at: s.place, branch: "feat/w", from: s.old)
    expectUnmarked("addWorktree")
    #expect(t.read("a.txt", in: s.place) == "a\n")
    try t.write("a.txt", "changed", in: s.place)
    try t.write("untracked", "u", in: s.place)
    _ = try await r.worktreeState(at: s.place)
    expectUnmarked("worktreeState")
    let kept = try await r.snapshot(
      worktree: s.place, to: "refs/orch/attempts/w/E01/1", message: "m", at: Timestamp(milliseconds: 0))
    expectUnmarked("snapshot")
    #expect(try await r.file(at: "a.txt", in: kept.commit) == Array("changed".utf8))
    try await r.removeWorktree(at: s.place, preservedBy: "refs/orch/attempts/w/E01/1")
    expectUnmarked("removeWorktree")
    let gate = t.owned + "/gate"
    try await r.checkOutDetached(at: gate, commit: s.old)
    try t.write("a.txt", "changed", in: gate)
    try await r.checkOutDetached(at: gate, commit: s.new)
    expectUnmarked("checkOutDetached")
    try t.write("b.txt", "mine")
    let held = try await r.advance(branch: "main", from: s.old, to: s.new, message: "m")
    expectUnmarked("advance")
    guard case .waiting(let hold) = held else {
      Issue.record("\(held)")
      return
    }
    #expect(hold.reason == .untrustedFilter)
    try await t.git("config", "--remove-section", "filter.evil")
  }

  @Test("A nested repository in an agent's worktree is not entered")
  func nestedRepository() async throws {
    let t = try await TestRepository.make()
    let r = try await t.open()
    let place = t.owned + "/w"
    try await r.addWorktree(at: place, branch: "feat/w", from: try await t.rev("HEAD"))
    try t.write("evil", Self.ran + "'\(t.base)/mark'\ncat\n", in: t.base)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: t.base + "/evil")
    try t.write("sub/f", "f", in: place)
    try await t.git("init", "-q", in: place + "/sub")
    try await t.commit(["f": "g", ".gitattributes": "* filter=evil\n"], in: place + "/sub")
    try await t.git("-c", "advice.addEmbeddedRepo=false", "add", "sub", in: place)
    try await t.git("config", "core.fsmonitor", t.base + "/evil", in: place + "/sub")
    try await t.git("config", "filter.evil.clean", t.base + "/evil", in: place + "/sub")
    try t.write("sub/f", "changed", in: place)
    _ = try await r.worktreeState(at: place)
    let kept = try await r.snapshot(
      worktree: place, to: "refs/orch/attempts/w/E01/1", message: "m", at: Timestamp(milliseconds: 0))
    #expect(kept.nested == ["sub"])
    #expect(!t.exists(t.base + "/mark"))
  }

  @Test("An agent that replaces the .git of its worktree by a repository of its own gains nothing")
  func replacedLink() async throws {
    let t = try await TestRepository.make()
    let r = try await t.open()
    let place = t.owned + "/w"
    try await r.addWorktree(at: place, branch: "feat/w", from: try await t.rev("HEAD"))
    try t.remove(".git", in: place)
    try await t.git("init", "-q", in: place)
    try t.write("evil", Self.ran + "'\(t.base)/mark'\n", in: t.base)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: t.base + "/evil")
    try await t.git("config", "core.fsmonitor", t.base + "/evil", in: place)
    try t.write("work", "w", in: place)
    let kept = try await r.snapshot(
      worktree: place, to: "refs/orch/attempts/w/E01/1", message: "m", at: Timestamp(milliseconds: 0))
    #expect(try await t.git("show", "\(kept.commit):work") == "w")
    #expect(!t.exists(t.base + "/mark"))
    let error = await #expect(throws: GitError.self) {
      try await r.removeWorktree(at: place, preservedBy: "refs/orch/attempts/w/E01/1")
    }
    guard case .notPreserved = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("A filter that the user has defined globally runs as the user defined it")
  func userFilter() async throws {
    let t = try await TestRepository.make([".gitattributes": "*.up filter=up\n"])
    try t.write(
      ".gitconfig",
      (t.read(".gitconfig", in: t.home) ?? "") + "[filter \"up\"]\n\tsmudge = tr a-z A-Z\n\tclean = tr A-Z a-z\n",
      in: t.home)
    try t.write(".git/config", (t.read(".git/config") ?? "") + "[filter \"up\"]\n\tsmudge = echo hijacked\n")
    let new = try await t.proposal(["x.up": "text\n"])
    let r = try await t.open()
    #expect(r.disabledFilters == [])
    let place = t.owned + "/w"
    try await r.addWorktree(at: place, branch: "feat/w", from: new)
    #expect(t.read("x.up", in: place) == "TEXT\n")
    #expect(try await r.worktreeState(at: place).isClean)
  }
}
