import OrchAgents
import OrchConfig
import OrchDomain

/// An agent with the model that it is asked for.
struct AgentChoice: Hashable, Sendable {
  var agent: String
  var model: String?
}

/// Finds the agent that works on a task: the one that it asks for, or, where that one cannot work, the next one of
/// its `fallback`.
struct AgentPicker: Sendable {
  var registry: AgentRegistry
  var settings: Settings
  /// What `start` was told; wins over plan and configuration.
  var options: RunOptions
  /// All that are known; some may be over.
  var cooldowns: [Cooldown]
  var now: Timestamp
  /// Whether the program of an agent is there.
  var isInstalled: @Sendable (String) -> Bool

  /// The agents for a task in the order of trying. A model that was chosen for the task is meant for the first alone.
  func chain(for plan: PlanTask) -> [AgentChoice] {
    let first = options.agent ?? plan.agent ?? settings.general.agent
    return registry.chain(from: first).map { name in
      let model = settings.agent(named: name).model
      return AgentChoice(agent: name, model: name == first ? options.model ?? plan.model ?? model : model)
    }
  }

  /// What keeps work away from an agent; nil when nothing does.
  func cooldown(of choice: AgentChoice) -> Cooldown? {
    cooldowns.filter { $0.holds(at: now) && $0.covers(choice.agent, choice.model) }.max { $0.until < $1.until }
  }

  /// The agent that begins now: the first one that works. Where none does, the first one fails for a reason that a
  /// person can read.
  func pick(for plan: PlanTask) -> AgentChoice {
    let chain = chain(for: plan)
    return chain.first(where: works) ?? chain[0]
  }

  /// Who can take over an attempt.
  ///
  /// - Parameter tried: Agents that have had a turn in it.
  func next(for plan: PlanTask, after tried: Set<String>) -> AgentChoice? {
    chain(for: plan).first { !tried.contains($0.agent) && works($0) }
  }

  /// The cool-down that is over first when every agent for the task is cooling down; nil when one can begin.
  func wait(for plan: PlanTask) -> Cooldown? {
    var soonest: Cooldown?
    for choice in chain(for: plan) where isUsable(choice.agent) {
      guard let cooldown = cooldown(of: choice) else { return nil }
      if soonest.map({ cooldown.until < $0.until }) ?? true { soonest = cooldown }
    }
    return soonest
  }

  /// What a person has to install before anybody can begin with the task; nil when nothing is missing.
  ///
  /// An agent that does not exist misses no program: its attempt tells what is wrong.
  func missingProgram(for plan: PlanTask) -> String? {
    let chain = chain(for: plan)
    guard !chain.contains(where: { isUsable($0.agent) }) else { return nil }
    return chain.lazy.compactMap { missingProgram(of: $0.agent) }.first
  }

  private func works(_ choice: AgentChoice) -> Bool { isUsable(choice.agent) && cooldown(of: choice) == nil }

  private func isUsable(_ agent: String) -> Bool {
    registry.names.contains(agent) && missingProgram(of: agent) == nil
  }

  private func missingProgram(of agent: String) -> String? {
    guard let (adapter, own) = registry.known(agent), let program = own.command.first ?? adapter.facts.program,
      !isInstalled(program)
    else { return nil }
    let help =
      own.command.isEmpty
      ? "install it (\(adapter.facts.install)), or set [agents.\(agent)] command" : "set [agents.\(agent)] command"
    let place = program.contains("/") ? "there is no such program" : "it was not found in PATH"
    return "agent \(agent) needs the program '\(program)', and \(place); \(help)"
  }
}
