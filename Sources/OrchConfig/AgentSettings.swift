package import OrchDomain

/// `[agents.NAME]`: how one agent is started and what it costs.
package struct AgentSettings: Hashable, Sendable {
  /// Nil means the adapter that has the agent's own name.
  package var adapter: String?
  /// Program and first arguments; empty means the adapter's own. A leading `~/` of the program is not expanded here.
  package var command: [String] = []
  /// Added behind the arguments that the adapter makes.
  package var args: [String] = []
  /// Nil means that the agent chooses.
  package var model: String?
  /// Names of environment variables that the agent may see beyond the fixed few.
  package var env: [String] = []
  /// Nil means the agent's own limit.
  package var maxTurns: Int?
  /// Empty means those that the adapter allows by itself.
  package var allowedTools: [String] = []
  /// Files in the form of `.mcp.json`, as written.
  package var mcpConfig: [String] = []
  package var requestTimeout = Duration.seconds(300)
  /// Ten silent retries take three minutes; parking is ours to decide, so trouble should be heard of early.
  package var requestRetries = 3
  /// Longest wall-clock time of one attempt; nil means ``LimitSettings/attemptTimeout``.
  package var timeout: Duration?
  /// Agents to try instead, in order.
  package var fallback: [String] = []
  /// By model.
  package var prices: [String: ModelPrice] = [:]

  package init() {}
}
