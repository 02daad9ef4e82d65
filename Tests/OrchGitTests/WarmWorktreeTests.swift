import Foundation
import OrchDomain
import OrchGit
import OrchProcess
import Testing

@Suite("Worktrees that are used again")
struct WarmWorktreeTests {
  /// A worktree in which an attempt has worked, and the commit that the next one begins from.
  struct Scene {
    let t: TestRepository
    let r: GitRepository
    let head: String
    let next: String
    var place: String { t.owned + "/_warm-1" }
    var admin: String { t.path + "/.git/worktrees/_warm-1" }

    static func make() async throws -> Scene {
      let t = try await TestRepository.make([
        "a.txt": "a\n", "deep/b.txt": "b\n", "deep/er/c.txt": "c\n", ".gitignore": "build/\n*.log\n", "run.sh": "#!\n",
      ])
      let head = try await t.rev("HEAD")
      let next = try await t.proposal(["a.txt": "a2\n", "deep/b.txt": nil, "new/n.txt": "n\n"])
      let scene = Scene(t: t, r: try await t.open(), head: head, next: next)
      try await scene.r.addWorktree(at: scene.place, branch: "feat/one", from: head, forPool: true)
      return scene
    }

    func rest() async throws {
      _ = try await r.snapshot(worktree: place, to: WorktreeTests.ref, message: "attempt", at: WorktreeTests.time)
      try await r.restWorktree(at: place, preservedBy: WorktreeTests.ref)
    }

    func reuse(_ commit: String? = nil) async throws {
      try await r.reuseWorktree(at: place, branch: "feat/two", from: commit ?? next)
    }

    /// Everything that a fresh worktree of the commit has, and nothing else but what is ignored.
    func expectFresh(ignored: [String] = [], sourceLocation: SourceLocation = #_sourceLocation) async throws {
      let fresh = t.base + "/fresh-\(UInt32.random(in: .min ... .max))"
      try await t.git("worktree", "add", "-q", "--detach", fresh, next)
      let (expected, found) = (try await t.picture(fresh), try await t.picture(place, without: Set(ignored)))
      #expect(found == expected, sourceLocation: sourceLocation)
      #expect(try directories(place, ignored) == directories(fresh, ignored), sourceLocation: sourceLocation)
      let status = try await t.git("status", "--porcelain", "--branch", in: place)
      #expect(status == "## feat/two", sourceLocation: sourceLocation)
      #expect(try await t.index(place) == t.index(fresh), sourceLocation: sourceLocation)
      #expect(try await t.git("ls-files", "-v", in: place) == t.git("ls-files", "-v", in: fresh))
      let inFresh = try FileManager.default.contentsOfDirectory(atPath: t.path + "/.git/worktrees")
        .first { $0.hasPrefix("fresh-") }.map { t.path + "/.git/worktrees/\($0)" }
      let kept = try Set(FileManager.default.contentsOfDirectory(atPath: admin))
      let usual = try Set(FileManager.default.contentsOfDirectory(atPath: inFresh ?? ""))
      #expect(kept.subtracting(usual).isEmpty, "\(kept)", sourceLocation: sourceLocation)
      #expect(t.read("commondir", in: admin) == "../..\n", sourceLocation: sourceLocation)
      try await t.git("worktree", "remove", "--force", fresh)
    }

    private func directories(_ root: String, _ ignored: [String]) throws -> [String] {
      var found: [String] = []
      for case let name as String in FileManager.default.enumerator(atPath: root) ?? .init() {
        var isDirectory: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: root + "/" + name, isDirectory: &isDirectory)
        let isIgnored = ignored.contains { $0.hasPrefix(name + "/") }
        if isDirectory.boolValue, !isIgnored, name != ".git", !name.hasPrefix(".git/") { found.append(name) }
      }
      return found.sorted()
    }

