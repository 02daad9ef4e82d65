import OrchAgents
import OrchDomain
import Testing

@Suite("How other coding agents are started")
struct TableStartTests {
  private static let id = "9da5a39c-2f92-4bc3-afee-4aab8d43b383"

  private func context(_ agent: String, arguments: [String] = []) -> AgentContext {
    var result = OrchAgentsTests.context(AgentSettings(name: agent, arguments: arguments))
    result.session = Self.id
    result.model = "m"
    result.maxTurns = 9
    result.prompt = "Do \"it\": {{ x }}\n"
    return result
  }

  @Test(
    "Arguments of a new session and of one that goes on",
    arguments: [
      (
        "codex", "exec --json --dangerously-bypass-approvals-and-sandbox -m m -",
        "exec --json --dangerously-bypass-approvals-and-sandbox -m m resume S -"
      ),
      (
        "kimi", "--print --yolo --output-format stream-json --session ID --model m",
        "--print --yolo --output-format stream-json --session S --model m"
      ),
      (
        "opencode", "run --format json --dangerously-skip-permissions --model m",
        "run --format json --dangerously-skip-permissions --model m --session S"
      ),
      (
        "gemini", "--output-format stream-json --approval-mode yolo --model m",
        "--output-format stream-json --approval-mode yolo --model m --resume S"
      ),
      (
        "qwen", "--output-format stream-json --approval-mode yolo --model m --max-session-turns 9 --session-id ID",
        "--output-format stream-json --approval-mode yolo --model m --max-session-turns 9 --resume S"
      ),
      (
        "copilot", "--output-format json --no-color --no-ask-user --allow-all-tools --model m",
        "--output-format json --no-color --no-ask-user --allow-all-tools --model m --resume=S"
      ),
      (
        "goose", "run --instructions - --output-format stream-json --name ID --model m --max-turns 9",
        "run --instructions - --output-format stream-json --name S --resume --model m --max-turns 9"
      ),
    ])
  func arguments(_ agent: String, _ start: String, _ resume: String) throws {
    let adapter = try TableAdapterTests.adapter(agent)
    let context = context(agent)
    let words = { (text: String) in
      text.split(separator: " ").map { $0 == "ID" ? Self.id : String($0).replacing("=S", with: "=s1") }
        .map { $0 == "S" ? "s1" : $0 }
    }
    let first = try adapter.start(context)
    #expect(first.arguments == words(start))
    #expect(first.input == .file("/runs/1/prompt.md"))
    #expect(first.directories == ["/runs/1/session"])
    #expect(try adapter.resume(context, session: "s1").arguments == words(resume))
  }

  @Test("Who does not read standard input is given a file; the prompt itself is in no argument")
  func promptFiles() throws {
    for agent in AgentRegistry.adapterNames where !["command", "script"].contains(agent) {
      let invocation = try TableAdapterTests.adapter(agent).start(context(agent))
      #expect(!invocation.arguments.contains { $0.contains("Do \"it\"") })
      if invocation.input == .none {
        #expect(
          invocation.arguments.contains {
            $0.contains("/runs/1/prompt.md") || $0.contains("/runs/1/session/task-1.yaml")
          })
      }
      #expect(invocation.environment["ORCH_TASK"] == "billing/E05")
    }
    let mini = try TableAdapterTests.adapter("mini").start(context("mini"))
    #expect(mini.files.map(\.content) == ["{\"run\":{\"task\":\"Do \\\"it\\\": {{ x }}\\n\"}}\n"])
    #expect(throws: AgentError.cannotResume(agent: "mini")) {
      try TableAdapterTests.adapter("mini").resume(context("mini"), session: "s")
    }
    let aider = try TableAdapterTests.adapter("aider")
    #expect(try !aider.start(context("aider")).arguments.contains("--restore-chat-history"))
    #expect(try aider.resume(context("aider"), session: "s").arguments.contains("--restore-chat-history"))
  }

  @Test("Permissions of the configuration replace ours")
  func permissions() throws {
    for (agent, own) in [("codex", "--sandbox=read-only"), ("gemini", "--approval-mode=auto_edit"), ("cursor", "-f")] {
      let arguments = try TableAdapterTests.adapter(agent).start(context(agent, arguments: [own])).arguments
      #expect(arguments.contains(own))
      #expect(!arguments.contains { ["yolo", "--force", "--dangerously-bypass-approvals-and-sandbox"].contains($0) })
    }
  }

  @Test(
    "An id from an agent's output never passes for an option",
    arguments: ["--yolo", "", "-x", "a b", "a\nb", String(repeating: "a", count: 201), "\u{e9}"])
  func hostileSession(_ id: String) throws {
    for agent in ["codex", "kimi", "gemini", "goose"] {
      #expect(throws: AgentError.malformedSession(id)) {
        try TableAdapterTests.adapter(agent).resume(context(agent), session: id)
      }
    }
  }

  @Test("Every adapter says how to get its program, and whether it was seen to work; no forge's token is passed on")
  func facts() throws {
    for name in AgentRegistry.adapterNames {
      let adapter = try TableAdapterTests.adapter(name)
      #expect(!adapter.facts.install.isEmpty && !adapter.facts.promptDelivery.isEmpty)
      #expect(adapter.environmentNames.allSatisfy { !["GH_TOKEN", "GITHUB_TOKEN", "GITLAB_TOKEN"].contains($0) })
    }
  }
}
