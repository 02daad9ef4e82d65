import Foundation
import OrchDomain
import OrchStore
import Testing

/// What `prompt` prints is what the agent gets.
@Suite(.serialized, .timeLimit(.minutes(15))) struct PromptCommandTests {
  /// Red in the first attempt, dead in the second; the third waits.
  static func shop() throws -> Workshop {
    try FailurePolicyTests.shop(
      [Plan("core/E01")],
      agents: [
        (
          "mine", "",
          """
          case "$ORCH_ATTEMPT" in
          1) word=bad ;;
          2) kill -9 $$ ;;
          *) while [ ! -e "$ORCH_WORKTREE/../../go" ]; do sleep 0.02; done; word=ok ;;
          esac
          mkdir -p data
          echo "$word" > data/file
          git add data
          git commit --quiet -m "Write the $word file"
          echo "I have written the file."
          """
        )
      ],
      settings: """
        [retry.classes.gate]
        max_attempts = 3
        backoff = "10ms"
        [retry.classes.crash]
        resumes = 0
        max_attempts = 3
        backoff = "10ms"
        """)
  }

  /// Without commit ids and the status, which may be committed between two looks.
  static func plain(_ text: String) -> String {
    text.replacing(/[0-9a-f]{40}/, with: "COMMIT").replacing(/text-[0-9a-f]{16}/, with: "FENCE")
      .replacing("status: in_progress", with: "status: not_started")
  }

  @Test func isByteForByteWhatTheAgentGets() async throws {
    let shop = try Self.shop()
    try await shop.expect(0, "sync")
    let before = try await shop.expect(0, "prompt", "core/E01").out
    let run = try shop.launch(["start", "--all"])
    let file = { (attempt: Int, turn: Int) throws -> String in
      let task = try #require(TaskID("core/E01"))
      let runs = try shop.inStore { store, project in
        try store.read(project) { tx throws(StoreError) in try tx.attempts(of: task) }
      }
      let folder = runs.first { $0.number == attempt }?.runDirectory ?? ""
      return "\(folder)/input-\(turn)/prompt.md"
    }
    let deadline = ContinuousClock.now.advanced(by: .seconds(120))
    while try await shop.states()["core/E01"] != "running" || (try shop.attempts("core/E01").count) < 3 {
      guard ContinuousClock.now < deadline else {
        Issue.record("the third attempt did not begin")
        break
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    let third = try await shop.expect(0, "prompt", "core/E01").out
    #expect(try Self.plain(third) == Self.plain(shop.read(file(3, 1))))
    for words in [
      "Attempt 1 with mine failed (gate): still red after 3 turns", "Write the bad file", "data/file +1 -0",
      "data/file is not ok", "I have written the file.", "Attempt 2 with mine failed (crash)", "signal 9",
      "refs/orch/attempts/core/E01/1",
    ] {
      #expect(third.contains(words), "'\(words)' is not in \(third)")
    }
    let first = try await shop.expect(0, "prompt", "core/E01", "--attempt", "1", "--turn", "1").out
    #expect(try first == shop.read(file(1, 1)))
    #expect(Self.plain(first) == Self.plain(before), "it was known before it was paid for")
    let feedback = try await shop.expect(0, "prompt", "core/E01", "--attempt", "1", "--turn", "2", "--json").out
    #expect(try JSON(feedback)["prompt"].string == shop.read(file(1, 2)))
    try await shop.expect(1, "prompt", "core/E01", "--attempt", "1", "--turn", "9")
    try await shop.expect(1, "prompt", "core/E01", "--attempt", "9")
    try shop.write("\(shop.state)/worktrees/go", "")
    #expect(try await run.output().status == 0)
  }

  /// An attempt that was begun and in which nobody has been told anything is the next one, not the one before it.
  @Test func anAttemptThatWasOnlyBegunIsTheNextOne() async throws {
    let shop = try Workshop([Plan("core/E01")])
    let run = try await shop.orch("start", "--all", adding: ["ORCH_CRASH_AT": "act worktree.added"])
    #expect(run.status == -SIGKILL, "\(run)")
    #expect(try shop.attempts("core/E01").count == 1)
    let early = try await shop.expect(0, "prompt", "core/E01", "--json").out
    #expect(try JSON(early)["attempt"].int == 1)
    try await shop.expect(1, "prompt", "core/E01", "--attempt", "2")
    try await shop.expect(0, "start", "--all")
    let told = try await shop.expect(0, "prompt", "core/E01", "--attempt", "1", "--turn", "1").out
    let shown = try JSON(early)["prompt"].string
    #expect(Self.plain(told) == Self.plain(shown))
  }
}
