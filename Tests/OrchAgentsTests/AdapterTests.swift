import OrchAgents
import OrchDomain
import Testing

@Suite("How agents are started")
struct AdapterTests {
  static let session = "9da5a39c-2f92-4bc3-afee-4aab8d43b383"

  @Test("Claude Code gets its prompt on standard input, so that no list of processes shows it")
  func claudeStart() throws {
    var context = context(inherited: ["ANTHROPIC_API_KEY": "k", "HOME": "/home/u"])
    context.session = Self.session
    context.model = "opus"
    context.maxTurns = 50
    context.maxCost = MicroUSD(1_234_567)
    let start = try ClaudeCodeAdapter().start(context)
    #expect(
      start.arguments == [
        "-p", "--output-format", "stream-json", "--verbose", "--session-id", Self.session, "--model", "opus",
        "--max-turns", "50", "--max-budget-usd", "1.24", "--permission-mode", "acceptEdits", "--allowedTools",
        "Bash,Edit,Write,NotebookEdit,Read,Task",
      ])
    #expect(start.executable == "claude")
    #expect(start.input == .file("/runs/1/prompt.md"))
    #expect(start.stopSignal == .terminate)
    #expect(start.environment["CLAUDE_CONFIG_DIR"] == "/runs/1/session")
    #expect(start.directories == ["/runs/1/session"])
    #expect(start.environment["CLAUDE_SECURESTORAGE_CONFIG_DIR"] == nil && start.loginDirectory == nil)
    #expect(start.environment["CLAUDE_CODE_MAX_RETRIES"] == "3")
    #expect(start.environment["API_TIMEOUT_MS"] == "300000")
    #expect(start.environment["CLAUDE_CODE_MAX_OUTPUT_TOKENS"] == nil)
    #expect(start.environment["ORCH_TASK"] == "billing/E05")
    #expect(start.environment["ORCH_ATTEMPT"] == "2")
    #expect(start.environment["ORCH_FEEDBACK_FILE"] == nil)
  }

  @Test("A resumed session gets a prompt too, and the servers of the project")
  func claudeResume() throws {
    var context = context()
    context.feedbackFile = "/runs/1/feedback.md"
    let json = Array("{\"mcpServers\":{\"b\":{},\"a\":{\"command\":\"x\"}}}".utf8)
    context.mcpConfig = MCPConfig(json: json)
    let resume = try ClaudeCodeAdapter().resume(context, session: Self.session)
    #expect(resume.arguments.contains("--resume") && !resume.arguments.contains("--session-id"))
    #expect(resume.input == .file("/runs/1/prompt.md"))
    #expect(resume.arguments.contains("/runs/1/mcp-1.json") && resume.arguments.contains("--strict-mcp-config"))
    #expect(resume.files.map(\.path) == ["/runs/1/mcp-1.json"])
    #expect(resume.arguments.last?.hasSuffix("mcp__a,mcp__b") == true)
    #expect(resume.environment["ORCH_FEEDBACK_FILE"] == "/runs/1/feedback.md")
    #expect(MCPConfig(json: Array("[]".utf8)) == nil)
  }

  @Test("A login of the user's stays where it is, and the configuration directory is the attempt's own")
  func claudeLogin() throws {
    func environment(_ inherited: [String: String], names: [String] = []) throws -> (AgentInvocation, [String?]) {
      let settings = AgentSettings(name: "claude-code", environmentNames: names)
      let start = try ClaudeCodeAdapter().start(context(settings, inherited: inherited))
      let names = ["CLAUDE_CONFIG_DIR", "CLAUDE_SECURESTORAGE_CONFIG_DIR"]
      return (start, names.map { start.environment[$0] } + [start.loginDirectory])
    }
    #expect(try environment(["HOME": "/home/u"]).1 == ["/runs/1/session", "", "/home/u/.claude"])
    #expect(
      try environment(["HOME": "/home/u", "CLAUDE_CONFIG_DIR": "/c"]).1 == ["/runs/1/session", "/c", "/c"])
    #expect(
      try environment(["CLAUDE_CONFIG_DIR": "/c", "CLAUDE_SECURESTORAGE_CONFIG_DIR": "/s"]).1
        == ["/runs/1/session", "/s", "/s"])
    #expect(try environment(["CLAUDE_CODE_OAUTH_TOKEN": "t", "HOME": "/h"]).1 == ["/runs/1/session", nil, nil])
    // Who names the variable wants that directory with all that is in it.
    let (shared, values) = try environment(["CLAUDE_CONFIG_DIR": "/c"], names: ["CLAUDE_CONFIG_DIR"])
    #expect(values == [nil, nil, nil] && shared.directories.isEmpty)
  }

  private struct Unreadable: Error {}

  @Test("Servers of the configuration join those of the project, and win over them")
  func mcpMerge() throws {
    func servers(_ text: String) throws -> MCPConfig {
      guard let config = MCPConfig(json: Array("{\"mcpServers\":\(text)}".utf8)) else { throw Unreadable() }
      return config
    }
    let project = try servers("{\"db\":{\"command\":\"old\"},\"web\":{\"url\":\"u\"}}")
    let own = try servers("{\"db\":{\"command\":\"new\"},\"a\":{}}")
    let merged = project.merged(with: own)
    #expect(merged.names == ["a", "db", "web"])
    #expect(merged.text.contains("\"new\"") && !merged.text.contains("\"old\"") && merged.text.contains("\"u\""))
    #expect(MCPConfig(json: Array(merged.text.utf8)) == merged)
  }

  @Test("Tools, waiting, retries and the longest answer are what the settings say")
  func claudeLimits() throws {
    let settings = AgentSettings(
      name: "claude-code", allowedTools: ["Read", "Bash(git:*)"], requestTimeout: .seconds(5), requestRetries: 0,
      maxOutputTokens: 16_000)
    let start = try ClaudeCodeAdapter().start(context(settings))
    #expect(start.arguments.suffix(2) == ["--allowedTools", "Read,Bash(git:*)"])
    #expect(start.environment["API_TIMEOUT_MS"] == "5000" && start.environment["CLAUDE_CODE_MAX_RETRIES"] == "0")
    #expect(start.environment["CLAUDE_CODE_MAX_OUTPUT_TOKENS"] == "16000")
  }

  @Test("A reviewer has tools that only look, whatever the user's own arguments allow, and answers by the schema")
  func claudeReviewer() throws {
    let settings = AgentSettings(name: "claude-code", arguments: ["--allowedTools", "Bash"])
    var context = context(settings)
    context.purpose = .acceptance(schema: "{}")
    context.session = Self.session
    context.mcpConfig = MCPConfig(json: Array("{\"mcpServers\":{\"a\":{}}}".utf8))
    let start = try ClaudeCodeAdapter().start(context)
    #expect(
      Array(start.arguments.suffix(10)) == [
        "--allowedTools", "Bash", "--permission-mode", "dontAsk", "--tools", "Read,Grep,Glob", "--allowedTools",
        "Read,Grep,Glob", "--json-schema", "{}",
      ])
    #expect(!start.arguments.contains("--mcp-config"))
    #expect(start.environment["ORCH_PURPOSE"] == "acceptance")
    #expect(start.arguments.contains("--session-id"))
  }

  @Test(
    "Other agents answer with their last words",
    arguments: [
      (#"{"criteria":[]}"#, true), ("Here it is:\n```json\n{\"a\":\n1}\n```\nDone.", true), ("text\n{\"a\":1}\n", true),
      ("{\"a\":1} and more", false), ("[1]", false), ("", false), ("```\nno\n```", false),
    ])
  func answers(_ text: String, _ isAnswer: Bool) {
    #expect((AgentOutcome(result: .claimsDone, finalText: text).answer != nil) == isAnswer)
  }

  @Test("Settings choose the program, add arguments and replace the permissions and variables")
  func claudeSettings() throws {
    let settings = AgentSettings(
      name: "mine", adapter: "claude-code", command: ["/opt/claude", "--flag"],
      arguments: ["--dangerously-skip-permissions"],
      environment: ["API_TIMEOUT_MS": "7", "ANTHROPIC_API_KEY": "k", "ORCH_TASK": "forged"], model: "haiku")
    let start = try ClaudeCodeAdapter().start(context(settings))
    #expect(start.executable == "/opt/claude")
    #expect(start.arguments.prefix(2) == ["--flag", "-p"])
    #expect(!start.arguments.contains("--permission-mode"))
    #expect(start.arguments.contains("haiku") && start.arguments.last == "--dangerously-skip-permissions")
    #expect(start.environment["API_TIMEOUT_MS"] == "7")
    #expect(start.environment["ORCH_TASK"] == "billing/E05")
    #expect(start.environment["CLAUDE_CONFIG_DIR"] != nil)
    #expect(!start.arguments.contains("--session-id"))
  }

  @Test(
    "A session id that is no UUID is refused before the CLI refuses it",
    arguments: ["", "x", "--resume", "9da5a39c-2f92-4bc3-afee-4aab8d43b38g"])
  func malformedSession(_ id: String) {
    #expect(throws: AgentError.malformedSession(id)) { try ClaudeCodeAdapter().resume(context(), session: id) }
  }

  @Test("A command gets the prompt on standard input and every variable of the contract")
  func command() throws {
    let settings = AgentSettings(name: "fake", adapter: "command", command: ["prog", "a"], arguments: ["b"])
    let start = try CommandAdapter().start(context(settings))
    #expect(start.executable == "prog" && start.arguments == ["a", "b"])
    #expect(start.input == .file("/runs/1/prompt.md"))
    let names = ["TASK", "ATTEMPT", "PLAN", "WORKTREE", "BRANCH", "BASE", "PROMPT_FILE"].map { "ORCH_" + $0 }
    #expect(Set(names).isSubset(of: start.environment.keys))
    #expect(throws: AgentError.noCommand(agent: "x")) { try CommandAdapter().start(context(AgentSettings(name: "x"))) }
  }

  @Test("The registry knows the built-in agents, the configured ones, and what is wrong with the rest")
  func registry() throws {
    let registry = AgentRegistry([
      AgentSettings(name: "fake", adapter: "command", command: ["p"], fallback: ["a", "b"]),
      AgentSettings(name: "a", command: ["q"], fallback: ["fake", "claude-code"]),
      AgentSettings(name: "b", adapter: "frob"), AgentSettings(name: "claude-code", model: "opus"),
    ])
    #expect(registry.names == (AgentRegistry.adapterNames + ["a", "b", "fake"]).sorted())
    #expect(try registry.agent(named: "claude-code").settings.model == "opus")
    #expect(try registry.agent(named: "fake").adapter.name == "command")
    #expect(try registry.agent(named: "a").adapter.name == "command")
    #expect(try registry.agent(named: "script").adapter.name == "script")
    #expect(throws: AgentError.unknownAgent("zz", known: registry.names)) { try registry.agent(named: "zz") }
    #expect(throws: AgentError.unknownAdapter("frob", agent: "b", known: AgentRegistry.adapterNames)) {
      try registry.agent(named: "b")
    }
    #expect(registry.chain(from: "fake") == ["fake", "a", "b", "claude-code"])
  }
}
