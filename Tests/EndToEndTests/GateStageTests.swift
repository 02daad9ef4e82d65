import Foundation
import OrchDomain
import OrchStore
import Testing

/// The stages of the gate, with the real program.
@Suite(.serialized, .timeLimit(.minutes(15))) struct GateStageTests {
  /// A shell command that tells a file of the repository that a stage ran, and in which worktree.
  private static func trace(_ stage: String) -> String {
    "basename $ORCH_WORKTREE >> $(git rev-parse --git-common-dir)/ran-\(stage)"
  }

  /// The runs of a stage in the worktree of an attempt.
  private static func runs(_ stage: String, in shop: Workshop, of worktree: String = "core-E01-1") throws -> Int {
    guard shop.exists(".git/ran-\(stage)") else { return 0 }
    return try shop.read(".git/ran-\(stage)").split(separator: "\n").count { $0 == worktree }
  }

  private static func stage(_ name: String, _ commands: [String], timeout: String? = nil) -> String {
    let list = commands.map { "'''\($0)'''" }.joined(separator: ", ")
    return "\n[[verify.stages]]\nname = \"\(name)\"\ncommands = [\(list)]\n"
      + (timeout.map { "timeout = \"\($0)\"\n" } ?? "")
  }

  @Test("A red lint ends the gate within its own time, test does not run, and the agent hears which stage it was")
  func aRedStageEndsTheGate() async throws {
    let lint = [Self.trace("lint"), "if grep -q slow style; then sleep 600; fi", "grep -q good style"]
    let shop = try Workshop(
      [
        Plan(
          "core/E01",
          script: """
            turn=$(git rev-list --count "$ORCH_BASE..HEAD")
            case "$turn" in 0) word=slow ;; 1) word=bad ;; *) word=good ;; esac
            echo "$word" > style
            git add style
            git commit --quiet -m "Style $turn"
            """)
      ], settings: Self.stage("lint", lint, timeout: "2s"), gate: "\(Self.trace("test")) && sh test.sh")
    try await shop.expect(0, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "complete"])
    let turns = try shop.turns("core/E01")
    #expect(turns.map(\.purpose) == ["start", "gate", "gate"])
    let told = try turns.dropFirst().map { try shop.read(try #require($0.feedbackPath)) }
    #expect(told[0].contains("Stage: lint\n") && told[0].contains("did not end within 2s"), "\(told[0])")
    #expect(told[1].contains("Stage: lint\n") && told[1].contains("Command: `grep -q good style`"), "\(told[1])")
    #expect(try Self.runs("lint", in: shop) == 3)
    #expect(try Self.runs("test", in: shop) == 1, "test ran behind a red lint")

    let attempt = try JSON(try await shop.expect(0, "attempts", "core/E01", "--json").out)["attempts"].array[0]
    #expect(attempt["stages"].array.map { $0["stage"].string } == ["lint", "lint", "lint", "test"])
    #expect(attempt["stages"].array.map { $0["passed"].bool } == [false, false, true, true])
    #expect(attempt["stages"].array.allSatisfy { $0["duration_seconds"].isNumber })
    let text = try await shop.expect(0, "attempts", "core/E01").out
    #expect(text.contains("gate: lint red in 2s") && text.contains("test green in"), "\(text)")
    let change = try JSON(try await shop.expect(0, "pr", "show", "core/E01", "--json").out)
    let checks = change["checks"].array
    #expect(Set(checks.map { $0["stage"].string }) == ["lint", "test"])
    #expect(checks.allSatisfy { $0["passed"].bool == true && $0["duration_seconds"].isNumber })
    #expect(change["body"].string.contains("- lint: passed in "), "\(change["body"].string)")
    let logs = try await shop.expect(0, "logs", "core/E01").out
    #expect(logs.contains("--- gate red: stage lint, command 3 ended with exit status 1"), "\(logs)")
    try await shop.expectFinished(["core/E01"])
  }

  @Test(
    "A stage that is red on the base is told to agent and person, found out once, and no reason for another attempt")
  func redBase() async throws {
    let shop = try Workshop(
      ["core/E01", "web/E01"].map {
        Plan($0, script: "mkdir -p data\necho more >> data/notes\ngit add data\ngit commit --quiet -m More")
      },
      settings: "\n[retry.classes.gate]\nmax_attempts = 3\nbackoff = \"1s\"\n"
        + Self.stage(
          "lint",
          [
            Self.trace("lint"), "test ! -e broken",
          ]))
    try shop.write("broken", "")
    try shop.git("add", "broken")
    try shop.git("commit", "--quiet", "-m", "Break it")
    try await shop.expect(1, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "failed", "web/E01": "failed"])
    for task in ["core/E01", "web/E01"] {
      let shown = try JSON(try await shop.expect(0, "show", task, "--json").out)
      #expect(shown["failure_class"].string == "environment")
      #expect(shown["reason"].string.contains("as well, without this work"), "\(shown["reason"])")
      let told = try shop.read(try #require(try shop.turns(task).last?.feedbackPath))
      #expect(told.contains("This stage is red on 'main' ("), "\(told)")
    }
    let runs = try shop.read(".git/ran-lint").split(separator: "\n")
    #expect(runs.count { $0.hasPrefix("_review") } == 2, "one base is asked twice at most: \(runs)")
    #expect(try ["core/E01", "web/E01"].map { try shop.attempts($0).count } == [1, 1])
    #expect(try await shop.strays().isEmpty)
  }

  @Test("A base that was red for a reason that is gone is not blamed for what comes later")
  func baseThatWasRed() async throws {
    let scratch = try Scratch()
    let shop = try Workshop(
      [
        Plan(
          "core/E01",
          script: """
            mkdir -p data
            git rev-list --count "$ORCH_BASE..HEAD" > data/notes
            git add data
            git commit --quiet -m "Count on"
            """)
      ], settings: Self.stage("lint", ["test ! -e \(scratch.path)/broken", "! grep -q 0 data/notes"]), gate: "true")
    try shop.write("\(scratch.path)/broken", "")
    try await shop.expect(1, "start", "--all")
    #expect(
      try JSON(try await shop.expect(0, "show", "core/E01", "--json").out)["failure_class"].string == "environment")
    try FileManager.default.removeItem(atPath: "\(scratch.path)/broken")
    try await shop.expect(0, "retry", "core/E01")
    try await shop.expect(0, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "complete"])
    let turns = try shop.turns("core/E01", attempt: 2)
    #expect(turns.map(\.purpose) == ["start", "gate"])
    let told = try shop.read(try #require(turns.last?.feedbackPath))
    #expect(told.contains("Stage: lint\n") && !told.contains("is red on 'main'"), "\(told)")
  }

  @Test(
    "A red setup is the environment's fault; the work waits, and a stage that the tree has passed runs no second time")
  func evidenceIsKeptByStage() async throws {
    let broken = Self.stage("setup", ["false"])
    let lint = Self.stage("lint", [Self.trace("lint")])
    let shop = try Workshop(
      [Plan("core/E01", front: "verify: [\"test -e data/core-E01 && \(Self.trace("plan"))\"]")],
      settings: lint + Self.stage("types", [Self.trace("types")]) + broken, gate: Self.trace("test"))
    try await shop.expect(1, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "stuck"])
    let shown = try JSON(try await shop.expect(0, "show", "core/E01", "--json").out)
    #expect(shown["failure_class"].string == "environment")
    #expect(shown["reason"].string.contains("stage 'setup': `false` ended with exit status 1"), "\(shown["reason"])")
    #expect(try shop.turns("core/E01").map(\.purpose) == ["start"], "no agent is asked to repair the environment")
    #expect(try ["lint", "types", "test", "plan"].map { try Self.runs($0, in: shop) } == [1, 1, 0, 0])

    // Another lint, a setup that works: only what has not been proven by these commands runs.
    let config = try shop.read(".claude-orchestrator.toml")
    try shop.write(
      ".claude-orchestrator.toml",
      config.replacingOccurrences(of: lint, with: Self.stage("lint", [Self.trace("lint"), "true"]))
        .replacingOccurrences(of: broken, with: Self.stage("setup", [Self.trace("setup")])))
    try await shop.expect(0, "resume", "core/E01")
    try await shop.expect(0, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "complete"])
    #expect(try ["lint", "types", "setup", "test", "plan"].map { try Self.runs($0, in: shop) } == [2, 1, 1, 1, 1])
    let landing = try ["lint", "types", "setup", "test", "plan"].map { try Self.runs($0, in: shop, of: "_gate") }
    #expect(landing == [1, 1, 1, 1, 1], "the merged tree is another one, and every stage runs on it")
  }

  @Test("A set-up that is red at landing is not the work's fault either")
  func setupIsRedAtLanding() async throws {
    let shop = try Workshop(
      [Plan("core/E01")], settings: Self.stage("setup", ["case $ORCH_WORKTREE in *_gate) exit 3 ;; esac"]))
    try await shop.expect(1, "start", "--all")
    let shown = try JSON(try await shop.expect(0, "show", "core/E01", "--json").out)
    #expect(shown["state"].string == "stuck" && shown["failure_class"].string == "environment", "\(shown)")
    #expect(try shop.turns("core/E01").map(\.purpose) == ["start"])
    #expect(!(try shop.git("show", "main:README.md").contains("🟢")))
  }
}

