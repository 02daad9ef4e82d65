import Foundation
import OrchDomain
import OrchStore
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The acceptance check and the test for gates that prove nothing, with the real program.
@Suite(.serialized, .timeLimit(.minutes(15))) struct AcceptanceTests {
  /// A plan whose reviewer runs `accept`. Every look is counted in the repository's own directory.
  private static func plan(_ id: String = "core/E01", front: String = "", script: String? = nil, accept: String) -> Plan
  {
    Plan(
      id, front: front,
      script: """
        \(script ?? Plan.work(id))
        ```

        ```bash accept
        echo look >> $(git rev-parse --git-common-dir)/looks
        \(accept)
        """)
  }

  private static func report(_ verdict: String, _ evidence: String) -> String {
    #"echo '{"criteria": [{"number": 1, "verdict": "\#(verdict)", "evidence": [\#(evidence)]}]}'"#
  }

  private static let place = #"{"file": "data/core-E01", "line": 1, "text": "it is there"}"#

  private static func looks(_ shop: Workshop) throws -> Int {
    shop.exists(".git/looks") ? try shop.read(".git/looks").split(separator: "\n").count : 0
  }

  @Test("A criterion that is not met goes back to the agent with what shows it, and lands once it is met")
  func unmetGoesBack() async throws {
    let shop = try Workshop(
      [
        Self.plan(
          script: """
            mkdir -p data
            if [ -n "${ORCH_FEEDBACK_FILE:-}" ]; then echo "ok 12" > data/total; else echo "ok" > data/core-E01; fi
            git add data
            git commit --quiet -m "Work on it"
            """,
          accept: """
            [ "$ORCH_PURPOSE" = acceptance ] || exit 9
            if [ -e data/total ]; then \(Self.report("met", #"{"file": "data/total", "line": 1, "text": "the total"}"#))
            else \(Self.report("unmet", #"{"text": "there is no data/total"}"#)); fi
            """)
      ], verify: "acceptance = \"required\"")
    try await shop.expect(0, "start", "--all")
    let turns = try shop.turns("core/E01")
    #expect(turns.map(\.purpose) == ["start", "acceptance", "unmet", "acceptance"])
    #expect(turns.filter { $0.purpose == "acceptance" }.map(\.outcome) == ["reported", "reported"])
    #expect(turns[1].session != turns[0].session, "the reviewer has a session of its own")
    let told = try shop.read(try #require(turns[2].feedbackPath))
    #expect(told.contains("The gate is green") && told.contains("there is no data/total"), "\(told)")
    #expect(try Self.looks(shop) == 2)
    let change = try JSON(try await shop.expect(0, "pr", "show", "core/E01", "--json").out)
    #expect(change["criteria"].array.map { $0["finding"].string } == ["met"])
    #expect(change["criteria"].array[0]["evidence"].array[0]["file"].string == "data/total")
    #expect(change["verdict"]["needs_human"].bool == false)
    let text = try await shop.expect(0, "pr", "show", "core/E01").out
    #expect(text.contains("criterion: met: The gate is green\n    data/total:1: the total"), "\(text)")
    try await shop.expectFinished(["core/E01"])
  }

  @Test(
    "A look that edits is thrown away, and the work goes on without its opinion", arguments: ["advice", "required"])
  func anEditingReviewerIsDiscarded(_ mode: String) async throws {
    let shop = try Workshop(
      [
        Self.plan(
          accept: """
            echo mine >> notes.txt
            git -c user.name=R -c user.email=r@example.invalid commit --quiet -am "Not mine to do"
            \(Self.report("unmet", Self.place))
            """)
      ], verify: "acceptance = \"\(mode)\"")
    try await shop.expect(0, "start", "--all")
    #expect(try shop.turns("core/E01").map(\.purpose) == ["start", "acceptance"])
    #expect(try shop.turns("core/E01").last?.outcome == "discarded")
    let change = try JSON(try await shop.expect(0, "pr", "show", "core/E01", "--json").out)
    #expect(change["criteria"].array.map { $0["finding"].string } == ["not_covered"])
    #expect(!(try shop.git("show", "\(change["head"].string):notes.txt").contains("mine")))
    let rules = change["verdict"]["evidence"].array.map { $0["rule"].string }
    if mode == "advice" {
      #expect(rules.isEmpty)
    } else {
      #expect(rules == ["acceptance.no-report"])
      #expect(try await shop.states() == ["core/E01": "in_review"], "required, so a human is asked")
      try await shop.expect(0, "pr", "approve", "core/E01")
      try await shop.expect(0, "start", "--all")
    }
    try await shop.expectFinished(["core/E01"])
    #expect(!(try shop.read("notes.txt").contains("mine")))
  }

  @Test("What stays unmet waits for a human; what is met by nothing is unknown and waits too when that is required")
  func unmetNeverLandsByItself() async throws {
    let shop = try Workshop(
      [
        Self.plan(
          script: """
            mkdir -p data
            echo "ok $(git rev-list --count HEAD)" > data/core-E01
            git add data
            git commit --quiet -m "Try again"
            """, accept: Self.report("unmet", Self.place)),
        Plan(
          "other/E01",
          script: Plan.work("other/E01") + "\n```\n\n```bash accept\n"
            + Self.report("met", #"{"file": "no/such/file", "text": "trust me"}"#)),
      ], verify: "acceptance = \"required\"")
    try await shop.expect(0, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "in_review", "other/E01": "in_review"])
    #expect(
      try shop.turns("core/E01").map(\.purpose) == [
        "start", "acceptance", "unmet", "acceptance", "unmet", "acceptance",
      ])
    for (id, rule, finding) in [
      ("core/E01", "acceptance.unmet", "unmet"), ("other/E01", "acceptance.unproven", "unknown"),
    ] {
      let change = try JSON(try await shop.expect(0, "pr", "show", id, "--json").out)
      #expect(change["verdict"]["evidence"].array.map { $0["rule"].string } == [rule])
      #expect(change["criteria"].array.map { $0["finding"].string } == [finding])
    }
    #expect(!(try shop.git("show", "main:README.md").contains("🟢")))
  }

  @Test("Without a check the criteria are told as not covered")
  func offTellsNotCovered() async throws {
    let shop = try Workshop([Self.plan(accept: "exit 1")])
    try await shop.expect(0, "start", "--all")
    #expect(try Self.looks(shop) == 0)
    let change = try JSON(try await shop.expect(0, "pr", "show", "core/E01", "--json").out)
    #expect(change["criteria"].array.map { $0["finding"].string } == ["not_covered"])
    #expect(change["body"].string.contains("- The gate is green (not covered)"))
    #expect(
      try await shop.expect(0, "pr", "show", "core/E01").out.contains("criterion: not covered: The gate is green"))
    try await shop.expectFinished(["core/E01"])
  }

  @Test("A look that outlives a killed orchestrator is read by the next one, and not paid for twice")
  func aKilledOrchestratorFindsTheLook() async throws {
    let go = FileManager.default.temporaryDirectory.path + "/orch-look-\(UUID().uuidString)"
    defer { do { try FileManager.default.removeItem(atPath: go) } catch { print("\(error)") } }
    let shop = try Workshop(
      [
        Self.plan(
          accept: "until [ -e '\(go)' ]; do sleep 0.02; done\n" + Self.report("met", Self.place))
      ], verify: "acceptance = \"required\"")
    let run = try shop.launch(["start", "--all"])
    while try Self.looks(shop) == 0 { try await Task.sleep(for: .milliseconds(20)) }
    kill(run.pid, SIGKILL)
    _ = try await run.output()
    #expect(try await shop.states() == ["core/E01": "verifying"])
    try shop.write(go, "")
    try await shop.expect(0, "start", "--all")
    #expect(try Self.looks(shop) == 1)
    #expect(try shop.turns("core/E01").map(\.purpose) == ["start", "acceptance"])
    try await shop.expectFinished(["core/E01"])
  }

  @Test("A plan's own command that was green before the work asks for a human; one that was red does not")
  func vacuousCommandsAreFlagged() async throws {
    let shop = try Workshop([
      Plan("core/E01", front: "verify: [\"test -e notes.txt && touch built-by-the-command\"]"),
      Plan("other/E01", front: "verify: [\"test -e data/other-E01\"]"),
    ])
    try await shop.expect(0, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "in_review", "other/E01": "complete"])
    let change = try JSON(try await shop.expect(0, "pr", "show", "core/E01", "--json").out)
    let evidence = change["verdict"]["evidence"].array
    #expect(evidence.map { $0["rule"].string } == ["gate.vacuous"])
    #expect(evidence[0]["excerpt"].string.contains("test -e notes.txt"))
    #expect(try await shop.expect(0, "pr", "show", "core/E01").out.contains("gate.vacuous"))
    let files = try shop.git("show", "--format=", "--name-only", change["head"].string)
    #expect(files == "data/core-E01", "what the command left is not in the work: \(files)")
  }
}
