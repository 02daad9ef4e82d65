import Foundation
import OrchDomain
import OrchStore
import Testing

/// Batches and jobs as cron calls them.
@Suite("Batches from end to end", .serialized, .timeLimit(.minutes(15)))
struct BatchTests {
  private static func shop(
    _ plans: [Plan], _ schedule: String, settings: String = ""
  ) throws -> Workshop {
    try Workshop(plans, settings: settings, files: ["schedule.toml": schedule])
  }

  static let yearly = """
    [[batch]]
    name = "nightly"
    cron = "0 0 1 1 *"

    """

  /// Makes the store believe that a batch is known for years, so that a run of it is due now.
  static func makeDue(_ shop: Workshop, _ name: String, _ schedule: String) throws {
    let store = try Store(path: "\(shop.state)/orchestrator.db")
    let project = try #require(try store.projects().first)
    try store.write(project.id) { tx in
      // The schedule that it is known with now is another one, and so it is new.
      _ = try tx.batchKnownSince(name: name, schedule: "", at: Timestamp(milliseconds: 0))
      _ = try tx.batchKnownSince(name: name, schedule: schedule, at: Timestamp(milliseconds: 1_700_000_000_000))
    }
    try store.close()
  }

  static func history(_ shop: Workshop) async throws -> [JSON] {
    try JSON(try await shop.expect(0, "batch", "history", "--json").out)["batches"].array
  }

  @Test("Two processes that find the same due run start it once, and a third finds nothing due")
  func once() async throws {
    let shop = try Self.shop([Plan("a/E01"), Plan("a/E02")], Self.yearly)
    try await shop.expect(0, "batch", "list")
    try await shop.expect(0, "batch", "run", "nightly", "--if-due")
    #expect(try await Self.history(shop).isEmpty, "it is known only now, so nothing is due")
    try Self.makeDue(shop, "nightly", "0 0 1 1 *")
    let racing = try [1, 2].map { _ in try shop.launch(["batch", "run", "nightly", "--if-due"]) }
    var outputs: [Output] = []
    for process in racing { outputs.append(try await process.output()) }
    #expect(outputs.contains { $0.status == 0 } && outputs.allSatisfy { [0, 75].contains($0.status) }, "\(outputs)")
    let third = try await shop.expect(0, "batch", "run", "nightly", "--if-due")
    #expect(third.err.contains("Nothing is due of batch nightly"), "\(third)")
    let history = try await Self.history(shop)
    let runs = history.filter { $0["missed"].int == 0 }
    #expect(runs.count == 1 && runs[0]["outcome"].string == "done" && runs[0]["started"].int == 2, "\(history)")
    #expect(runs[0]["due_at"].string.hasSuffix("-01-01T00:00:00Z") || runs[0]["due_at"].string.contains("T"))
    #expect(history.contains { ($0["missed"].int ?? 0) > 0 && $0["outcome"].string.contains("makes up for it") })
    try await shop.expectFinished(["a/E01", "a/E02"])
  }

  @Test(
    "Works with an empty environment, takes only tasks of its modules and priority, and logs to the state directory")
  func emptyEnvironment() async throws {
    let shop = try Self.shop(
      [Plan("a/E01", front: "priority: high"), Plan("b/E01", front: "priority: high"), Plan("a/X01")],
      Self.yearly + "modules = [\"a\"]\npriority = \"high\"\n",
      settings: "")
    // Without a home of its own the state has to be named; git needs a name for its commits.
    try shop.git("config", "user.name", "Tester")
    try shop.git("config", "user.email", "tester@example.invalid")
    let bare = ["CLAUDE_ORCH_HOME": shop.state, "CLAUDE_ORCH_SANDBOX": "off"]
    let run = try Running(
      Built.orch, ["batch", "run", "nightly", "--project", shop.root], in: "/", bare)
    let output = try await run.output()
    #expect(output.status == 0, "\(output)")
    let states = try await shop.states()
    #expect(states["a/E01"] == "complete" && states["b/E01"] == "ready" && states["a/X01"] == "ready", "\(states)")
    let log = try #require(try await Self.history(shop).first?["log"].string)
    #expect(log.hasPrefix("\(shop.state)/logs/batch-nightly-"))
    #expect(try shop.read(log).contains("a/E01"), "everything that was printed is in the log")
  }

  @Test("At max_duration nothing more starts, what runs has its grace, then it is parked and the next run goes on")
  func grace() async throws {
    let slow = Plan(
      "a/E01",
      script: """
        if [ -n "${ORCH_FEEDBACK_FILE:-}" ]; then
          \(Plan.work("a/E01"))
        else
          date +%s >"$ORCH_WORKTREE/../../../../began"
          sleep 600
        fi
        """)
    let quick = Plan("b/E01", script: "sleep 63\n" + Plan.work("b/E01"))
    let shop = try Self.shop(
      [slow, quick, Plan("c/E01", front: "depends_on: [b/E01]")],
      Self.yearly + "max_duration = \"1m\"\ngrace = \"15s\"\n")
    let began = Date()
    try await shop.expect(75, "batch", "run", "nightly")
    let took = Date().timeIntervalSince(began)
    #expect(took > 74, "it ended after \(took) s, before the grace was over")
    let states = try await shop.states()
    #expect(states["a/E01"] == "parked" && states["b/E01"] == "complete" && states["c/E01"] != "complete", "\(states)")
    let first = try #require(try await Self.history(shop).first)
    #expect(first["outcome"].string.hasPrefix("ended early:") && first["due_at"].string.isEmpty, "\(first)")
    try await shop.expect(0, "batch", "run", "nightly")
    try await shop.expectFinished(["a/E01", "b/E01", "c/E01"], oneAttemptEach: false)
  }

