package import OrchDomain

/// What an agent is started for.
package enum AgentPurpose: Hashable, Sendable {
  /// To carry out the plan.
  case work
  /// To look at finished work and answer in the form of a JSON schema. It must not edit anything.
  case acceptance(schema: String)

  package var isWork: Bool { self == .work }
}

/// What an adapter needs to know about one turn of one attempt.
package struct AgentContext: Hashable, Sendable {
  package var task: TaskID
  package var purpose: AgentPurpose
  /// From 1.
  package var attempt: Int
  /// From 1; turns after the first answer a feedback prompt.
  package var turn: Int
  /// `runs/<project>/<task>/<attempt>`: where generated files go.
  package var runDirectory: String
  /// Where the agent CLI keeps its own sessions; the same directory for every run that resumes one session.
  package var sessionDirectory: String
  package var worktree: String
  /// The file that holds the prompt of this turn.
  package var promptFile: String
  /// What that file holds, for a CLI that wants it wrapped in a file of its own.
  package var prompt: String
  /// The plan's path in the worktree, relative to its root.
  package var planPath: String
  package var branch: String
  /// The commit that the branch started from.
  package var base: String
  /// Holds the facts of a later turn; nil on the first.
  package var feedbackFile: String?
  /// The id for a new session. A random UUID that the caller drew: an id made from the task's name would be the same
  /// in every project and every rerun.
  package var session: String?
  package var model: String?
  package var maxTurns: Int?
  /// Largest spend of this run.
  package var maxCost: MicroUSD?
  package var settings: AgentSettings
  /// The environment variables that the caller is going to pass on.
  package var inherited: [String: String]
  /// The MCP servers of the project and of the configuration; nil when there are none.
  package var mcpConfig: MCPConfig?
  /// The plan's fenced shell blocks, in the order of the plan.
  package var scriptBlocks: [ScriptBlock]

  package init(
    task: TaskID, purpose: AgentPurpose = .work, attempt: Int, turn: Int = 1, runDirectory: String,
    sessionDirectory: String? = nil, worktree: String, promptFile: String, prompt: String = "", planPath: String,
    branch: String, base: String, feedbackFile: String? = nil,
    session: String? = nil, model: String? = nil, maxTurns: Int? = nil, maxCost: MicroUSD? = nil,
    settings: AgentSettings, inherited: [String: String] = [:], mcpConfig: MCPConfig? = nil,
    scriptBlocks: [ScriptBlock] = []
  ) {
    self.task = task
    self.purpose = purpose
    self.attempt = attempt
    self.turn = turn
    self.runDirectory = runDirectory
    self.sessionDirectory = sessionDirectory ?? runDirectory + "/session"
    self.worktree = worktree
    self.promptFile = promptFile
    self.prompt = prompt
    self.planPath = planPath
    self.branch = branch
    self.base = base
    self.feedbackFile = feedbackFile
    self.session = session
    self.model = model
    self.maxTurns = maxTurns
    self.maxCost = maxCost
    self.settings = settings
    self.inherited = inherited
    self.mcpConfig = mcpConfig
    self.scriptBlocks = scriptBlocks
  }

  /// The `ORCH_*` variables that every agent process gets (product.md, section 7).
  package var orchEnvironment: [String: String] {
    var result = [
      "ORCH_TASK": task.description, "ORCH_ATTEMPT": String(attempt), "ORCH_PLAN": planPath,
      "ORCH_WORKTREE": worktree, "ORCH_BRANCH": branch, "ORCH_BASE": base, "ORCH_PROMPT_FILE": promptFile,
    ]
    if let feedbackFile { result["ORCH_FEEDBACK_FILE"] = feedbackFile }
    if !purpose.isWork { result["ORCH_PURPOSE"] = "acceptance" }
    return result
  }
}

/// How one agent is configured: `[agents.NAME]`.
package struct AgentSettings: Hashable, Sendable {
  package var name: String
  /// The adapter's name; the agent's own name when nil.
  package var adapter: String?
  /// Program and leading arguments; empty for the adapter's default program.
  package var command: [String]
  /// Appended to what the adapter passes.
  package var arguments: [String]
  /// Names of variables that this agent may see on top of the adapter's own list.
  package var environmentNames: [String]
  /// Variables with their values; they win over what the adapter sets.
  package var environment: [String: String]
  package var model: String?
  package var maxTurns: Int?
  /// Names of the tools that it may use without being asked; empty means those that the adapter allows by itself.
  package var allowedTools: [String]
  /// Longest wait for one answer of the model.
  package var requestTimeout: Duration
  /// How often the CLI itself repeats a request that failed.
  package var requestRetries: Int
  /// Tokens of the longest answer; nil leaves it to the CLI.
  package var maxOutputTokens: Int?
  /// Agents to try when this one is out of order, in this order.
  package var fallback: [String]

  package init(
    name: String, adapter: String? = nil, command: [String] = [], arguments: [String] = [],
    environmentNames: [String] = [], environment: [String: String] = [:], model: String? = nil, maxTurns: Int? = nil,
    allowedTools: [String] = [], requestTimeout: Duration = .seconds(300), requestRetries: Int = 3,
    maxOutputTokens: Int? = nil, fallback: [String] = []
  ) {
    self.name = name
    self.adapter = adapter
    self.command = command
    self.arguments = arguments
    self.environmentNames = environmentNames
    self.environment = environment
    self.model = model
    self.maxTurns = maxTurns
    self.allowedTools = allowedTools
    self.requestTimeout = requestTimeout
    self.requestRetries = requestRetries
    self.maxOutputTokens = maxOutputTokens
    self.fallback = fallback
  }
}
