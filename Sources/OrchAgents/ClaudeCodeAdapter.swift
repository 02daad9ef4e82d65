import OrchDomain

/// The real Claude Code CLI in print mode, with stream-json output.
package struct ClaudeCodeAdapter: AgentAdapter {
  package init() {}

  package var name: String { "claude-code" }
  package var resumes: Bool { true }

  /// Any of these is enough for the CLI to work without the login of the user's own configuration directory.
  private static let credentialNames: Set<String> = [
    "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY",
  ]

  package var environmentNames: [String] {
    Self.credentialNames.sorted() + ["ANTHROPIC_BASE_URL", "ANTHROPIC_MODEL", "CLAUDE_CONFIG_DIR", "IS_SANDBOX"]
  }

  package func start(_ context: AgentContext) throws(AgentError) -> AgentInvocation {
    guard let session = context.session else { return invocation(context, session: []) }
    guard Self.isUUID(session) else { throw .malformedSession(session) }
    return invocation(context, session: ["--session-id", session])
  }

  package func resume(_ context: AgentContext, session: String) throws(AgentError) -> AgentInvocation {
    guard Self.isUUID(session) else { throw .malformedSession(session) }
    return invocation(context, session: ["--resume", session])
  }

  package func makeParser() -> any AgentStreamParser { ClaudeStreamParser() }

  private func invocation(_ context: AgentContext, session: [String]) -> AgentInvocation {
    let settings = context.settings
    var arguments = Array(settings.command.dropFirst())
    // The prompt comes on standard input: as an argument everybody on the machine could read it.
    arguments += ["-p", "--output-format", "stream-json", "--verbose"] + session
    if let model = context.model ?? settings.model { arguments += ["--model", model] }
    if let turns = context.maxTurns ?? settings.maxTurns { arguments += ["--max-turns", String(turns)] }
    if let cost = context.maxCost { arguments += ["--max-budget-usd", Self.dollars(cost)] }
    if let mcp = context.mcpConfig { arguments += ["--mcp-config", mcp.path, "--strict-mcp-config"] }
    arguments += permissions(context)
    arguments += settings.arguments
    var environment = [
      "DISABLE_TELEMETRY": "1", "DISABLE_AUTOUPDATER": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
      // Ten silent retries take three minutes; parking is ours to decide, so it should hear of trouble early.
      "CLAUDE_CODE_MAX_RETRIES": "3",
      "API_TIMEOUT_MS": "300000",
    ]
    var directories: [String] = []
    let passed = context.inheritedNames.union(settings.environment.keys)
    // Without a credential in the environment the only login is the one of the user's own configuration directory.
    if !passed.isDisjoint(with: Self.credentialNames), !passed.contains("CLAUDE_CONFIG_DIR") {
      environment["CLAUDE_CONFIG_DIR"] = context.sessionDirectory
      directories.append(context.sessionDirectory)
    }
    environment.merge(settings.environment) { $1 }
    environment.merge(context.orchEnvironment) { $1 }
    return AgentInvocation(
      executable: settings.command.first ?? "claude", arguments: arguments, environment: environment,
      input: .file(context.promptFile), stopSignal: .terminate, directories: directories)
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
    let servers = (context.mcpConfig?.servers ?? []).map { "mcp__\($0)" }
    let tools = ["Bash", "Edit", "Write", "NotebookEdit", "Read", "Task"] + servers
    return ["--permission-mode", "acceptEdits", "--allowedTools", tools.joined(separator: ",")]
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
