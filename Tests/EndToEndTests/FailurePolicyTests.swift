import Foundation
import OrchDomain
import OrchStore
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What follows when agents fail: the policy of each class, cool-downs, and other agents.
@Suite(.serialized, .timeLimit(.minutes(15))) struct FailurePolicyTests {
  /// `[agents.NAME]` for a shell script of the scratch directory, which is `NAME.sh`.
  static func agent(_ name: String, in shop: String, more: String = "") -> String {
    "\n[agents.\(name)]\nadapter = \"command\"\ncommand = [\"sh\", \"\(shop)/\(name).sh\"]\n\(more)\n"
  }

  /// Prints one result line in the form that the `command` adapter reads.
  static func result(_ failure: String, _ text: String, retryAt: Int? = nil, session: String? = nil) -> String {
    var line = #"{"type":"result","is_error":true,"failure_class":"\#(failure)","result":"\#(text)""#
    if let retryAt { line += #","retry_at":\#(retryAt)"# }
    if let session { line += #","session_id":"\#(session)""# }
    return "printf '%s\\n' '\(line)}'"
  }

  static let work = """
    name=$(echo "$ORCH_TASK" | tr / -)
    mkdir -p data
    echo "ok $ORCH_TASK" > "data/$name"
    git add data
    git commit --quiet -m "Do $ORCH_TASK"
    """

  /// A workshop whose agents are shell scripts.
  static func shop(
    _ plans: [Plan], agents: [(name: String, more: String, script: String)], settings: String = "", parallel: Int = 3,
    attempts: Int = 1
  ) throws -> Workshop {
    let shop = try Workshop(plans, parallel: parallel, attempts: attempts)
    var text = try shop.read(".claude-orchestrator.toml")
    text = text.replacingOccurrences(of: "agent = \"script\"", with: "agent = \"\(agents[0].name)\"") + "\n" + settings
    for item in agents {
      text += agent(item.name, in: shop.scratch.path, more: item.more)
      try shop.write(
        "\(shop.scratch.path)/\(item.name).sh", "echo run >> \(shop.scratch.path)/\(item.name).runs\n\(item.script)\n")
    }
    try shop.write(".claude-orchestrator.toml", text)
    try shop.git("commit", "--quiet", "--all", "-m", "Set up agents")
    return shop
  }

  static func runs(_ shop: Workshop, _ agent: String) throws -> Int {
    let path = "\(shop.scratch.path)/\(agent).runs"
    return shop.exists(path) ? try shop.read(path).split(separator: "\n").count : 0
  }

  @Test func aCrashGetsAsManyAttemptsAsItsClassSays() async throws {
    let shop = try Self.shop(
      [Plan("core/E01")], agents: [("mine", "", "kill -9 $$")],
      settings: "[retry.classes.crash]\nresumes = 0\nmax_attempts = 3\nbackoff = \"10ms\"")
    let run = try await shop.expect(1, "start", "--all")
    #expect(try Self.runs(shop, "mine") == 3, "\(run)")
    let attempts = try shop.attempts("core/E01")
    #expect(attempts.map(\.failureClass) == [.crash, .crash, .crash])
    let list = try JSON(try await shop.expect(0, "attempts", "core/E01", "--json").out)["attempts"].array
    for entry in list {
      #expect(entry["failure_class"].string == "crash")
      #expect(entry["evidence"].string.contains("signal 9"), "\(entry)")
      #expect(entry["turns"].array.allSatisfy { $0["evidence"].string.contains("signal 9") })
    }
    let shown = try await shop.expect(0, "show", "core/E01").out
    #expect(shown.contains("failed (crash)") && shown.contains("signal 9"), "\(shown)")
  }

  @Test("A killed agent goes on in its session and its worktree, and begins anew only when it is killed again")
  func aCrashGoesOnWhereItWas() async throws {
    // Leaves work that only its own worktree has, and dies.
    let script = """
      echo "$ORCH_ATTEMPT.$ORCH_TURN $ORCH_SESSION" >> "${ORCH_WORKTREE%/state/*}/lives"
      if [ "$ORCH_TURN" = 1 ]; then mkdir -p data; echo "ok half" > data/half; kill -9 $$; fi
      if [ "$ORCH_TASK" = core/E01 ]; then grep -q "signal 9" "$ORCH_FEEDBACK_FILE" && test -e data/half || exit 9; fi
      if [ "$ORCH_TASK.$ORCH_ATTEMPT" = more/E01.1 ]; then kill -9 $$; fi
      \(Self.work)
      """
    let shop = try Self.shop(
      [Plan("core/E01"), Plan("more/E01", front: "depends_on: core/E01")], agents: [("mine", "", script)], attempts: 2)
    try await shop.expect(0, "start", "--all")
    #expect(Set(try await shop.states().values) == ["complete"])
    #expect(try shop.turns("core/E01").map(\.purpose) == ["start", "resumed"])
    #expect(try shop.turns("core/E01").map(\.outcome) == ["crash", "claims_done"])
    #expect(try shop.git("show", "main:data/half") == "ok half", "what it had done is not lost")
    #expect(try shop.attempts("core/E01").count == 1)
    #expect(try shop.attempts("more/E01").map(\.failureClass) == [.crash, nil])
    #expect(try shop.turns("more/E01").map(\.purpose) == ["start", "resumed"])
    let lives = try shop.read("\(shop.scratch.path)/lives").split(separator: "\n").map { $0.split(separator: " ") }
    #expect(lives.map(\.[0]) == ["1.1", "1.2", "1.1", "1.2", "2.1", "2.2"], "\(lives)")
    #expect(lives[0][1] == lives[1][1], "it is the same session")
  }

  @Test func atALimitTheNextAgentFinishesTheSameAttempt() async throws {
    let limit = Self.result("rate_limit", "usage limit reached", session: "s-1")
    let shop = try Self.shop(
      [Plan("core/E01")],
      agents: [
        ("first", "fallback = [\"second\"]", "mkdir -p data\necho \"ok half\" > data/half\ngit add data\n\(limit)"),
        ("second", "", "test -e data/half || exit 9\n\(Self.work)"),
      ])
    try await shop.expect(0, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "complete"])
    let turns = try shop.turns("core/E01")
    #expect(turns.map(\.purpose) == ["start", "new_session"] && turns.map(\.agent) == ["first", "second"])
    #expect(Set(turns.map(\.session)).count == 2, "nobody goes on in the session of somebody else")
    #expect(try shop.attempts("core/E01").count == 1, "a limit burns no retry")
    #expect(try shop.git("show", "main:data/half") == "ok half", "what the first one left is not lost")
    let input = "\(try #require(turns.last?.runDirectory))/../input-2/prompt.md"
    #expect(try shop.read(input).contains("usage limit reached [rate_limit]"))
    #expect(try shop.read(input).contains("Does one thing."), "a new session is told everything")
    #expect(try Self.runs(shop, "first") == 1 && Self.runs(shop, "second") == 1)
  }

  @Test func aCoolDownOutlivesAKillAndKeepsOthersFromTheWall() async throws {
    let reset = Int(Date().timeIntervalSince1970) + 7200
    let shop = try Self.shop(
      [Plan("core/E01"), Plan("other/E01", front: "agent: good"), Plan("more/E01")],
      agents: [
        ("mine", "model = \"big\"", Self.result("rate_limit", "limit for hours", retryAt: reset, session: "s-1")),
        ("good", "", "while [ ! -e \"$ORCH_WORKTREE/../../go\" ]; do sleep 0.02; done\n\(Self.work)"),
      ], parallel: 2)
    let run = try shop.launch(["start", "core/E01", "other/E01", "--json"]) { line, pid in
      if line.contains("cooldown.set") { kill(pid, SIGKILL) }
    }
    #expect(try await run.output().status == -SIGKILL)
    try shop.write("\(shop.state)/worktrees/go", "")
    let why = try await shop.expect(0, "why", "more/E01").out
    let until = Timestamp(milliseconds: Int64(reset) * 1000).rfc3339
    #expect(why.contains("agent mine with model big") && why.contains(until), "\(why)")
    let second = try await shop.expect(75, "start", "--all", "--json")
    let summary = try #require(try Event.all(second).last).json
    #expect(summary["ended_early"].string.contains("agent mine with model big gets no work until \(until)"))
    let states = try await shop.states()
    #expect(states == ["core/E01": "parked", "other/E01": "complete", "more/E01": "ready"], "\(states)")
    #expect(try Self.runs(shop, "mine") == 1, "nobody else ran into the wall")
    #expect(try shop.attempts("core/E01").count == 1)
    let status = try await shop.expect(0, "status").out
    #expect(status.contains("agent mine with model big gets no work until \(until): limit for hours [rate_limit]"))
    let parked = try await shop.expect(0, "why", "core/E01").out
    #expect(parked.contains("when agent mine with model big may work again"), "\(parked)")
  }

  @Test func aLimitThatIsOverIsResumedInTheSameSession() async throws {
    let script = """
      if [ "$ORCH_TURN" = 1 ]; then
        printf '{"type":"result","is_error":true,"failure_class":"rate_limit","result":"wait","session_id":"s-1",'
        printf '"retry_at":%s}\\n' $(($(date +%s) + 2))
        exit 0
      fi
      echo "$ORCH_SESSION" >> "$ORCH_WORKTREE/../sessions"
      \(Self.work)
      """
    let shop = try Self.shop([Plan("core/E01")], agents: [("mine", "", script)])
    try await shop.expect(0, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "complete"])
    #expect(try shop.turns("core/E01").map(\.purpose) == ["start", "resumed"])
    #expect(try shop.attempts("core/E01").count == 1)
    let sessions = try shop.git("rev-parse", "--git-common-dir").isEmpty ? "" : Self.sessions(shop)
    #expect(sessions == "s-1\n")
    let cooldowns = try shop.inStore { store, project in
      try store.read(project) { tx throws(StoreError) in try tx.cooldowns() }
    }
    #expect(cooldowns.isEmpty, "a success clears it")
  }

  @Test func aLimitThatIsOverBeforeAnybodyLooksIsResumedAtOnce() async throws {
    let script = """
      if [ "$ORCH_TURN" = 1 ]; then
        printf '{"type":"result","is_error":true,"failure_class":"rate_limit","result":"wait","session_id":"s-1",'
        printf '"retry_at":%s}\\n' $(($(date +%s) + 2))
        exit 0
      fi
      \(Self.work)
      """
    let shop = try Self.shop([Plan("core/E01")], agents: [("mine", "", script)])
    let killed = try await shop.orch("start", "--all", adding: ["ORCH_CRASH_AT": "act agent.spawned"])
    #expect(killed.status == -SIGKILL)
    let turn = try #require(try shop.turns("core/E01").first?.runDirectory)
    while !shop.exists("\(turn)/exit") { try await Task.sleep(for: .milliseconds(10)) }
    try await Task.sleep(for: .seconds(4))
    let run = try await shop.expect(0, "start", "--all", "--json")
    #expect(try shop.turns("core/E01").map(\.purpose) == ["start", "resumed"])
    #expect(!run.out.contains("not believed"), "\(run)")
    let waits = try JSON(try await shop.expect(0, "attempts", "core/E01", "--json").out)["attempts"].array
    #expect(waits.count == 1)
  }

  private static func sessions(_ shop: Workshop) throws -> String {
    let folder = "\(shop.state)/worktrees"
    let found = try #require(
      try FileManager.default.subpathsOfDirectory(atPath: folder).first { $0.hasSuffix("sessions") })
    return try shop.read("\(folder)/\(found)")
  }

  @Test func aConflictThatStaysGetsTheAttemptsOfItsClass() async throws {
    // The second one never merges, however often it is asked; from a new base there is nothing to merge.
    let stubborn = Plan(
      "other/E01",
      script: """
        \(Plan.meet("core/E01"))
        if [ -n "${ORCH_FEEDBACK_FILE:-}" ]; then echo more >> other; else
          [ "$ORCH_ATTEMPT" != 1 ] || until git show main:words | grep -q transfer; do sleep 0.02; done
          echo "$(cat words) summary" > words
        fi
        git add --all
        git commit --quiet -m "Add a word"
        """)
    let shop = try Workshop(
      [Plan.word("core/E01", "transfer"), stubborn],
      settings: "[landing]\nmax_attempts = 1\n[retry.classes.conflict]\naction = \"retry\"\nmax_attempts = 2")
    try await shop.expect(0, "start", "--all")
    #expect(try await shop.states() == ["core/E01": "complete", "other/E01": "complete"])
    let attempts = try shop.attempts("other/E01")
    #expect(attempts.map(\.outcome) == [.failed, .complete] && attempts.first?.failureClass == .conflict)
    #expect(try shop.read("words") == "help transfer summary\n")
  }

  @Test func aRefusedLoginStopsItsAgentAndNoOther() async throws {
    let shop = try Self.shop(
      [
        Plan("core/E01"), Plan("more/E01"), Plan("other/E01", front: "agent: good"),
        Plan("other/E02", front: "agent: good"),
      ],
      agents: [("mine", "", Self.result("auth", "Invalid API key")), ("good", "", Self.work)], parallel: 1)
    let run = try await shop.expect(1, "start", "--all", "--json")
    let summary = try #require(try Event.all(run).last).json
    #expect(summary["stuck"].strings == ["core/E01"])
    #expect(summary["complete"].strings == ["other/E01", "other/E02"])
    #expect(summary["ended_early"].string.contains("agent mine gets no work until"))
    #expect(try Self.runs(shop, "mine") == 1)
    // Somebody logs in again: the next start tries.
    try shop.write("\(shop.scratch.path)/mine.sh", Self.work)
    try await shop.expect(0, "resume", "core/E01")
    try await shop.expect(0, "start", "--all")
    #expect(Set(try await shop.states().values) == ["complete"])
  }
}