  @Test("A batch that is killed goes on under its number, within what is left of its time and its tasks")
  func killed() async throws {
    let gate = "[ -e \"$ORCH_WORKTREE/../../../../go\" ]"
    let shop = try Self.shop(
      [
        Plan("a/E01", script: "until \(gate); do sleep 0.1; done\n" + Plan.work("a/E01")), Plan("b/E01"), Plan("c/E01"),
      ],
      Self.yearly + "max_tasks = 2\n")
    let run = try shop.launch(["batch", "run", "nightly"]) { line, pid in
      if line.contains("b/E01"), line.contains("complete") { kill(pid, SIGKILL) }
    }
    #expect(try await run.output().status == -SIGKILL)
    let open = try #require(try await Self.history(shop).first)
    #expect(open["ended_at"].string.isEmpty && open["id"].int != nil)
    try shop.write("\(shop.scratch.path)/go", "")
    let again = try await shop.expect(0, "batch", "run", "nightly", "--if-due")
    #expect(again.err.contains("goes on"), "\(again)")
    let history = try await Self.history(shop)
    #expect(history.count == 1 && history[0]["id"].int == open["id"].int, "\(history)")
    #expect(history[0]["started"].int == 2, "\(history)")
    #expect(try await shop.states()["c/E01"] == "ready", "two tasks were its share")
  }

  @Test("A job runs a program without a shell, with its exit status and output in the history and the log")
  func jobs() async throws {
    let shop = try Self.shop(
      [Plan("a/E01")],
      """
      [[job]]
      name = "backup"
      cron = "0 6 * * *"
      command = ["printf", "%s|", "a b", "$HOME", "`id`"]

      [[job]]
      name = "broken"
      cron = "0 6 * * *"
      command = ["sh", "-c", "echo what it was >&2; exit 3"]

      [[job]]
      name = "endless"
      cron = "0 6 * * *"
      command = ["sleep", "600"]
      max_duration = "1s"
      """)
    let good = try await shop.expect(0, "batch", "run", "backup")
    #expect(good.out.contains("a b|$HOME|`id`|"))
    let bad = try await shop.expect(1, "batch", "run", "broken")
    #expect(bad.out.contains("what it was") && bad.err.contains("exit status 3"), "\(bad)")
    try await shop.expect(1, "batch", "run", "endless")
    let history = try await Self.history(shop)
    #expect(history.map { $0["name"].string } == ["endless", "broken", "backup"])
    #expect(history.map { $0["work"].string } == ["command", "command", "command"])
    #expect(history[0]["outcome"].string.contains("did not end within 1s"), "\(history[0])")
    #expect(history[1]["outcome"].string == "ended with exit status 3" && history[2]["outcome"].string == "done")
    #expect(try shop.read(history[2]["log"].string).contains("a b|"))
    #expect(try await shop.strays().isEmpty)
  }

  @Test("A maintenance job commits a plan and works on it; while it is not complete it is gone on with")
  func maintenance() async throws {
    let shop = try Self.shop(
      [Plan("a/E01")],
      """
      [[job]]
      name = "tidy"
      cron = "0 6 * * *"
      maintenance = "cleanup"
      scope = "module:a"
      """)
    for _ in 0..<2 { _ = try await shop.orch("batch", "run", "tidy") }
    let ids = try await shop.states().keys.filter { $0.hasPrefix("maintenance/") }
    #expect(ids.count == 1, "\(ids)")
    #expect(try await Self.history(shop).allSatisfy { $0["work"].string == "maintenance" })
  }

  @Test("Without the agent's program, or git, a due run does not begin: 69, a line in the history, a notice")
  func preflight() async throws {
    let inbox = NoticeTests.Inbox()
    let server = try HTTPServer { inbox.take($0) }
    defer { server.stop() }
    let shop = try Self.shop(
      [Plan("a/E01")], Self.yearly + "agent = \"mine\"\n",
      settings: """
        [agents.mine]
        adapter = "command"
        command = ["no-such-agent"]
        [notifications]
        desktop = false
        [notifications.webhook]
        url = "http://127.0.0.1:\(server.port)/hook"
        """)
    try await shop.expect(0, "batch", "list")
    try Self.makeDue(shop, "nightly", "0 0 1 1 *")
    let run = try await shop.expect(69, "batch", "run", "nightly", "--if-due")
    #expect(run.err.contains("no-such-agent"), "\(run)")
    let first = try #require(try await Self.history(shop).first)
    #expect(first["outcome"].string.hasPrefix("missed: the preflight failed: agent mine needs the program"), "\(first)")
    let notice = try #require(try inbox.notices.last)
    #expect(notice["title"].string == "ledger: Batch nightly was due and did not run")
    #expect(notice["body"].string.contains("no-such-agent") && notice["kind"].string == "missed")
    try await shop.expect(0, "batch", "run", "nightly", "--if-due")
    #expect(try await shop.states()["a/E01"] == "ready")
    // By hand it is looked at again.
    try await shop.expect(69, "batch", "run", "nightly")
    try Self.makeDue(shop, "nightly", "0 0 1 1 *")
    let count = inbox.requests.count
    let bare = try await shop.orch("batch", "run", "nightly", adding: ["PATH": "/nowhere"])
    #expect(bare.status == 69, "\(bare)")
    #expect(
      try await Self.history(shop).first?["outcome"].string.contains("the project cannot be opened") == true)
    #expect(inbox.requests.count >= count)
    let report = try await shop.expect(0, "report")
    #expect(report.out.contains("Due and not run") && report.out.contains("the preflight failed"), "\(report)")
  }
}
