package import OrchDomain

/// Why an agent cannot be started. Every text says what to do.
package enum AgentError: Error, Hashable, CustomStringConvertible {
  case unknownAgent(String, known: [String])
  case unknownAdapter(String, agent: String, known: [String])
  /// The `command` adapter without a program.
  case noCommand(agent: String)
  /// A plan without a `bash run` block.
  case noScriptBlocks(plan: String)
  /// The CLI would not take this id, or take it for an option.
  case malformedSession(String)
  /// A file with MCP servers that is missing, or not one.
  case badMCPConfig(path: String)
  /// The adapter starts every turn anew.
  case cannotResume(agent: String)

  /// The class of the failure that this is for the task.
  package var failureClass: FailureClass {
    switch self {
    case .noScriptBlocks: .noWork
    case .cannotResume, .malformedSession: .crash
    case .unknownAgent, .unknownAdapter, .noCommand, .badMCPConfig: .environment
    }
  }

  package var description: String {
    switch self {
    case .unknownAgent(let name, let known):
      "no agent is called '\(name)'; known agents: \(known.joined(separator: ", ")). Add [agents.\(name)] to the "
        + "configuration or name another agent"
    case .unknownAdapter(let name, let agent, let known):
      "agent '\(agent)' asks for the adapter '\(name)', which does not exist; set [agents.\(agent)] adapter to one of "
        + known.joined(separator: ", ")
    case .noCommand(let agent):
      "agent '\(agent)' has no program; set [agents.\(agent)] command = [\"program\", \"argument\"]"
    case .noScriptBlocks(let plan):
      "\(plan) has no fenced shell block marked 'bash run', so the script agent has nothing to do; mark the blocks to "
        + "run, or choose another agent"
    case .malformedSession(let id):
      "'\(SafeText.line(id, limit: 80))' cannot be the id of a session; start the attempt anew"
    case .badMCPConfig(let path):
      "\(path) is missing or holds no JSON object with \"mcpServers\"; repair it, or take it out of `mcp_config`"
    case .cannotResume(let agent):
      "agent '\(agent)' has no sessions to resume; start the turn anew"
    }
  }
}
