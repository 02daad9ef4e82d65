package import OrchDomain

/// Why an agent cannot be started. Every text says what to do.
package enum AgentError: Error, Hashable, CustomStringConvertible {
  case unknownAgent(String, known: [String])
  case unknownAdapter(String, agent: String, known: [String])
  /// The `command` adapter without a program.
  case noCommand(agent: String)
  /// A plan without a `bash run` block.
  case noScriptBlocks(plan: String)
  /// The session id is not a UUID.
  case malformedSession(String)
  /// The adapter starts every turn anew.
  case cannotResume(agent: String)

  /// The class of the failure that this is for the task.
  package var failureClass: FailureClass {
    switch self {
    case .noScriptBlocks: .noWork
    case .cannotResume, .malformedSession: .crash
    case .unknownAgent, .unknownAdapter, .noCommand: .environment
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
      "'\(id)' is not a UUID, and Claude Code accepts nothing else as a session id; start the attempt anew"
    case .cannotResume(let agent):
      "agent '\(agent)' has no sessions to resume; start the turn anew"
    }
  }
}
