import Foundation
import OrchDomain
import OrchStore
import Testing

/// Disks fill, and room can be made without losing anything.
@Suite(.serialized, .timeLimit(.minutes(15))) struct DiskJobTests {
  /// A task that fails with a commit, an edit and a big file that git ignores.
  private static func failing(_ id: String) -> Plan {
    Plan(
      id,
      script: """
        mkdir -p data big && echo bad > data/\(id.replacing("/", with: "-"))
        git add data && git commit --quiet -m Bad
        echo edited >> notes.txt && echo new > new.txt && dd if=/dev/zero of=big/file bs=1024 count=3000 2>/dev/null
        """)
  }

  @Test func atTheQuotaNothingNewStartsAndReclaimingCanBeUndone() async throws {
    let shop = try Workshop(
      [Self.failing("core/E01"), Plan("other/E01")], settings: "[worktree]\ndisk_quota = \"0\"\n", parallel: 1)
    try shop.write(".gitignore", "big/\n")
    try shop.git("add", "-A")
    try shop.git("commit", "--quiet", "-m", "Ignore")
    try await shop.expect(1, "start", "core/E01")
    let config = try shop.read(".claude-orchestrator.toml")
    try shop.write(".claude-orchestrator.toml", config.replacing("disk_quota = \"0\"", with: "disk_quota = \"2MB\""))

    let held = try await shop.expect(75, "start", "other/E01")
    #expect(held.out.contains("disk_quota is 2 MB"), "\(held)")
    #expect(try await shop.states()["other/E01"] == "ready")
    #expect(try await shop.expect(0, "status").out.contains("Held: worktrees take"))
    let why = try await shop.expect(0, "why", "other/E01")
    #expect(why.out.contains("cleanup worktrees --reclaim"), "\(why)")

    let place = "\(shop.state)/worktrees"
    let worktree = try #require(
      try FileManager.default.subpathsOfDirectory(atPath: place).first { $0.hasSuffix("/core-E01-1") })
    let path = "\(place)/\(worktree)"
    let head = try shop.git("rev-parse", "HEAD", in: path)
    let planned = try await shop.expect(0, "cleanup", "worktrees", "--reclaim", "--dry-run")
    #expect(planned.out.contains("would remove") && shop.exists(path), "\(planned)")
    try await shop.expect(0, "cleanup", "worktrees", "--reclaim")
    #expect(!shop.exists(path))
    #expect(try shop.git("rev-parse", "feat/core-E01") == head, "its branch stays")

    let back = try await shop.expect(0, "cleanup", "worktrees", "--undo")
    #expect(back.out.contains("Brought back 1 of 1"), "\(back)")
    #expect(try shop.git("rev-parse", "--abbrev-ref", "HEAD", in: path) == "feat/core-E01")
    #expect(try shop.git("rev-parse", "HEAD", in: path) == head)
    #expect(try shop.read("\(path)/notes.txt").hasSuffix("edited\n") && shop.exists("\(path)/new.txt"))
    #expect(try shop.git("status", "--porcelain", in: path) == " M notes.txt\n?? new.txt")
    #expect(try await shop.expect(0, "cleanup", "worktrees", "--undo").out.contains("0 of 0"))

    try await shop.expect(0, "cleanup", "worktrees", "--reclaim")
    try await shop.expect(0, "start", "other/E01")
    #expect(try await shop.states() == ["core/E01": "failed", "other/E01": "complete"])
    #expect(try await shop.strays() == [])
  }

  @Test func aParkedTaskWhoseWorktreeWasTakenGoesOnWhereItWas() async throws {
    let shop = try Workshop([])
    let (seen, go) = ("\(shop.scratch.path)/seen", "\(shop.scratch.path)/go")
    let plan = Plan(
      "core/E01",
      script: """
        if [ ! -e \(go) ]; then
          echo half >> notes.txt; touch \(seen)
          while :; do sleep 0.05; done
        fi
        grep -q half notes.txt && git add notes.txt
        \(Plan.work("core/E01"))
        """)
    try shop.write(plan.path, plan.text)
    try shop.git("add", "--all")
    try shop.git("commit", "--quiet", "-m", "Plan")
    let run = try shop.launch(["start", "core/E01"])
    while !shop.exists(seen) { try await Task.sleep(for: .milliseconds(20)) }
    try await shop.expect(0, "stop", "core/E01")
    _ = try await run.output()
    #expect(try await shop.states()["core/E01"] == "parked")
    try await shop.expect(0, "cleanup", "worktrees", "--reclaim")
    #expect(try shop.git("worktree", "list").split(separator: "\n").count == 1)
    try shop.write(go, "")
    try await shop.expect(0, "resume", "core/E01")
    try await shop.expect(0, "start", "core/E01")
    #expect(try await shop.states()["core/E01"] == "complete")
    #expect(try shop.git("show", "main:notes.txt").hasSuffix("half"))
    #expect(try shop.attempts("core/E01").count == 1, "in the same attempt")
    #expect(try await shop.strays() == [])
  }

  @Test func withTooLittleFreeNothingStarts() async throws {
    let shop = try Workshop([Plan("core/E01")], settings: "[worktree]\nmin_free_disk = \"900000TB\"\n")
    let held = try await shop.expect(75, "start", "--all", "--json")
    let summary = try #require(try Event.all(held).last).json
    #expect(summary["started"].strings == [])
    #expect(try await shop.expect(0, "status", "--json").out.contains("min_free_disk is 900000 TB"))
  }
}
