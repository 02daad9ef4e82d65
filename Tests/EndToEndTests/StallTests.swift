import Foundation
import OrchDomain
import OrchStore
import Testing

/// Agents that get nowhere are stopped, resumed once, and then given up, with all that they have.
@Suite(.serialized, .timeLimit(.minutes(15))) struct StallTests {
  private static func workshop(_ agent: String, limits: String = "stall_timeout = \"4s\"") throws -> Workshop {
    let shop = try Workshop(
      [Plan("m1/E01", front: "agent: sleeper")],
      settings: """
        [limits]
        \(limits)

        [agents.sleeper]
        adapter = "command"
        command = ["sh", "agent.sh"]
        """)
    try shop.write("agent.sh", agent)
    try shop.git("add", "--all")
    try shop.git("commit", "--quiet", "-m", "Add the agent")
    return shop
  }

  @Test(
    "An agent that sleeps for ever, or says the same for ever, ends as stuck",
    arguments: ["exec sleep 600", "while :; do echo \"still at it, $(date +%s)\"; sleep 0.3; done"])
  func stuck(_ agent: String) async throws {
    let shop = try Self.workshop("echo begun > notes.txt\n\(agent)")
    let run = try await shop.expect(1, "start", "--all")
    #expect(try await shop.states() == ["m1/E01": "stuck"], "\(run)")
    #expect(try shop.turns("m1/E01").map(\.purpose) == ["start", "resumed"])
    #expect(try shop.turns("m1/E01").map(\.outcome) == ["stalled", "stalled"])
    let attempt = try #require(try shop.attempts("m1/E01").first)
    let worktree = try #require(attempt.worktree)
    #expect(attempt.endedAt == nil && shop.exists(worktree), "the work is kept")
    #expect(try shop.read("\(worktree)/notes.txt") == "begun\n")
    let why = try await shop.expect(0, "why", "m1/E01")
    #expect(why.out.contains("nothing new from it") && why.out.contains("[stalled]"), "\(why)")
    #expect(try await shop.strays() == [])
  }

  @Test("An agent that was stopped once and works then comes to its end in the same attempt")
  func resumed() async throws {
    let agent = """
      [ -n "${ORCH_FEEDBACK_FILE:-}" ] || exec sleep 600
      grep -q "nothing new from it" "$ORCH_FEEDBACK_FILE" || exit 3
      mkdir -p data && echo "ok" > data/file
      git add data && git commit --quiet -m "Do it"
      """
    let shop = try Self.workshop(agent)
    try await shop.expect(0, "start", "--all")
    try await shop.expectFinished(["m1/E01"])
    #expect(try shop.turns("m1/E01").map(\.purpose) == ["start", "resumed"])
  }

  @Test("A stall has the policy of its class")
  func policy() async throws {
    let rules = """
      stall_timeout = "4s"

      [retry.classes.stalled]
      resumes = 0
      action = "retry"
      max_attempts = 2
      backoff = "10ms"
      """
    let shop = try Self.workshop("exec sleep 600", limits: rules)
    let run = try await shop.expect(1, "start", "--all")
    #expect(try await shop.states() == ["m1/E01": "failed"], "\(run)")
    let attempts = try shop.attempts("m1/E01")
    #expect(attempts.map(\.failureClass) == [.stalled, .stalled])
    #expect(attempts.allSatisfy { $0.failureDetail?.contains("nothing new from it") == true })
    #expect(try shop.turns("m1/E01").map(\.purpose) == ["start"])
  }

  @Test("Files that change are progress, however silent the agent is")
  func silentWork() async throws {
    // Twice the timeout without a word, a file after the other.
    let agent = """
      for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do echo "$i" > "work.$i"; sleep 0.5; done
      rm work.* && mkdir -p data && echo "ok" > data/file
      git add data && git commit --quiet -m "Do it"
      """
    let shop = try Self.workshop(agent, limits: "stall_timeout = \"5s\"")
    try await shop.expect(0, "start", "--all")
    #expect(try shop.turns("m1/E01").map(\.purpose) == ["start"])
  }
}
