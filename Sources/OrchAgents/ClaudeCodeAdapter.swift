import OrchDomain

/// The real Claude Code CLI in print mode, with stream-json output.
package struct ClaudeCodeAdapter: AgentAdapter {
  package init() {}

  package var name: String { "claude-code" }
  package var resumes: Bool { true }
  package var facts: AdapterFacts {
    AdapterFacts(
      program: "claude", install: "npm install -g @anthropic-ai/claude-code",
      proof: .proven(version: "2.1.329 (Claude Code)", date: "2026-11-27"),
      // docs/decisions, "nudge".
      nudge: "none: a message is read when the silence is over")
  }

  /// Any of these is enough for the CLI to work without the login of the user's own configuration directory.
  private static let credentialNames: Set<String> = [
    "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY",
  ]

  package var environmentNames: [String] {
    Self.credentialNames.sorted() + [
      "ANTHROPIC_BASE_URL", "ANTHROPIC_MODEL", "CLAUDE_CONFIG_DIR", "CLAUDE_SECURESTORAGE_CONFIG_DIR", "IS_SANDBOX",
    ]
  }

  package var networkHosts: [String] { ["api.anthropic.com", "platform.claude.com"] }

  package func start(_ context: AgentContext) throws(AgentError) -> AgentInvocation {
    guard let session = context.session else { return invocation(context, session: []) }
    guard Self.isUUID(session) else { throw .malformedSession(session) }
    return invocation(context, session: ["--session-id", session])
  }

  package func resume(_ context: AgentContext, session: String) throws(AgentError) -> AgentInvocation {
    guard Self.isUUID(session) else { throw .malformedSession(session) }
    return invocation(context, session: ["--resume", session])
  }

  package func makeParser(session: String?) -> any AgentStreamParser { ClaudeStreamParser() }

  private func invocation(_ context: AgentContext, session: [String]) -> AgentInvocation {
    let settings = context.settings
    var arguments = Array(settings.command.dropFirst())
    // The prompt comes on standard input: as an argument everybody on the machine could read it.
    arguments += ["-p", "--output-format", "stream-json", "--verbose"] + session
    if let model = context.model ?? settings.model { arguments += ["--model", model] }
    if let turns = context.maxTurns ?? settings.maxTurns { arguments += ["--max-turns", String(turns)] }
    if let cost = context.maxCost { arguments += ["--max-budget-usd", Self.dollars(cost)] }
    var files: [AgentInvocation.GeneratedFile] = []
    if let mcp = context.mcpConfig, context.purpose.isWork {
      let path = context.runDirectory + "/mcp-\(context.turn).json"
      files.append(.init(path: path, content: mcp.text))
      arguments += ["--mcp-config", path, "--strict-mcp-config"]
    }
    if case .acceptance(let schema) = context.purpose {
      // Behind the user's own arguments, because no choice of theirs for work may let a reviewer edit.
      arguments += settings.arguments
      let tools = "Read,Grep,Glob"
      arguments += ["--permission-mode", "dontAsk", "--tools", tools, "--allowedTools", tools, "--json-schema", schema]
    } else {
      arguments += permissions(context) + settings.arguments
    }
    let login = login(context)
    var environment = [
      "DISABLE_TELEMETRY": "1", "DISABLE_AUTOUPDATER": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
      "CLAUDE_CODE_MAX_RETRIES": String(settings.requestRetries),
      "API_TIMEOUT_MS": String(settings.requestTimeout.wholeMilliseconds),
    ]
    if let tokens = settings.maxOutputTokens { environment["CLAUDE_CODE_MAX_OUTPUT_TOKENS"] = String(tokens) }
    environment.merge(login.environment) { $1 }
    environment.merge(settings.environment) { $1 }
    environment.merge(context.orchEnvironment) { $1 }
    return AgentInvocation(
      executable: settings.command.first ?? facts.program ?? name, arguments: arguments, environment: environment,
      input: .file(context.promptFile), stopSignal: .terminate, files: files, directories: login.directories,
      loginDirectory: login.directory)
  }

  /// Every attempt has a configuration directory of its own. A login of the user's stays where it is: the CLI reads,
  /// locks and renews it there, together with everybody else who uses it (docs/decisions, "login").
  private func login(
    _ context: AgentContext
  ) -> (environment: [String: String], directories: [String], directory: String?) {
    // Who passes this variable on by name wants the settings, hooks and sessions of that directory.
    guard !context.settings.environmentNames.contains("CLAUDE_CONFIG_DIR") else { return ([:], [], nil) }
    var environment = ["CLAUDE_CONFIG_DIR": context.sessionDirectory]
    let known = context.inherited.merging(context.settings.environment) { $1 }
    guard Self.credentialNames.isDisjoint(with: known.keys) else {
      return (environment, [context.sessionDirectory], nil)
    }
    // Empty means the CLI's own place below the home directory, or the keychain's entry of that name.
    let own = known["CLAUDE_SECURESTORAGE_CONFIG_DIR"] ?? known["CLAUDE_CONFIG_DIR"] ?? ""
    environment["CLAUDE_SECURESTORAGE_CONFIG_DIR"] = own
    return (environment, [context.sessionDirectory], own.isEmpty ? known["HOME"].map { $0 + "/.claude" } : own)
  }

  /// Whether a login can be seen: in a variable, or in the file where the CLI keeps it. A keychain tells nobody.
  package static func hasLogin(_ environment: [String: String], isFile: (String) -> Bool) -> Bool {
    #if os(macOS)
      return true
    #else
      if credentialNames.contains(where: { environment[$0]?.isEmpty == false }) { return true }
      let own = environment["CLAUDE_SECURESTORAGE_CONFIG_DIR"] ?? environment["CLAUDE_CONFIG_DIR"] ?? ""
      let place = own.isEmpty ? environment["HOME"].map { $0 + "/.claude" } : own
      return place.map { isFile($0 + "/.credentials.json") } ?? false
    #endif
  }

  /// Edits in the worktree and the shell are allowed; works as root too, where skipping all checks is refused.
  private func permissions(_ context: AgentContext) -> [String] {
    let own = [
      "--dangerously-skip-permissions", "--permission-mode", "--allowedTools", "--allowed-tools", "--restricted",
    ]
    let isChosen = context.settings.arguments.contains { argument in
      own.contains { argument == $0 || argument.hasPrefix($0 + "=") }
    }
    guard !isChosen else { return [] }
    let configured = context.settings.allowedTools
    let tools = configured.isEmpty ? ["Bash", "Edit", "Write", "NotebookEdit", "Read", "Task"] : configured
    let servers = (context.mcpConfig?.names ?? []).map { "mcp__\($0)" }
    return ["--permission-mode", "acceptEdits", "--allowedTools", (tools + servers).joined(separator: ",")]
  }

  private static func isUUID(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    return parts.map(\.utf8.count) == [8, 4, 4, 4, 12]
      && parts.joined().utf8.allSatisfy { (48...57).contains($0) || (65...70).contains($0) || (97...102).contains($0) }
  }

  /// `2.50`: rounded up to the cent, because a limit of zero would mean something else.
  private static func dollars(_ cost: MicroUSD) -> String {
    let cents = max(1, max(0, min(cost.amount, 1_000_000_000_000)).advanced(by: 9999) / 10_000)
    return "\(cents / 100).\(pad(Int(cents % 100)))"
  }
}
