import Foundation
import OrchDomain
import OrchStore
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the world does to a run: programs, worktrees and branches go, a database is held, a machine sleeps.
@Suite(.serialized, .timeLimit(.minutes(15))) struct WorldTests {
  /// A plan whose agent commits, says that it is there, and waits for the file `go` in the scratch directory.
  static func waiting(_ id: String = "core/E01", then more: String = "") -> Plan {
    Plan(
      id,
      script: """
        \(Plan.work(id))
        scratch=${ORCH_WORKTREE%/state/worktrees/*}
        mkdir -p "$scratch/matrix"
        git rev-parse HEAD >> "$scratch/matrix/commits"
        echo $$ > "$scratch/here"
        while [ ! -e "$scratch/go" ]; do sleep 0.02; done
        \(more)
        """)
  }

  static func wait(for file: String, _ shop: Workshop) async throws {
    while !shop.exists("\(shop.scratch.path)/\(file)") { try await Task.sleep(for: .milliseconds(5)) }
  }

  /// Every commit that the agents have noted can be reached from a ref.
  static func expectNothingLost(_ shop: Workshop, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let reachable = Set(try shop.git("rev-list", "--all").split(separator: "\n"))
    let made = try shop.read("\(shop.scratch.path)/matrix/commits").split(separator: "\n")
    #expect(made.filter { !reachable.contains($0) } == [], sourceLocation: sourceLocation)
  }

  @Test func theAgentsProgramVanishesBetweenTwoAttempts() async throws {
    let agent = """
      #!/bin/sh
      set -e
      mkdir -p data
      echo ok > data/file
      git add data
      git commit --quiet -m "Attempt $ORCH_ATTEMPT"
      scratch=${ORCH_WORKTREE%/state/worktrees/*}
      mkdir -p "$scratch/matrix"
      git rev-parse HEAD >> "$scratch/matrix/commits"
      [ "$ORCH_ATTEMPT" != 1 ] || { rm "$0"; exit 3; }

      """
    let path = FileManager.default.temporaryDirectory.path + "/orch-agent-\(UUID().uuidString)"
    func install() throws {
      try Data(agent.utf8).write(to: URL(filePath: path))
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }
    try install()
    defer { do { try FileManager.default.removeItem(atPath: path) } catch { print("\(error)") } }
    let shop = try Workshop(
      [Plan("core/E01", front: "agent: frail")],
      settings: "[agents.frail]\nadapter = \"command\"\ncommand = [\"\(path)\"]", attempts: 3, backoff: "0s")
    let run = try await shop.expect(69, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "ready"], "\(run)")
    let told = try await shop.expect(0, "why", "core/E01")
    #expect(told.out.contains(path), "the program is named: \(told)")
    try Self.expectNothingLost(shop)
    try install()
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(["core/E01"], oneAttemptEach: false)
    try Self.expectNothingLost(shop)
  }

  @Test(arguments: [false, true]) func theWorktreeIsDeletedByHand(_ isParked: Bool) async throws {
    let shop = try Workshop([Self.waiting()])
    let run = try shop.launch(["start", "--all"])
    try await Self.wait(for: "here", shop)
    if isParked {
      try await shop.expect(0, "stop", "core/E01")
      _ = try await run.output()
    }
    try shop.hideWorktree("core-E01-1")
    try shop.write("\(shop.scratch.path)/go", "")
    if isParked {
      try await shop.expect(0, "resume", "core/E01")
      try await shop.expect(1, "start", "--all")
    } else {
      _ = try await run.output()
    }
    #expect(try await shop.states() == ["core/E01": "stuck"])
    let told = try await shop.expect(0, "why", "core/E01")
    #expect(told.out.contains("core-E01-1"), "the worktree is named: \(told)")
    try Self.expectNothingLost(shop)
    try await shop.expect(0, "retry", "core/E01")
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(["core/E01"], oneAttemptEach: false)
    try Self.expectNothingLost(shop)
  }

  /// What somebody does to the branch while its agent is still at work.
  @Test(arguments: [["-d", "refs/heads/feat/core-E01"], ["refs/heads/feat/core-E01", "refs/heads/main"]])
  func theBranchIsMovedByHand(_ arguments: [String]) async throws {
    let shop = try Workshop([Self.waiting()])
    let run = try shop.launch(["start", "--all"])
    try await Self.wait(for: "here", shop)
    try shop.git(["update-ref"] + arguments)
    try shop.write("\(shop.scratch.path)/go", "")
    let output = try await run.output()
    // The agent's next turn finds its work uncommitted; whatever comes of that, a person is asked or it is whole.
    let end = try await shop.states()["core/E01"] ?? ""
    #expect(["complete", "in_review", "stuck", "failed"].contains(end), "\(output)")
    let kept = try shop.git("for-each-ref", "--format=%(refname)", "refs/orch/attempts/core/E01", "refs/heads/feat")
      .split(separator: "\n").map(String.init)
    let files = try kept.map { try shop.git("show", "\($0):data/core-E01", accepted: [0, 128]) }
    #expect(files.contains("ok core/E01"), "the work is kept: \(kept) \(output)")
    #expect(try shop.git("show", "main:README.md").contains("🟢") == (end == "complete"))
    #expect(try await shop.strays() == [])
  }

  @Test(arguments: ["git checkout --quiet --detach", "git switch --quiet -c mine"])
  func theAgentLeavesItsBranch(_ command: String) async throws {
    let shop = try Workshop([Plan("core/E01", script: "\(command)\n\(Plan.work("core/E01"))")])
    try await shop.expect(0, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "complete"])
    #expect(try shop.git("show", "main:data/core-E01") == "ok core/E01")
    #expect(try await shop.strays() == [])
  }

  @Test func theDatabaseIsHeldByAnotherProcess() async throws {
    let shop = try Workshop([Self.waiting()])
    let run = try shop.launch(["start", "--all"])
    try await Self.wait(for: "here", shop)
    // Longer than SQLite waits by itself.
    let holder = Thread {
      do {
        let store = try Store(path: "\(shop.state)/orchestrator.db")
        guard let project = try store.projects().first else { return }
        try store.write(project.id) { _ in
          do { try shop.write("\(shop.scratch.path)/go", "") } catch { print("\(error)") }
          Thread.sleep(forTimeInterval: 8)
        }
      } catch {
        print("cannot hold the database: \(error)")
      }
    }
    holder.start()
    let output = try await run.output()
    #expect(output.status == 0, "\(output)")
    try await shop.expectFinished(["core/E01"])
  }

  /// Orchestrator, supervisor and agent stand still, as on a machine that sleeps.
  @Test func theMachineSleeps() async throws {
    let shop = try Workshop([Self.waiting()])
    let run = try shop.launch(["start", "--all"])
    try await Self.wait(for: "here", shop)
    let pids = Strays.list(below: shop.scratch.path).compactMap { $0.split(separator: " ").first.flatMap { pid_t($0) } }
    #expect(pids.count >= 3, "the program, the supervisor and the agent: \(pids)")
    for pid in pids { kill(pid, SIGSTOP) }
    try await Task.sleep(for: .seconds(3))
    try shop.write("\(shop.scratch.path)/go", "")
    for pid in pids.reversed() { kill(pid, SIGCONT) }
    #expect(try await run.output().status == 0)
    try await shop.expectFinished(["core/E01"])
  }
}