    func shell(_ script: String) async throws { try await t.shell(script, in: place) }
  }

  @Test("The next attempt gets the files of its commit and the ignored build output, and nothing else")
  func reuses() async throws {
    let s = try await Scene.make()
    try await s.shell(
      """
      mkdir -p build empty/deeper untracked && echo o > build/out.o && echo log > deep/x.log && echo u > untracked/u
      echo changed > a.txt && git commit -qam work && echo again >> a.txt && rm deep/er/c.txt && chmod +x run.sh
      echo staged > staged.txt && git add staged.txt && ln -s /etc link && git update-index --assume-unchanged a.txt
      """)
    let built = try FileManager.default.attributesOfItem(atPath: s.place + "/build/out.o")[.modificationDate] as? Date
    let tip = try await s.t.rev("HEAD", in: s.place)
    try await s.rest()
    #expect(try await s.r.worktrees().last?.isWarm == true)
    #expect(try await s.t.git("status", "--porcelain", in: s.place) == "")
    #expect(!s.t.exists(s.place + "/untracked") && !s.t.exists(s.place + "/empty"))
    try await s.r.deleteBranch("feat/one", at: tip, preservedBy: WorktreeTests.ref)
    let untouched = try FileManager.default.attributesOfItem(atPath: s.place + "/run.sh")[.systemFileNumber] as? Int
    try await s.reuse()
    #expect(try await s.r.worktrees().last?.isLocked == false)
    try await s.expectFresh(ignored: ["build/out.o", "deep/x.log"])
    #expect(s.t.read("build/out.o", in: s.place) == "o\n")
    let kept = try FileManager.default.attributesOfItem(atPath: s.place + "/build/out.o")[.modificationDate] as? Date
    #expect(kept == built)
    let after = try FileManager.default.attributesOfItem(atPath: s.place + "/run.sh")[.systemFileNumber] as? Int
    #expect(after == untouched, "what both commits have is not written again")
    #expect(!s.t.exists(s.admin + "/logs/HEAD"), "the attempt before is not told of")
    #expect(try await s.t.git("show", "\(WorktreeTests.ref):untracked/u") == "u")
  }

  @Test("What a hostile attempt leaves does not reach the next one")
  func hostile() async throws {
    let s = try await Scene.make()
    let mark = s.t.base + "/pwned"
    try await s.t.git("config", "extensions.worktreeConfig", "true")
    try await s.shell(
      """
      printf '#!/bin/sh\\ntouch \(mark)\\ncat\\n' > \(s.t.base)/evil && chmod +x \(s.t.base)/evil
      git config --worktree core.hooksPath \(s.t.base)/hooks && git config --worktree core.fsmonitor \(s.t.base)/evil
      git config --worktree filter.x.smudge \(s.t.base)/evil && git config --worktree core.sparseCheckout true
      git config --worktree core.trustCtime false && git config --worktree core.checkStat minimal
      mkdir -p \(s.t.base)/hooks && cp \(s.t.base)/evil \(s.t.base)/hooks/post-checkout
      mkdir -p \(s.admin)/info && echo '/nothing' > \(s.admin)/info/sparse-checkout
      mkdir -p \(s.admin)/rebase-merge \(s.admin)/refs/bisect && echo x > \(s.admin)/MERGE_MSG
      git update-ref refs/worktree/mine HEAD
      touch \(s.admin)/index.lock \(s.admin)/HEAD.lock
      """)
    try await s.rest()
    try s.t.write("index.lock", "", in: s.admin)
    try await s.reuse()
    try await s.expectFresh()
    #expect(!s.t.exists(mark))
    #expect(try await s.t.gitResult(["config", "--worktree", "--list"], in: s.place).text == "")
  }

  @Test("An index that says that a changed file is unchanged is not believed")
  func forgedIndex() async throws {
    let s = try await Scene.make()
    // The index of the changed file, with the name of the old content: what `update-index --cacheinfo` then has.
    try await s.shell(
      """
      echo X > deep/er/c.txt && touch -d 2020-01-01 deep/er/c.txt
      blob=$(git rev-parse HEAD:deep/er/c.txt) && git update-index deep/er/c.txt
      forged=$(git rev-parse :deep/er/c.txt | sed 's/../\\\\x&/g'); real=$(echo $blob | sed 's/../\\\\x&/g')
      perl -e 'undef $/; open F, "+<", $ARGV[0]; binmode F; $_ = <F>; s/$ARGV[1]/eval "\\"$ARGV[2]\\""/e;
        use Digest::SHA "sha1"; $_ = substr($_, 0, -20); $_ .= sha1($_); seek F, 0, 0; print F $_' \
        \(s.admin)/index "$forged" "$real"
      """)
    #expect(try await s.t.git("status", "--porcelain", in: s.place) == "", "the forgery works against git")
    try await s.rest()
    #expect(s.t.read("deep/er/c.txt", in: s.place) == "c\n")
    try await s.reuse()
    try await s.expectFresh()
  }

  @Test("Directories that cannot be read or written are opened up; what blocks cleaning makes a new worktree")
  func permissions() async throws {
    let s = try await Scene.make()
    try await s.shell(
      "mkdir -p build/ro build/none && touch build/ro/f && chmod 555 build/ro deep && chmod 000 build/none")
    try await s.rest()
    try await s.shell("chmod 000 deep/er; chmod 400 a.txt")
    try await s.reuse()
    try await s.expectFresh(ignored: ["build/ro/f", "build/none/"])
    // A truncated copy of the index, as a full disk or a kill leaves it.
    try await s.t.git("worktree", "lock", "--reason", "claude-orch: being cleaned", s.place)
    try s.t.write(".orch-index-_warm-1", "DIRC", in: s.t.owned)
    try await s.reuse()
    try await s.expectFresh()
  }

  @Test("A directory that became a link to another place is made anew, and the other place stays")
  func linkInPlaceOfDirectory() async throws {
    let s = try await Scene.make()
    try s.t.write("er/c.txt", "mine\n", in: s.t.base + "/mine")
    try await s.shell("rm -r deep && ln -s \(s.t.base)/mine deep && ln a.txt \(s.t.base)/hard")
    try await s.rest()
    try await s.reuse()
    try await s.expectFresh()
    #expect(s.t.read("er/c.txt", in: s.t.base + "/mine") == "mine\n")
    try s.t.write("hard", "written later", in: s.t.base)
    #expect(s.t.read("a.txt", in: s.place) == "a2\n")
  }

  @Test("A worktree whose state is not kept, or that is not in the pool, is left as it is")
  func notKept() async throws {
    let s = try await Scene.make()
    _ = try await s.r.snapshot(worktree: s.place, to: WorktreeTests.ref, message: "m", at: WorktreeTests.time)
    try s.t.write("later", "l", in: s.place)
    for attempt in [
      { try await s.r.restWorktree(at: s.place, preservedBy: WorktreeTests.ref) }, { try await s.reuse() },
    ] {
      let error = await #expect(throws: GitError.self) { try await attempt() }
      guard case .notPreserved = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
    #expect(s.t.read("later", in: s.place) == "l")
    try await s.t.git("init", "-q", "nested", in: s.place)
    _ = try await s.r.snapshot(worktree: s.place, to: WorktreeTests.ref + "b", message: "m", at: WorktreeTests.time)
    await #expect(throws: GitError.self) {
      try await s.r.restWorktree(at: s.place, preservedBy: WorktreeTests.ref + "b")
    }
    #expect(s.t.exists(s.place + "/nested/.git"))
  }

  @Test("Killed anywhere on the way in or out, the next use completes it", arguments: 0..<6)
  func killed(_ step: Int) async throws {
    let s = try await Scene.make()
    try await s.shell("echo u > u && echo x > a.txt && mkdir build && echo o > build/o")
    try await s.rest()
    // What is on disk when the process dies after each part of cleaning.
    try s.t.write("locked", "claude-orch: being cleaned\n", in: s.admin)
    switch step {
    case 0: break
    case 1: try s.t.write("HEAD", s.next + "\n", in: s.admin)
    case 2: try s.t.remove("index", in: s.admin)
    case 3: try await s.t.git("read-tree", "-m", "-u", "HEAD", s.next, in: s.place)
    case 4: try s.t.write("half", "h", in: s.place)
    default:
      try await s.t.git("branch", "feat/two", s.next)
      try s.t.write("HEAD", "ref: refs/heads/feat/two\n", in: s.admin)
    }
    try await s.reuse()
    try await s.expectFresh(ignored: ["build/o"])
    #expect(try await s.t.git("show", "\(WorktreeTests.ref):u") == "u")
  }

  @Test("Sparse patterns and the worktree configuration of the main checkout hold in a fresh and in a used worktree")
  func sparse() async throws {
    let s = try await Scene.make()
    try await s.t.git("sparse-checkout", "set", "--cone", "new")
    try await s.t.git("config", "--worktree", "user.name", "Other")
    let fresh = s.t.owned + "/fresh"
    try await s.r.addWorktree(at: fresh, branch: "feat/fresh", from: s.next)
    #expect(!s.t.exists(fresh + "/deep") && s.t.exists(fresh + "/new/n.txt"))
    try await s.rest()
    try await s.reuse()
    #expect(try await s.t.picture(s.place) == s.t.picture(fresh))
    for place in [fresh, s.place] {
      #expect(try await s.t.git("sparse-checkout", "list", in: place) == "new")
      #expect(try await s.t.git("config", "user.name", in: place) == "Other")
      #expect(try await s.t.git("status", "--porcelain", in: place) == "")
    }
    let state = try await s.r.worktreeState(at: s.place)
    #expect(state.isClean, "files outside of the patterns do not count as deleted")
  }
}
