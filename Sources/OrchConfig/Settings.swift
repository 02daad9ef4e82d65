/// Everything that a configuration file can say, with defaults for what it leaves out.
///
/// Paths are as written; ``ConfigPaths`` holds them resolved.
package struct Settings: Hashable, Sendable {
  package var general = GeneralSettings()
  package var claude = ClaudeSettings()
  /// By name, only those that the file describes; ``agent(named:)`` answers for every name.
  package var agents: [String: AgentSettings] = [:]
  package var plans = PlansSettings()
  package var verify = VerifySettings()
  package var review = ReviewSettings()
  package var landing = LandingSettings()
  package var forge = ForgeSettings()
  package var limits = LimitSettings()
  package var retry = RetrySettings()
  package var worktree = WorktreeSettings()
  package var sandbox = SandboxSettings()
  package var prompts = PromptSettings()
  package var notifications = NotificationSettings()
  package var web = WebSettings()
  package var buildPool = BuildPoolSettings()
  package var githubIssues = GitHubIssueSettings()

  package init() {}

  /// What holds when there is no configuration file.
  package static let defaults = Settings()

  /// The settings of one agent with everything inherited: its adapter, and the model of `[claude]`.
  ///
  /// - Returns: Settings whose `adapter` is never nil. Whether such an adapter exists is not known here.
  package func agent(named name: String) -> AgentSettings {
    var agent = agents[name] ?? AgentSettings()
    let adapter = agent.adapter ?? name
    agent.adapter = adapter
    if adapter == GeneralSettings.defaultAgent { agent.model = agent.model ?? claude.model }
    return agent
  }
}

/// `[general]`: where things are, and how much runs at once.
package struct GeneralSettings: Hashable, Sendable {
  /// The agent that works when nothing names another.
  package static let defaultAgent = "claude-code"

  /// Nil means the directory of a project's own file, else what the caller finds.
  package var projectRoot: String?
  /// Nil means `worktrees` in the state directory.
  package var worktreeDir: String?
  package var maxParallelAgents = 3
  /// Nil means `orchestrator.db` in the state directory.
  package var databasePath: String?
  /// The older name of ``agent``; already taken over into it.
  package var executor: String?
  /// The older place of the model of `opencode`; already taken over into ``Settings/agents``.
  package var opencodeModel: String?
  package var agent = GeneralSettings.defaultAgent
  /// Nil means the remote's default branch, else the branch that is checked out.
  package var baseBranch: String?
  /// Nil means `~/.claude-plan-orchestrator`.
  package var stateDir: String?
  /// How long events are kept; nil means for ever.
  package var keepEvents: Duration?

  package init() {}
}

/// `[claude]`: the older section for the default agent.
package struct ClaudeSettings: Hashable, Sendable {
  /// Nil means that the CLI chooses.
  package var model: String?
  /// Nil means that the CLI chooses.
  package var maxTokens: Int?

  package init() {}
}

/// `[plans]`: where the plans are.
package struct PlansSettings: Hashable, Sendable {
  /// Relative to the project's root.
  package var dir = "docs/plans"

  package init() {}
}

/// `[prompts]`: the user's own texts for prompts.
package struct PromptSettings: Hashable, Sendable {
  /// Nil means that only the built-in texts and the project's own directory count.
  package var overrideDir: String?

  package init() {}
}
