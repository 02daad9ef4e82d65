import OrchDomain

/// Every key that a configuration file may hold. What is not here is unknown.
///
/// The loader, `doctor`, the example file and docs/configuration.md all come from these tables.
enum KeyTable {
  /// A table with fixed keys.
  struct Section: Sendable {
    /// Dotted.
    let name: String
    /// One sentence.
    let summary: String
    /// Paths are relative to ``name``.
    let keys: [KeySpec<Settings>]
  }

  static let sections: [Section] =
    [
      general, claude, plans, verify, review, landing, forge, limits, retry,
    ] + retryClasses + [worktree, sandbox, prompts] + notifications + older

  /// By full path.
  static let byPath: [String: KeySpec<Settings>] = {
    var result: [String: KeySpec<Settings>] = [:]
    for section in sections {
      for key in section.keys { result["\(section.name).\(key.path)"] = key }
    }
    return result
  }()

  /// Every table with fixed keys and every table around one.
  static let tableNames: Set<String> = {
    var result: Set<String> = []
    for section in sections {
      var name = Substring(section.name)
      result.insert(String(name))
      while let dot = name.lastIndex(of: ".") {
        name = name[..<dot]
        result.insert(String(name))
      }
    }
    return result
  }()

  static let agentKeys: [KeySpec<AgentSettings>] = [
    .optionalText(
      "adapter", \.adapter,
      "How to talk to the agent: `claude-code`, `script`, `command`, ...; empty means the agent's own name"),
    .texts("command", \.command, "Program and first arguments; empty means the adapter's own program"),
    .texts("args", \.args, rule: .anything, "Arguments added behind those that the adapter makes"),
    .optionalText("model", \.model, "Model to ask for; empty leaves the choice to the agent"),
    .texts(
      "env", \.env, rule: .variableName,
      "Names of environment variables that the agent may see beyond `PATH`, `HOME` and the like"),
    .optionalInteger("max_turns", \.maxTurns, upTo: 10_000, "Turns of one session; 0 means the agent's own limit"),
    .texts(
      "allowed_tools", \.allowedTools,
      "Tools that `claude-code` may use without being asked; empty means editing, the shell and sub-agents"),
    .texts(
      "mcp_config", \.mcpConfig, takes: "array of paths",
      "Files like `.mcp.json` with servers for `claude-code` beside the project's own; later ones win"),
    .duration(
      "request_timeout", \.requestTimeout, .seconds(1) ... .seconds(3600),
      "Longest wait for one answer of the model, for adapters whose program can be told"),
    .integer(
      "request_retries", \.requestRetries, 0...100,
      "How often the program itself repeats a failed request before we hear of it, where it can be told"),
    .optionalDuration(
      "timeout", \.timeout, upTo: .seconds(30 * 86_400),
      "Longest time of one attempt; `0s` means `attempt_timeout` of `[limits]`"),
    .texts("fallback", \.fallback, "Agents to try instead when this one cannot work, in order"),
  ]

  static let priceKeys: [KeySpec<ModelPrice>] = [
    .money("input", \.input, "USD per million input tokens"),
    .money("cache_write", \.cacheWrite, "USD per million tokens written to the prompt cache"),
    .money("cache_read", \.cacheRead, "USD per million tokens read from the prompt cache"),
    .money("output", \.output, "USD per million output tokens"),
  ]

  static let ruleKeys: [KeySpec<ReviewRule>] = [
    .text("name", \.name, "Name of the rule, shown with its evidence; required"),
    .choice("category", \.category, except: .routine, "Category of a change that the rule finds; required"),
    .texts("paths", \.paths, "Globs of changed files; when there are words too, both must match"),
    .texts("words", \.words, "Literal words looked for in added lines, whatever their case"),
  ]

  static let stageKeys: [KeySpec<VerifyStage>] = [
    .text(
      "name", \.name, rule: .stageName,
      "Name of the stage, shown with its result; `setup` makes the checkout ready and proves nothing; required"),
    .texts(
      "commands", \.commands, takes: "array of shell commands",
      "Commands that must all exit with 0; the first red one ends the gate; required"),
    .optionalDuration(
      "timeout", \.timeout, upTo: .seconds(86_400),
      "Longest time of the stage; `0s` gives each command that of `[verify]`"),
  ]
}
