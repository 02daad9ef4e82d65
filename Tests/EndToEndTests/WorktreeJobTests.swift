import Foundation
import OrchDomain
import OrchStore
import Testing

/// What an attempt finds in its worktree and around it.
@Suite(.serialized, .timeLimit(.minutes(15))) struct WorktreeJobTests {
  /// Writes lines to a file beside the repository, from where no cleaning takes them.
  private static func note(_ shop: Workshop, _ name: String) -> String { "\(shop.scratch.path)/\(name)" }

  private static func write(_ shop: Workshop, _ id: String, _ script: String) throws {
    let plan = Plan(id, script: script + "\n" + Plan.work(id))
    try shop.write(plan.path, plan.text)
    try shop.git("add", "--all", "docs")
    try shop.git("commit", "--quiet", "-m", "Plan \(id)")
  }

  @Test func whatIsPutThereIsNeitherSeenNorCommitted() async throws {
    let shop = try Workshop(
      [], settings: "[worktree]\ncopy_files = [\".env\"]\nsymlink_dirs = [\"node_modules\"]\n")
    try shop.write(".env", "TOKEN=secret\n")
    try shop.write("node_modules/x/index.js", "x")
    let before = try shop.uncommitted()
    let seen = Self.note(shop, "seen")
    try Self.write(
      shop, "core/E01",
      """
      cat .env > \(seen); ls node_modules >> \(seen); git status --porcelain >> \(seen)
      echo TOKEN=mine > .env; echo x > work.txt; git add -A; git commit --quiet -m all
      """)
    try await shop.expect(0, "start", "--all")
    #expect(try shop.read(seen) == "TOKEN=secret\nx\n")
    let landed = try shop.git("ls-tree", "-r", "--name-only", "main")
    #expect(landed.contains("work.txt") && !landed.contains(".env") && !landed.contains("node_modules"))
    let kept = try shop.git("ls-tree", "-r", "--name-only", "refs/orch/attempts/core/E01/1")
    #expect(kept.contains("work.txt") && !kept.contains(".env"))
    #expect(try shop.uncommitted() == before, "the main checkout sees its own files as before")
    let copies = try FileManager.default.subpathsOfDirectory(atPath: shop.state + "/runs")
      .filter { $0.hasSuffix("copied/.env") }
    let copy = try #require(copies.first)
    #expect(try shop.read(shop.state + "/runs/" + copy) == "TOKEN=mine\n", "a changed copy is kept, outside of git")
    #expect(try await shop.strays() == [])
  }

  @Test func aWorktreeOfThePoolIsUsedAgainAndSetUpOnce() async throws {
    let shop = try Workshop(
      [],
      settings: """
        [worktree]
        pool_size = 1
        setup = ["echo set up >> $SETUPS; mkdir -p build && echo dep > build/dep"]
        setup_key_files = ["lock"]
        copy_files = [".env"]
        """, parallel: 1)
    let setups = Self.note(shop, "setups")
    let config = try shop.read(".claude-orchestrator.toml").replacing("$SETUPS", with: setups)
    try shop.write(".claude-orchestrator.toml", config)
    try shop.write(".gitignore", "build/\n.env\n")
    try shop.write("lock", "1\n")
    try shop.git("add", "--all")
    try shop.git("commit", "--quiet", "-m", "Ignore build output")
    try shop.write(".env", "TOKEN=secret\n")
    let seen = Self.note(shop, "seen")
    for (id, lock) in [("core/E01", "1"), ("core/E02", "2"), ("core/E03", "2")] {
      try Self.write(
        shop, id,
        """
        echo "$ORCH_TASK $(cat .env) $(ls -A build | tr '\\n' ' ')$(git status --porcelain)" >> \(seen)
        pwd >> \(seen).places
        echo TOKEN=hostile > .env; echo o > build/\(id.suffix(3)).o; echo junk > junk.txt
        echo \(lock) > lock; git add lock; git diff --cached --quiet || git commit --quiet -m lock
        """)
    }
    try await shop.expect(0, "start", "--all")
    #expect(
      try shop.read(seen) == """
        core/E01 TOKEN=secret dep\u{20}
        core/E02 TOKEN=secret E01.o dep\u{20}
        core/E03 TOKEN=secret E01.o E02.o dep\u{20}

        """)
    let places = Set(try shop.read(seen + ".places").split(separator: "\n"))
    #expect(places.count == 1 && places.first?.hasSuffix("/_warm-1") == true, "\(places)")
    // For the first, not for the second, and for the third because the lock file had changed. The gate has its own.
    let inPool = try shop.read(setups).split(separator: "\n").count - (try landingSetups(shop))
    #expect(inPool == 2)
    for number in 1...3 {
      let ref = "refs/orch/attempts/core/E0\(number)/1"
      #expect(try shop.git("show", "\(ref):junk.txt") == "junk", "what was untracked is kept")
    }
    let cleanup = try await shop.expect(0, "cleanup", "worktrees")
    #expect(cleanup.out.contains("it waits, cleaned, for the next attempt"), "\(cleanup)")
    #expect(try await shop.expect(0, "doctor").out.contains("0 that no task needs"))
    try await shop.expect(0, "cleanup", "worktrees", "--all")
    #expect(
      try shop.git("worktree", "list", "--porcelain").split(separator: "\n").count { $0.hasPrefix("worktree") } == 1)
    #expect(try await shop.strays() == [])
  }

  @Test(arguments: ["copy", "skip"]) func aDirectoryIsClonedOrItsAbsenceIsTold(_ fallback: String) async throws {
    let shop = try Workshop(
      [], settings: "[worktree]\nclone_dirs = [\"build\", \"absent\"]\nclone_fallback = \"\(fallback)\"\n")
    try shop.write("build/deep/dep", "built\n")
    let before = try shop.uncommitted()
    let seen = Self.note(shop, "seen")
    try Self.write(
      shop, "core/E01",
      """
      cat build/deep/dep > \(seen) 2>/dev/null || echo absent > \(seen)
      git status --porcelain >> \(seen)
      mkdir -p build; echo changed > build/deep/dep || true
      """)
    let run = try await shop.expect(0, "start", "--all")
    // Whether blocks can be shared depends on the file system.
    let isTold =
      run.out.contains("clone_dirs: 'build' is not in ") || run.err.contains("clone_dirs: 'build' is not in ")
    #expect(try shop.read(seen) == (isTold ? "absent\n" : "built\n"), "\(run)")
    if fallback == "copy" { #expect(!isTold, "\(run)") }
    #expect(try shop.read("build/deep/dep") == "built\n", "a clone is the attempt's own")
    #expect(try !shop.git("ls-tree", "-r", "--name-only", "main").contains("build"))
    #expect(try shop.uncommitted() == before)
  }

  /// How often the landing gate was set up.
  private func landingSetups(_ shop: Workshop) throws -> Int {
    try FileManager.default.subpathsOfDirectory(atPath: shop.state + "/runs")
      .count { $0.contains("/landing/") && $0.hasSuffix("/setup/1/stdout") }
  }

  @Test func attemptsHavePortsAndATemporaryDirectoryOfTheirOwn() async throws {
    let shop = try Workshop(
      [], settings: "[worktree]\nports_per_attempt = 100\nfirst_port = 20000\nlast_port = 20299\n")
    let seen = Self.note(shop, "seen")
    for (id, other) in [("a/E01", "b/E01"), ("b/E01", "a/E01")] {
      try Self.write(
        shop, id,
        Plan.meet(other) + "\n" + """
          echo "$ORCH_PORT_BASE $ORCH_PORT_COUNT $TMPDIR" >> \(seen)
          echo x > "$TMPDIR/mine"
          case "$TMPDIR" in "$ORCH_WORKTREE"*) exit 1;; esac
          """)
    }
    try await shop.expect(0, "start", "--all")
    let lines = try shop.read(seen).split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(lines.count == 2)
    #expect(Set(lines.map { $0[0] }).count == 2 && lines.allSatisfy { $0[1] == "100" }, "\(lines)")
    #expect(Set(lines.map { $0[2] }).count == 2)
    for line in lines { #expect(!shop.exists(line[2]), "it goes with the attempt") }
    #expect(try await shop.strays() == [])
  }
}
