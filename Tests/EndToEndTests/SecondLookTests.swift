import Foundation
import OrchDomain
import OrchStore
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A reviewer reads what the rules would let land, with the real program.
@Suite(.serialized, .timeLimit(.minutes(15))) struct SecondLookTests {
  /// A workshop whose reviewer runs `look`. Every look is counted in the repository's own directory.
  private static func shop(
    _ mode: String?, review: String = "", front: String = "", script: String? = nil, look: String, verify: String = "",
    files: [String: String] = [:]
  ) throws -> Workshop {
    let plan = Plan(
      "core/E01", front: front,
      script: """
        \(script ?? Plan.work("core/E01"))
        ```

        ```bash accept
        [ "$ORCH_PURPOSE" = acceptance ] || exit 9
        echo look >> $(git rev-parse --git-common-dir)/looks
        \(look)
        """)
    return try Workshop(
      [plan], settings: "[review]\n\(review)\n" + (mode.map { "second_look = \"\($0)\"" } ?? ""), verify: verify,
      files: files)
  }

  private static func report(_ category: String, _ findings: String = "") -> String {
    #"echo '{"risk": {"category": "\#(category)", "findings": [\#(findings)]}}'"#
  }

  private static func finding(_ category: String, _ file: String, _ line: Int, _ why: String) -> String {
    #"{"category": "\#(category)", "file": "\#(file)", "line": \#(line), "why": "\#(why)"}"#
  }

  private static func looks(_ shop: Workshop) throws -> Int {
    shop.exists(".git/looks") ? try shop.read(".git/looks").split(separator: "\n").count : 0
  }

  private static func change(_ shop: Workshop) async throws -> JSON {
    try JSON(try await shop.expect(0, "pr", "show", "core/E01", "--json").out)
  }

  private static func rules(_ change: JSON) -> [String] {
    change["verdict"]["evidence"].array.map { $0["rule"].string }
  }

  @Test("What a reviewer finds waits for a human with its evidence, costs the author no turn, and lands when approved")
  func raised() async throws {
    let shop = try Self.shop(
      "advice",
      look: Self.report("security", Self.finding("security", "data/core-E01", 1, "Anybody is let in.")))
    try await shop.expect(0, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "in_review"])
    let turns = try shop.turns("core/E01")
    #expect(turns.map(\.purpose) == ["start", "acceptance"])
    let change = try await Self.change(shop)
    #expect(change["verdict"]["category"].string == "security")
    let evidence = try #require(change["verdict"]["evidence"].array.first)
    #expect(evidence["rule"].string == "policy.second-look" && evidence["file"].string == "data/core-E01")
    #expect(evidence["line"].int == 1 && evidence["excerpt"].string == "Anybody is let in.")
    #expect(change["second_look"].string == "a reviewer has found what a human should see")
    let text = try await shop.expect(0, "pr", "show", "core/E01").out
    #expect(text.contains("policy.second-look") && text.contains("Anybody is let in."), "\(text)")
    // It was asked about the risk alone, and shown the diff.
    let prompt = try shop.read("\(try #require(turns[1].runDirectory))/../input-2/prompt.md")
    #expect(prompt.contains("+ok core/E01") && prompt.contains("- `migrations`: ") && !prompt.contains("## Criteria"))
    try await shop.expect(0, "pr", "approve", "core/E01")
    try await shop.expect(0, "start", "--all")
    #expect(try Self.looks(shop) == 1)
    try await shop.expectFinished(["core/E01"])
  }

  @Test(
    "What a reviewer calls routine lands, and the change says that it was looked at", arguments: ["advice", "required"])
  func routine(_ mode: String) async throws {
    // The policy of the base commit may ask for more than the configuration.
    let own = [
      "\(mode == "required" ? ".claude-orchestrator/review.toml" : "unused.txt")":
        "[review]\nsecond_look = \"required\"\n"
    ]
    let shop = try Self.shop(mode == "required" ? nil : mode, look: Self.report("routine"), files: own)
    try await shop.expect(0, "start", "--all")
    #expect(try Self.looks(shop) == 1)
    let change = try await Self.change(shop)
    #expect(Self.rules(change).isEmpty && change["verdict"]["needs_human"].bool == false)
    #expect(change["body"].string.contains("## Second look\n\nWhat the change touches: a reviewer has found nothing"))
    #expect(
      try await shop.expect(0, "pr", "show", "core/E01").out.contains("  second look: a reviewer has found nothing"))
    try await shop.expectFinished(["core/E01"])
  }

  @Test("Nothing is spent where a human looks anyway, where it is off, and where the rule is switched off")
  func notAsked() async throws {
    let human = try Self.shop("required", front: "needs_review: true", look: Self.report("routine"))
    try await human.expect(0, "start", "--all")
    #expect(try await human.states() == ["core/E01": "in_review"])
    #expect(Self.rules(try await Self.change(human)) == ["policy.needs-review"])
    let off = try Self.shop(nil, look: Self.report("security"))
    let disabled = try Self.shop(
      "required", review: "disable_rules = [\"policy.second-look\"]", look: Self.report("security"))
    for shop in [off, disabled] {
      try await shop.expect(0, "start", "--all")
      try await shop.expectFinished(["core/E01"])
    }
    for shop in [human, off, disabled] {
      #expect(try shop.turns("core/E01").map(\.purpose) == ["start"])
      #expect(try Self.looks(shop) == 0)
      let change = try await Self.change(shop)
      #expect(change["second_look"].isNull && !change["body"].string.contains("Second look"))
    }
  }

  @Test(
    "Without a report the change says that nobody has looked; a human is asked when a look is required",
    arguments: ["advice", "required"])
  func silence(_ mode: String) async throws {
    for (look, outcome) in [
      ("echo 'nothing to say'", "no_report"), ("exit 7", "implementation"),
      ("echo mine >> notes.txt\n" + Self.report("routine"), "discarded"),
    ] {
      let shop = try Self.shop(mode, look: look)
      try await shop.expect(0, "start", "--all")
      #expect(try shop.turns("core/E01").map(\.purpose) == ["start", "acceptance"])
      #expect(try shop.turns("core/E01").last?.outcome == outcome)
      let change = try await Self.change(shop)
      #expect(change["second_look"].string.hasPrefix("nobody has looked: the reviewer "))
      if mode == "advice" {
        #expect(Self.rules(change).isEmpty)
      } else {
        #expect(Self.rules(change) == ["policy.second-look"])
        #expect(try await shop.states() == ["core/E01": "in_review"])
        #expect(change["verdict"]["category"].string == "routine")
        try await shop.expect(0, "pr", "approve", "core/E01")
        try await shop.expect(0, "start", "--all")
      }
      #expect(try Self.looks(shop) == 1)
      try await shop.expectFinished(["core/E01"])
      #expect(!(try shop.read("notes.txt").contains("mine")))
    }
  }

  @Test("A diff that is longer than a reviewer is shown is nobody's to judge by its name")
  func tooLong() async throws {
    let script = """
      mkdir -p data
      echo ok > data/long
      for n in $(seq 1900); do printf '%s %0200d\\r\\n' "$n" 0 >> data/long; done
      git add data
      git commit --quiet -m "Add a long file"
      """
    let shop = try Self.shop("required", script: script, look: Self.report("routine"))
    try await shop.expect(0, "start", "--all")
    #expect(try Self.looks(shop) == 0)
    #expect(try await shop.states() == ["core/E01": "in_review"])
    #expect(try await Self.change(shop)["verdict"]["evidence"].array[0]["excerpt"].string.contains("longer than"))
  }

  @Test("Both questions are one look, and each has its own answer")
  func bothQuestions() async throws {
    let answer = #"""
      echo '{"criteria": [{"number": 1, "verdict": "met", "evidence": [{"file": "data/core-E01", "text": "it is"}]}],
      "risk": {"category": "architecture", "findings": []}}' | tr -d '\n'
      """#
    let shop = try Self.shop("required", look: answer, verify: "acceptance = \"required\"")
    try await shop.expect(0, "start", "--all")
    #expect(try Self.looks(shop) == 1)
    #expect(try shop.turns("core/E01").map(\.purpose) == ["start", "acceptance"])
    let change = try await Self.change(shop)
    #expect(change["criteria"].array.map { $0["finding"].string } == ["met"])
    #expect(Self.rules(change) == ["policy.second-look"])
    #expect(change["verdict"]["category"].string == "architecture")
    #expect(change["verdict"]["evidence"].array[0]["file"].string == "docs/plans/core/epic-01-task.md")
    let prompt = try shop.read("\(try #require(try shop.turns("core/E01")[1].runDirectory))/../input-2/prompt.md")
    #expect(prompt.contains("## Criteria") && prompt.contains("## The question"))
  }

  @Test("A report full of tricks raises the verdict, and nothing else comes of it")
  func hostile() async throws {
    let flood = #"""
      {
        printf '{"risk":{"category":"routine","findings":['
        for n in $(seq 60); do
          printf '{"category":"architecture","file":"../../../etc/passwd","line":%s,' $n
          printf '"why":"\\u001b[2J\\u202e %s"},' $n
        done
        printf '{"category":"none","file":"data/core-E01","line":99999,"why":"<script>"}]},'
        printf '"risk":{"category":"migrations","findings":'
        printf '[{"category":"migrations","file":"/etc/passwd","why":""}]}}\n'
      }
      """#
    let shop = try Self.shop("advice", look: flood)
    try await shop.expect(0, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "in_review"])
    let change = try await Self.change(shop)
    let evidence = change["verdict"]["evidence"].array
    #expect(change["verdict"]["category"].string == "migrations" && evidence.count == 20)
    #expect(evidence.allSatisfy { $0["file"].string == "docs/plans/core/epic-01-task.md" && $0["line"].isNull })
    for arguments in [["pr", "show", "core/E01"], ["pr", "show", "core/E01", "--json"], ["pr", "list"]] {
      let out = try await shop.launch(arguments).output().out
      #expect(!out.contains("\u{1B}") && !out.contains("\u{202E}") && !out.contains("/etc/passwd"), "\(out)")
    }
  }

  @Test("A change that comes back with other files is looked at again, one that comes back with the same is not")
  func anotherTree() async throws {
    let script = """
      mkdir -p data
      turn=$(git rev-list --count main..HEAD)
      [ "$turn" -gt 1 ] || echo "ok $turn" > data/core-E01
      git add data
      git commit --quiet --allow-empty -m "Turn $turn"
      """
    let shop = try Self.shop(
      "advice", script: script,
      look: """
        if grep -q 0 data/core-E01; then \(Self.report("security", Self.finding("security", "data/core-E01", 1, "A")))
        else \(Self.report("migrations", Self.finding("migrations", "data/core-E01", 1, "B"))); fi
        """)
    try await shop.expect(0, "start", "--all")
    for (looks, category) in [(1, "security"), (2, "migrations"), (2, "migrations")] {
      #expect(try Self.looks(shop) == looks)
      let change = try await Self.change(shop)
      #expect(change["verdict"]["category"].string == category)
      #expect(Self.rules(change) == ["policy.second-look"], "what was said of other files is gone")
      try await shop.expect(0, "pr", "reject", "core/E01", "--reason", "again")
      try await shop.expect(0, "start", "--all")
    }
    #expect(
      try shop.turns("core/E01").map(\.purpose).filter { $0 != "rejected" } == ["start", "acceptance", "acceptance"])
  }

  @Test("A look that outlives a killed orchestrator is read by the next one, and not paid for twice")
  func killed() async throws {
    let go = FileManager.default.temporaryDirectory.path + "/orch-second-look-\(UUID().uuidString)"
    defer { do { try FileManager.default.removeItem(atPath: go) } catch { print("\(error)") } }
    let shop = try Self.shop(
      "required", look: "until [ -e '\(go)' ]; do sleep 0.02; done\n" + Self.report("security"))
    let run = try shop.launch(["start", "--all"])
    while try Self.looks(shop) == 0 { try await Task.sleep(for: .milliseconds(20)) }
    kill(run.pid, SIGKILL)
    _ = try await run.output()
    #expect(try await shop.states() == ["core/E01": "verifying"])
    try shop.write(go, "")
    try await shop.expect(0, "start", "--all")
    #expect(try Self.looks(shop) == 1)
    #expect(try shop.turns("core/E01").map(\.purpose) == ["start", "acceptance"])
    #expect(try await shop.states() == ["core/E01": "in_review"])
    #expect(try await Self.change(shop)["verdict"]["category"].string == "security")
  }

  @Test(
    "A kill between a look and what follows from it costs no other look",
    arguments: ["before verifying>publishing", "after verifying>publishing"])
  func killedBehindIt(_ point: String) async throws {
    let shop = try Self.shop("required", look: Self.report("migrations"))
    let run = try await shop.orch("start", "--all", adding: ["ORCH_CRASH_AT": point])
    #expect(run.status == -SIGKILL)
    #expect(try Self.looks(shop) == 1)
    try await shop.expect(0, "start", "--all")
    #expect(try Self.looks(shop) == 1)
    #expect(try shop.turns("core/E01").map(\.purpose) == ["start", "acceptance"])
    #expect(try await shop.states() == ["core/E01": "in_review"])
    #expect(try await Self.change(shop)["verdict"]["category"].string == "migrations")
  }

  @Test("A look that somebody stops says nothing, and is taken when the task goes on")
  func stopped() async throws {
    let go = FileManager.default.temporaryDirectory.path + "/orch-stopped-look-\(UUID().uuidString)"
    defer { do { try FileManager.default.removeItem(atPath: go) } catch { print("\(error)") } }
    let shop = try Self.shop("required", look: "until [ -e '\(go)' ]; do sleep 0.02; done\n" + Self.report("routine"))
    let run = try shop.launch(["start", "--all"])
    while try Self.looks(shop) == 0 { try await Task.sleep(for: .milliseconds(20)) }
    try await shop.expect(0, "stop", "core/E01")
    _ = try await run.output()
    #expect(try await shop.states() == ["core/E01": "parked"])
    try shop.write(go, "")
    try await shop.expect(0, "resume", "core/E01")
    try await shop.expect(0, "start", "--all")
    #expect(try Self.looks(shop) == 2)
    #expect(try shop.turns("core/E01").map(\.purpose) == ["start", "acceptance", "acceptance"])
    try await shop.expectFinished(["core/E01"])
  }

  @Test("At a rate limit a required look is waited for, and then taken; the author hears nothing of it")
  func rateLimit() async throws {
    let shop = try FailurePolicyTests.shop(
      [Plan("core/E01")],
      agents: [
        ("author", "", FailurePolicyTests.work),
        (
          "judge", "",
          """
          if [ ! -e "$0.limited" ]; then
            touch "$0.limited"
            printf '{"type":"result","is_error":true,"failure_class":"rate_limit","result":"wait","retry_at":%s}\\n' \
              $(($(date +%s) + 2))
            exit 0
          fi
          \(Self.report("routine"))
          """
        ),
      ], settings: "[review]\nsecond_look = \"required\"")
    let toml = try shop.read(".claude-orchestrator.toml")
    try shop.write(
      ".claude-orchestrator.toml",
      toml.replacingOccurrences(of: "[verify]\n", with: "[verify]\nacceptance_agent = \"judge\"\n"))
    try shop.git("commit", "--quiet", "--all", "-m", "Name a reviewer")
    try await shop.expect(0, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "complete"])
    #expect(try FailurePolicyTests.runs(shop, "author") == 1)
    #expect(try FailurePolicyTests.runs(shop, "judge") == 2)
    #expect(try shop.turns("core/E01").map(\.purpose) == ["start", "acceptance", "acceptance"])
    #expect(try shop.turns("core/E01").map(\.outcome) == ["claims_done", "rate_limit", "reported"])
  }

  @Test("A commit with a secret in it is shown to no reviewer")
  func secrets() async throws {
    let script = """
      mkdir -p data
      echo "ok AKIA$(printf 'Z%.0s' 1 2 3 4)QWERTYUIOP23" > data/core-E01
      git add data
      git commit --quiet -m "Add a key"
      git rm --quiet data/core-E01
      mkdir -p data
      echo ok > data/other
      git add data
      git commit --quiet -m "Take it out again"
      """
    let shop = try Self.shop("required", script: script, look: Self.report("routine"))
    _ = try await shop.orch("start", "--all")
    #expect(try Self.looks(shop) == 0)
    #expect(try !shop.turns("core/E01").contains { $0.purpose == "acceptance" })
    #expect(try shop.turns("core/E01").contains { $0.purpose == "secrets" })
  }
}