/// What `onboard` proposes, with the real program.
@Suite(.serialized, .timeLimit(.minutes(15))) struct OnboardProposalTests {
  @Test("Stages come from scripts that exist, and only private files that git ignores are copied")
  func proposesWhatIsThere() async throws {
    let shop = try Workshop([Plan("core/E01")])
    try shop.git("rm", "--quiet", ".claude-orchestrator.toml")
    try shop.write("package.json", #"{"scripts":{"test":"node t.js","lint":"eslint ."},"dependencies":{"react":"19"}}"#)
    try shop.write("package-lock.json", "{}")
    try shop.write("api/go.mod", "module x\n")
    try shop.write(".gitignore", ".env\n")
    try shop.write(".env", "SECRET=1\n")
    try shop.write(".env.local", "NOT_IGNORED=1\n")
    let run = try await shop.expect(0, "onboard", "--yes")
    #expect(run.out.contains("Kind: React (npm), because of package.json, package-lock.json\n"), "\(run)")
    #expect(run.out.contains("Kind: Go, because of api/go.mod\n"), "\(run)")
    #expect(run.out.contains("Copied into worktrees: .env, because git ignores it\n"), "\(run)")
    let config = try shop.read(".claude-orchestrator.toml")
    #expect(config.contains("[[verify.stages]]\nname = \"lint\"\n"), "\(config)")
    for command in ["npm run lint", "npm test", "npm ci", "cd api && go test ./..."] {
      #expect(config.contains("\"\(command)\""), "\(config)")
    }
    #expect(config.contains("copy_files = [\".env\"]") && !config.contains("NOT_IGNORED"), "\(config)")
    #expect(!config.contains("SECRET"))
    let doctor = try await shop.orch("doctor")
    #expect(!doctor.out.contains("nothing is proven"), "\(doctor)")
  }
}
