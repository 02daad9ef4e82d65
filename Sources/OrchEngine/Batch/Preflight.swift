import OrchAgents
import OrchConfig
package import OrchDomain
package import OrchSchedule
import OrchStore

/// Looks whether a batch can get anywhere before it begins, in the very environment that it was started with.
///
/// The lock is the caller's; what is said here is recorded and told, so that no night is silent.
package struct Preflight: Sendable {
  /// Why nothing can be done.
  package struct Obstacle: Hashable, Sendable {
    /// With what to do about it.
    package var text: String
    /// Whether it is over by itself one day; else somebody has to act.
    package var passes: Bool
  }

  private let project: OpenProject

  package init(project: OpenProject) { self.project = project }

  /// What keeps every task of a batch from going on; nil when something can be done.
  ///
  /// - Parameter end: Until when the batch can wait.
  package func obstacle(_ spec: BatchSpec, end: Timestamp) throws -> Obstacle? {
    if let used = try BudgetBook(project.view, clock: project.clock).levels().first(where: {
      $0.account.scope == .day && $0.percent >= 100
    }) {
      return Obstacle(text: "a limit is used up: \(used.text); raise \(used.key), or wait for tomorrow", passes: true)
    }
    // What is under way or approved can go on without a new worktree or another agent.
    guard try project.tasksNeedingSlot().isEmpty, try project.landingQueue().isEmpty else { return nil }
    if let hold = try project.view.diskBudget().hold { return Obstacle(text: hold, passes: true) }
    return try agents(spec, end)
  }

  private func agents(_ spec: BatchSpec, _ end: Timestamp) throws -> Obstacle? {
    let now = project.clock.now()
    let options = RunOptions(spec)
    let picker = try project.view.agentPicker(options, now: now)
    let waiting = try project.store.tasks(project.row, TaskFilter(states: [.ready])).filter {
      options.modules.isEmpty || options.modules.contains($0.id.module)
    }
    guard !waiting.isEmpty else { return nil }
    let missing = waiting.compactMap { picker.missingProgram(for: $0.plan) }
    if missing.count == waiting.count { return Obstacle(text: missing[0], passes: false) }
    let walls = waiting.compactMap { picker.wait(for: $0.plan) }.filter { $0.until > end }
    guard walls.count + missing.count == waiting.count else { return nil }
    return Obstacle(text: "no agent gets work: \(walls[0].text)", passes: true)
  }

  /// What will probably not work, and is no reason not to try.
  package func doubts(_ spec: BatchSpec) -> [String] {
    let names = project.agents.chain(from: spec.agent ?? project.settings.general.agent)
    return names.compactMap { name in
      guard let (adapter, own) = project.agents.known(name), adapter is ClaudeCodeAdapter,
        !ClaudeCodeAdapter.hasLogin(project.environment.merging(own.environment) { $1 }, isFile: FileTree.isFile)
      else { return nil }
      return "agent \(name) has no login here: neither a token in the environment that the batch was started with nor "
        + "a file where `claude` keeps it; see `claude setup-token`"
    }
  }
}
