import Foundation
import OrchDomain
import OrchStore
import Synchronization
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Product.md, promise 4: kill it anywhere, start again, and nobody can tell.
@Suite(.serialized, .timeLimit(.minutes(4))) struct KillTests {
  /// The moment at which a line of `start --json` appears for the n-th time.
  struct Point: Sendable, CustomTestStringConvertible {
    var name: String
    var count: Int
    var matches: @Sendable (Event) -> Bool
    var testDescription: String { "\(name) #\(count)" }

    static func state(_ state: String, _ count: Int) -> Point {
      Point(name: state, count: count) { $0.type == "task.state" && $0.to == state }
    }
    static func type(_ type: String, _ count: Int) -> Point {
      Point(name: type, count: count) { $0.type == type }
    }
    static func turn(_ purpose: String) -> Point {
      Point(name: "turn for \(purpose)", count: 1) {
        $0.type == "turn.started" && $0.json["purpose"].string == purpose
      }
    }
  }

  static let points: [Point] = [
    .state("queued", 1), .state("preparing", 1), .state("preparing", 3), .state("running", 1), .state("running", 2),
    .type("turn.ended", 1), .state("verifying", 2), .type("gate.ran", 1), .state("fixing", 1), .turn("gate"),
    .turn("conflict"), .state("publishing", 2), .type("change.opened", 1), .state("approved", 1),
    .state("landing", 1), .state("landing", 3), .state("complete", 1), .state("complete", 4),
    .type("status.written", 1), .type("status.written", 5),
  ]

  /// The tree that a run ends with which nobody disturbs.
  static let undisturbed = Task {
    let shop = try Workshop(MainJob.automatic)
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(MainJob.automatic.map(\.id))
    return try shop.tree()
  }

  /// Runs `start` and kills it when `point` is reached.
  static func killed(_ shop: Workshop, at point: Point) async throws -> Output {
    let seen = Mutex(0)
    let run = try shop.launch(["start", "--all", "--json"]) { line, pid in
      guard let event = try? Event(line), point.matches(event) else { return }
      let count = seen.withLock { count in
        count += 1
        return count
      }
      if count == point.count { kill(pid, SIGKILL) }
    }
    return try await run.output()
  }

  @Test(arguments: points) func startIsKilled(_ point: Point) async throws {
    let shop = try Workshop(MainJob.automatic)
    let output = try await Self.killed(shop, at: point)
    #expect(output.status == -SIGKILL, "the point was never reached: \(output)")
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(MainJob.automatic.map(\.id))
    #expect(try shop.tree() == (try await Self.undisturbed.value))
  }

  @Test func killedAgainAndAgain() async throws {
    let shop = try Workshop(MainJob.automatic)
    var kills = 0
    for point in Self.points {
      let output = try await Self.killed(shop, at: Point(name: point.name, count: 1, matches: point.matches))
      if output.status == -SIGKILL { kills += 1 }
    }
    #expect(kills >= 6)
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(MainJob.automatic.map(\.id))
    #expect(try shop.tree() == (try await Self.undisturbed.value))
  }

  /// Kills in the middle of the moves of the base branch, which no event tells about.
  @Test(arguments: [("refs/heads/main", 1), ("refs/heads/main", 2), ("refs/heads/main", 4), ("refs/heads/main", 7)])
  func killedWhenTheBaseMoves(_ file: String, _ count: Int) async throws {
    let shop = try Workshop(MainJob.automatic)
    let run = try shop.launch(["start", "--all"])
    let path = "\(shop.root)/.git/\(file)"
    let pid = run.pid
    let watcher = Thread {
      var last = Self.inode(path)
      var moves = 0
      while kill(pid, 0) == 0 {
        let now = Self.inode(path)
        if now != last {
          last = now
          moves += 1
          if moves == count { kill(pid, SIGKILL) }
        }
        sched_yield()
      }
    }
    watcher.start()
    let output = try await run.output()
    #expect(output.status == -SIGKILL)
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(MainJob.automatic.map(\.id))
    #expect(try shop.tree() == (try await Self.undisturbed.value))
  }

  /// Kills while the checkout's index is locked by us, so before and while files are written.
  @Test(arguments: [1, 2, 3, 5]) func killedWhileTheCheckoutIsLocked(_ count: Int) async throws {
    let shop = try Workshop(MainJob.automatic)
    let run = try shop.launch(["start", "--all"])
    let path = "\(shop.root)/.git/index.lock"
    let pid = run.pid
    let watcher = Thread {
      var wasThere = false
      var times = 0
      while kill(pid, 0) == 0 {
        let isThere = Self.inode(path) != nil
        if isThere && !wasThere {
          times += 1
          if times == count { kill(pid, SIGKILL) }
        }
        wasThere = isThere
        sched_yield()
      }
    }
    watcher.start()
    let output = try await run.output()
    #expect(output.status == -SIGKILL)
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(MainJob.automatic.map(\.id))
    #expect(try shop.tree() == (try await Self.undisturbed.value))
  }

  private static func inode(_ path: String) -> ino_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_ino : nil
  }

  // MARK: Agents and their supervisors

  /// A task whose agent waits for the test.
  static func waiting(_ scratch: String) -> Plan {
    Plan(
      "core/E01",
      script: """
        echo $$ > \(scratch)/agent.pid
        while [ ! -e \(scratch)/go ]; do sleep 0.02; done
        echo once >> \(scratch)/ran
        \(Plan.work("core/E01"))
        """)
  }

  /// A workshop with a task that waits and says so in its plan, a run of it, and the process of the agent.
  static func withWaitingAgent() async throws -> (shop: Workshop, run: Running, agent: pid_t) {
    let shop = try Workshop([])
    let plan = waiting(shop.scratch.path)
    try shop.write(plan.path, plan.text)
    try shop.write("README.md", Plan.overview([plan]))
    try shop.git("add", "--all")
    try shop.git("commit", "--quiet", "-m", "Add a plan")
    let isWritten = Mutex(false)
    let run = try shop.launch(["start", "--all", "--json"]) { line, _ in
      if line.contains(#""type":"status.written""#) { isWritten.withLock { $0 = true } }
    }
    let file = "\(shop.scratch.path)/agent.pid"
    while true {
      if isWritten.withLock({ $0 }), shop.exists(file),
        let pid = pid_t(try shop.read(file).trimmingCharacters(in: .whitespacesAndNewlines))
      {
        return (shop, run, pid)
      }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  @Test func anAgentOutlivesStartAndIsAdopted() async throws {
    let (shop, run, agent) = try await Self.withWaitingAgent()
    kill(run.pid, SIGKILL)
    #expect(try await run.output().status == -SIGKILL)
    #expect(kill(agent, 0) == 0, "the agent died with start")
    let second = try shop.launch(["start", "--all", "--json"])
    try shop.write("\(shop.scratch.path)/go", "")
    #expect(try await second.output().status == 0)
    #expect(try shop.read("\(shop.scratch.path)/ran") == "once\n", "the agent was started a second time")
    #expect(try shop.turns("core/E01").count == 1)
    try await shop.expectFinished(["core/E01"])
  }

  @Test func anAgentThatEndsWhileNobodyLooksIsNotRunAgain() async throws {
    let (shop, run, agent) = try await Self.withWaitingAgent()
    kill(run.pid, SIGKILL)
    _ = try await run.output()
    try shop.write("\(shop.scratch.path)/go", "")
    while kill(agent, 0) == 0 { try await Task.sleep(for: .milliseconds(5)) }
    try await shop.expect(0, "start", "--all")
    #expect(try shop.read("\(shop.scratch.path)/ran") == "once\n")
    try await shop.expectFinished(["core/E01"])
  }

  @Test func aKilledAgentIsAFailureThatIsKept() async throws {
    let (shop, run, agent) = try await Self.withWaitingAgent()
    kill(agent, SIGKILL)
    let output = try await run.output()
    #expect(output.status == 1, "\(output)")
    #expect(try await shop.states() == ["core/E01": "failed"])
    #expect(try shop.git("show", "main:README.md").contains("🔴"))
    #expect(try await shop.strays() == [])
  }

  @Test func aKilledSupervisorLeavesNoAgentBehind() async throws {
    let (shop, run, _) = try await Self.withWaitingAgent()
    let turn = try #require(try shop.turns("core/E01").first?.runDirectory)
    let record = try shop.read("\(turn)/pid")
    let line = try #require(record.split(separator: "\n").first { $0.hasPrefix("shim ") })
    let shim = try #require(line.split(separator: " ").dropFirst().first.flatMap { pid_t($0) })
    kill(shim, SIGKILL)
    let output = try await run.output()
    #expect(output.status == 1, "\(output)")
    #expect(try await shop.states() == ["core/E01": "failed"])
    #expect(try await shop.strays() == [])
  }

  @Test func startAndSupervisorKilledTogether() async throws {
    let (shop, run, _) = try await Self.withWaitingAgent()
    let turn = try #require(try shop.turns("core/E01").first?.runDirectory)
    let line = try #require(try shop.read("\(turn)/pid").split(separator: "\n").first { $0.hasPrefix("shim ") })
    let shim = try #require(line.split(separator: " ").dropFirst().first.flatMap { pid_t($0) })
    kill(run.pid, SIGKILL)
    kill(shim, SIGKILL)
    _ = try await run.output()
    try await shop.expect(1, "start", "--all")
    #expect(try await shop.strays() == [])
  }

  @Test func aKilledGateLeavesNothingBehind() async throws {
    let shop = try Workshop([Plan("core/E01")], gate: "sh gate.sh")
    let scratch = shop.scratch.path
    try shop.write(
      "gate.sh", "echo $$ > \(scratch)/gate.pid\nif [ -e \(scratch)/go ]; then exit 0; fi\nsleep 600 &\nwait\n")
    try shop.git("add", "--all")
    try shop.git("commit", "--quiet", "-m", "Add a gate")
    let run = try shop.launch(["start", "--all"])
    while !shop.exists("\(scratch)/gate.pid") { try await Task.sleep(for: .milliseconds(5)) }
    kill(run.pid, SIGKILL)
    _ = try await run.output()
    #expect(try await shop.strays() == [], "a gate dies with its orchestrator")
    try shop.write("\(scratch)/go", "")
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(["core/E01"])
  }
}
