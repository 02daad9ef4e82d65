import Foundation
import OrchDomain
import OrchStore
import Testing

/// Product.md, section 5: what programs that call us may rely on.
@Suite(.serialized, .timeLimit(.minutes(15))) struct ContractTests {
  static var instant: Regex<(Substring, Substring?)> { /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/ }

  @Test func listAndStatus() async throws {
    let shop = try Workshop([
      Plan("core/E01", front: "needs_review: true\npriority: high"), Plan("core/E02", front: "depends_on: [other/E01]"),
      Plan("core/CLI03"), Plan("other/E01"),
    ])
    try await shop.expect(0, "start", "--all")
    let list = try JSON(try await shop.expect(0, "list", "--json").out)
    #expect(list.keys == ["tasks"])
    #expect(list["tasks"].array.map { $0["id"].string } == ["core/E01", "core/E02", "core/CLI03", "other/E01"])
    for task in list["tasks"].array {
      #expect(
        task.keys == [
          "id", "module", "prefix", "number", "title", "status", "state", "priority", "needs_review", "path",
          "depends_on", "attempts", "change",
        ])
    }
    let first = list["tasks"].array[0]
    #expect(first["module"].string == "core" && first["number"].int == 1 && first["priority"].string == "high")
    #expect(first["needs_review"].bool == true && first["attempts"].int == 1)
    #expect(first["state"].string == "in_review" && first["status"].string == "in_progress")
    #expect(first["change"]["task"].string == "core/E01")
    #expect(list["tasks"].array[2]["prefix"].string == "CLI")
    let second = list["tasks"].array[1]
    #expect(second["change"].isNull)
    #expect(
      second["depends_on"].array.map { "\($0["id"].string) \($0["kind"].string)" }.sorted() == [
        "core/E01 implicit", "other/E01 explicit",
      ])
    for dependency in second["depends_on"].array { #expect(dependency.keys == ["id", "kind"]) }

    let status = try JSON(try await shop.expect(0, "status", "--json").out)
    #expect(
      status.keys.isSuperset(of: [
        "total", "not_started", "in_progress", "complete", "states", "running", "parked", "needs_you",
      ]))
    #expect(status["total"].int == 4 && status["complete"].int == 2)
    #expect(status["not_started"].int == 1 && status["in_progress"].int == 1)
    #expect(status["states"].keys == ["blocked", "in_review", "complete"])
    #expect(status["needs_you"].array.map { $0["id"].string } == ["core/E01"])
    #expect(status["needs_you"].array[0]["since"].string.wholeMatch(of: Self.instant) != nil)
    let text = try await shop.expect(0, "status")
    #expect(text.lines.first == "Tasks: 4 total | 1 not started | 1 in progress | 2 complete")
    #expect(try await shop.expect(0, "list").lines.first?.hasPrefix("ID") == true)
    let ready = try await shop.expect(0, "list", "--status", "complete", "--json")
    #expect(try JSON(ready.out)["tasks"].array.map { $0["id"].string } == ["core/CLI03", "other/E01"])
    let module = try await shop.expect(0, "list", "--module", "other", "--json")
    #expect(try JSON(module.out)["tasks"].array.count == 1)
  }

  @Test func changes() async throws {
    let shop = try Workshop([Plan("core/E01", front: "needs_review: true")])
    try await shop.expect(0, "start", "--all")
    let open = try JSON(try await shop.expect(0, "pr", "show", "core/E01", "--json").out)
    // The last six are more than the contract asks for.
    let keys: Set = [
      "task", "number", "forge", "url", "branch", "head", "base", "verdict", "checks", "state", "title", "body",
      "landed_commit", "criteria", "second_look",
    ]
    #expect(open.keys == keys)
    #expect(open["verdict"].keys == ["category", "needs_human", "evidence"])
    #expect(open["verdict"]["category"].string == "routine" && open["verdict"]["needs_human"].bool == true)
    #expect(open["forge"].string == "local" && open["url"].isNull && open["number"].int == 1)
    #expect(open["branch"].string == "feat/core-E01" && open["state"].string == "open")
    #expect(open["head"].string == (try shop.git("rev-parse", "feat/core-E01")))
    #expect(open["checks"].array.count == 1)
    #expect(open["checks"].array.first?["tree"].string == (try shop.tree("feat/core-E01")))
    #expect(open["checks"].array.first?["passed"].bool == true)
    let review = try JSON(try await shop.expect(0, "pr", "review", "--json").out)
    #expect(review["changes"].array.count == 1)

    let merged = try JSON(try await shop.expect(0, "pr", "merge", "core/E01", "--json").out)
    #expect(merged["outcome"].string == "landed" && merged["reason"].isNull && merged["holder"].isNull)
    #expect(merged["change"]["state"].string == "merged")
    let landed = try JSON(try await shop.expect(0, "pr", "show", "core/E01", "--json").out)
    #expect(landed.keys == keys && landed["state"].string == "merged")
    let commit = landed["landed_commit"].string
    #expect(merged["landed_commit"].string == commit)
    #expect(
      landed["checks"].array.contains { check in
        check["tree"].string == (try? shop.tree(commit)) && check["passed"].bool == true
      })
    #expect(try JSON(try await shop.expect(0, "pr", "list", "--json").out)["changes"].array.isEmpty)
    #expect(try JSON(try await shop.expect(0, "pr", "list", "--all", "--json").out)["changes"].array.count == 1)
  }

  @Test func decisions() async throws {
    let shop = try Workshop([
      Plan("core/E01", front: "needs_review: true"), Plan("other/E01", front: "needs_review: true"),
    ])
    try await shop.expect(0, "start", "--all")
    let rejected = try JSON(
      try await shop.expect(0, "pr", "reject", "core/E01", "--reason", "Say more", "--json").out)
    #expect(rejected.keys == ["task", "outcome", "reason", "holder", "landed_commit", "change"])
    #expect(rejected["task"].string == "core/E01" && rejected["outcome"].string == "rejected")
    #expect(rejected["change"]["state"].string == "rejected")
    let approved = try JSON(try await shop.expect(0, "pr", "approve", "other/E01", "--json").out)
    #expect(approved["outcome"].string == "approved" && approved["change"]["state"].string == "approved")
    #expect(approved["landed_commit"].isNull)
    // What asks in vain says so in its exit code, and prints no object that looks like an answer.
    #expect(try await shop.expect(1, "pr", "approve", "core/E99", "--json").out.isEmpty)
  }

  @Test func start() async throws {
    let shop = try Workshop([Plan("core/E01"), .fixing("core/E02")])
    let run = try await shop.expect(0, "start", "--all", "--json")
    let events = try Event.all(run)
    var last = 0
    for event in events.dropLast() {
      #expect(event.json.keys.isSuperset(of: ["type", "seq", "at", "task", "attempt"]), "\(event)")
      #expect(event.json["at"].string.wholeMatch(of: Self.instant) != nil, "\(event)")
      let number = try #require(event.json["seq"].int)
      #expect(number > last, "each event once and in order")
      last = number
    }
    let summary = try #require(events.last).json
    #expect(
      summary.keys.isSuperset(of: [
        "type", "started", "complete", "in_review", "parked", "failed", "cost_usd", "tokens", "duration_seconds",
      ]))
    #expect(summary["type"].string == "summary" && summary["started"].strings == ["core/E01", "core/E02"])
    #expect(summary["cost_usd"].isNumber && summary["duration_seconds"].isNumber && summary["tokens"].isObject)
    #expect(run.err.isEmpty, "\(run)")
  }

  @Test func check() async throws {
    let shop = try Workshop([Plan("core/E01"), Plan("core/E02", front: "depends_on: [billing/E99]\nsurprise: 1")])
    let output = try await shop.expect(1, "check", "--format", "json")
    let report = try JSON(output.out)
    #expect(report.keys == ["diagnostics", "summary"])
    #expect(report["summary"].keys == ["files", "tasks", "errors", "warnings"])
    #expect(report["summary"]["errors"].int == 1)
    for item in report["diagnostics"].array {
      #expect(
        item.keys == [
          "code", "severity", "message", "file", "line", "column", "end_line", "end_column", "notes", "fix",
        ])
    }
    let error = try #require(report["diagnostics"].array.first { $0["severity"].string == "error" })
    #expect(error["code"].string == "P004" && error["file"].string == Plan("core/E02").path)
    #expect(error["line"].int == 3)
    let text = try await shop.expect(1, "check")
    #expect(text.out.contains("\(Plan("core/E02").path):3:"))
    #expect(text.out.contains("error: unknown dependency 'billing/E99' [P004]"), "\(text)")
    #expect(try await shop.expect(0, "check", "--explain", "P004").out.contains("P004"))
    #expect(try shop.uncommitted() == [], "check changes nothing")
    #expect(!shop.exists("\(shop.state)/orchestrator.db"), "check stores nothing")
  }

  @Test func aPipeHasNoColour() async throws {
    let shop = try Workshop([Plan("core/E01"), Plan("core/E02", front: "status: nonsense")])
    for arguments in [
      ["check"], ["sync"], ["list"], ["start", "--all"], ["status"], ["pr", "list", "--all"], ["--help"],
      ["pr", "show", "core/E01"],
    ] {
      let output = try await shop.launch(arguments, adding: ["TERM": "xterm-256color", "CLICOLOR_FORCE": "1"]).output()
      #expect(!(output.out + output.err).contains("\u{1B}"), "\(arguments): \(output)")
    }
  }

  @Test func exitStatuses() async throws {
    let shop = try Workshop([Plan("core/E01")])
    let unknown = try await shop.expect(1, "start", "core/E07")
    #expect(unknown.err.hasPrefix("error: there is no task 'core/E07'; did you mean 'core/E01'?"), "\(unknown)")
    try await shop.expect(1, "pr", "show", "core/E07")
    try await shop.expect(1, "pr", "show", "core/E01")
    for wrong in [
      ["start", "not an id"], ["start", "core"], ["start", "--count", "0"], ["start", "--all", "--count", "2"],
      ["start", "--max-parallel", "x"], ["nonsense"], ["pr", "approve"], ["pr", "reject", "core/E01"],
      ["pr", "reject", "core/E01", "--reason", "  "], ["sync", "--ours", "--theirs"],
      ["start", "--max-duration", "soon"],
      ["check", "--explain", "P9999"],
    ] {
      let output = try await shop.launch(wrong).output()
      #expect(output.status == 64, "\(wrong): \(output)")
      #expect(output.out.isEmpty && !output.err.isEmpty, "\(wrong): \(output)")
    }
    let elsewhere = "\(shop.scratch.path)/user"
    for command in ["status", "list", "sync", "start"] {
      let output = try await shop.orch(command, in: elsewhere)
      #expect(output.status == 69, "\(command): \(output)")
      #expect(output.err.hasPrefix("error: ") && output.err.contains("not inside a git repository"), "\(output)")
    }
    try await shop.expect(0, "--help")
    #expect(try await shop.expect(0, "status", "--project", shop.root, in: elsewhere).out.hasPrefix("Tasks: "))
  }

  @Test func twoStartsAtOnce() async throws {
    let (shop, run, _) = try await AgentKillTests.withWaitingAgent()
    let second = try await shop.expect(75, "start", "--all")
    #expect(second.err.hasPrefix("error: this project is being worked on: "), "\(second)")
    #expect(second.err.contains("\(run.pid)") && second.err.contains("start"), "it names the holder: \(second)")
    let status = try await shop.expect(0, "status")
    #expect(status.out.contains("Driven by start (process \(run.pid)"), "\(status)")
    #expect(status.out.contains("Running:\n  core/E01"))
    try shop.write("\(shop.scratch.path)/go", "")
    #expect(try await run.output().status == 0)
    try await shop.expectFinished(["core/E01"])
  }

  @Test func severalStartsAtTheSameMoment() async throws {
    let shop = try Workshop([Plan("core/E01")])
    let runs = try (0..<6).map { _ in try shop.launch(["start", "--all"]) }
    var outputs: [Output] = []
    for run in runs { outputs.append(try await run.output()) }
    let statuses = Set(outputs.map(\.status))
    #expect(statuses.isSubset(of: [0, 75]) && statuses.contains(0), "\(outputs)")
    try await shop.expectFinished(["core/E01"])
  }
}
