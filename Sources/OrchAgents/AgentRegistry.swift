/// Finds the adapter of a configured agent.
package struct AgentRegistry: Sendable {
  private static let adapters: [any AgentAdapter] = [
    ClaudeCodeAdapter(), CommandAdapter(), ScriptAdapter(), TableAdapter.aider, TableAdapter.codex,
    TableAdapter.copilot,
    TableAdapter.cursor, TableAdapter.gemini, TableAdapter.goose, TableAdapter.kimi, TableAdapter.mini,
    TableAdapter.opencode, TableAdapter.qwen,
  ]

  private let agents: [String: AgentSettings]

  /// Every adapter is an agent by its own name too, unless the configuration says something else about that name.
  package init(_ configured: [AgentSettings] = []) {
    var agents: [String: AgentSettings] = [:]
    for adapter in Self.adapters { agents[adapter.name] = AgentSettings(name: adapter.name) }
    for settings in configured { agents[settings.name] = settings }
    self.agents = agents
  }

  /// The names of all agents, sorted.
  package var names: [String] { agents.keys.sorted() }

  package static var adapterNames: [String] { adapters.map(\.name).sorted() }

  /// The agent called `name`.
  package func agent(
    named name: String
  ) throws(AgentError) -> (adapter: any AgentAdapter, settings: AgentSettings) {
    guard let settings = agents[name] else { throw .unknownAgent(name, known: names) }
    var wanted = settings.adapter ?? settings.name
    // A table with a program and no adapter can only mean that program.
    if settings.adapter == nil, !settings.command.isEmpty, !Self.adapterNames.contains(wanted) { wanted = "command" }
    guard let adapter = Self.adapters.first(where: { $0.name == wanted }) else {
      throw .unknownAdapter(wanted, agent: name, known: Self.adapterNames)
    }
    return (adapter, settings)
  }

  /// The agent called `name`; nil when there is none, or none that could be started.
  package func known(_ name: String) -> (adapter: any AgentAdapter, settings: AgentSettings)? {
    do throws(AgentError) {
      return try agent(named: name)
    } catch {
      return nil
    }
  }

  /// `name` and its fallbacks in the order of trying, each once, however the configuration refers back to itself.
  package func chain(from name: String) -> [String] {
    var result: [String] = []
    var waiting = [name]
    while !waiting.isEmpty {
      let next = waiting.removeFirst()
      guard !result.contains(next) else { continue }
      result.append(next)
      waiting += agents[next]?.fallback ?? []
    }
    return result
  }
}
