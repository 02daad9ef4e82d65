import OrchAgents
import OrchGit
import OrchSchedule
package import OrchDomain
import OrchStore

extension Conductor {
  /// Puts every task that an earlier run left in the middle of something back on its way.
  func recover() async throws {
    // A login or an account may have been put right since; a limit has an end of its own.
    try project.clearCooldowns { !$0.failure.isLimit }
    for task in try project.tasks(in: [.queued]) {
      try project.move(task.id, from: [.queued], to: .ready, reason: "the run that queued it ended")
      try refresh(task.id)
    }
    if !orders.isEmpty { try await resumeInterrupted() }
    try project.resetQueue()
    try await Reconciler(project: project).settleIntents()
    try AttemptSurroundings(project: project).sweep()
    try selectTasks()
  }

  /// Lets go on what has waited for nothing but somebody who starts a run.
  func resumeInterrupted() async throws {
    for task in try project.tasks(in: [.parked]) {
      // A limit that is still in the way is news for whoever starts a run: it has something to do and cannot.
      if task.failureClass == .budget, orders.contains(where: { $0.options.wants(task) }) { touched.insert(task.id) }
      guard try goesOn(task) else { continue }
      try await resume(task.id)
    }
  }

  /// Lets a parked task go on. That one cannot is no reason to keep the others from it.
  private func resume(_ id: TaskID) async throws {
    do {
      try await Resumption(project: project).resume(id)
    } catch let error as StoreError {
      throw error
    } catch {
      project.observer(.diagnostic("\(id): \(error)"))
      try project.setStuck(id, reason: String(describing: error), failure: .environment)
      touched.insert(id)
    }
    try refresh(id)
  }

  /// Whether a parked task has waited for nothing but this run: it was interrupted, or the limit that it met is no
  /// longer in its way.
  private func goesOn(_ task: StoredTask) throws -> Bool {
    if task.reason?.hasPrefix(Interruption.reason) == true { return true }
    return try task.failureClass == .budget && project.reachedLimit(task) == nil
  }

  /// Resumes parked tasks whose time has come.
  func wakeParked() async throws {
    guard await stop.level == .none else { return }
    let now = project.clock.now()
    // A drive that has only just parked its task has not been taken note of yet; a second one must not begin beside it.
    for task in try project.parkedTasks() where !driven.contains(task.id) {
      guard let until = task.parkedUntil, isDue(until, now, task.id) else { continue }
      if let attempt = try project.attempt(task.id), attempt.record.endedAt == nil,
        let cooldown = toldCooldowns?.first(where: { $0.covers(attempt.record.agent, attempt.record.model) }),
        cooldown.holds(at: now)
      {
        let wake = cooldown.wake(task.id, seed: attempt.seed(attempt.latestTurn), now: now)
        try project.park(task.id, reason: cooldown.reason, until: wake, failure: cooldown.failure)
        continue
      }
      try await resume(task.id)
    }
  }

  /// Whether the time has come. Nothing is parked for longer than the longest limit, so one that seems to be was parked
  /// while the clock was wrong.
  private func isDue(_ until: Timestamp, _ now: Timestamp, _ id: TaskID) -> Bool {
    guard until.since(now) > Cooldown.longest else { return until <= now }
    project.observer(
      .diagnostic("\(id) was parked until \(until.rfc3339), more than 8 days from now: the clock was wrong; it goes on")
    )
    return true
  }

  /// Keeps tasks back whose agents get no work, and lets them go again.
  func followCooldowns() throws {
    let agents = try project.agentPicker()
    let holding = agents.cooldowns.filter { $0.holds(at: agents.now) }
    guard holding != toldCooldowns else { return }
    toldCooldowns = holding
    for (id, reason) in try project.view.agentWaits(agents, hasAny: frontier.hasAgentWaits) {
      frontier.setAgentWait(id, reason)
    }
  }

  /// Writes what has changed since the last round into Markdown, as one commit.
  func writeStatuses() async throws {
    if let until = statusesHeldUntil, until > project.clock.elapsed() { return }
    // What waits for a person to choose is not looked at again at every tick.
    let drift = try project.statusDrift()
    guard drift != statusesLeft else { return }
    // An edit that nobody has read yet would be written over.
    if !drift.isEmpty { try await readPlans() }
    try await writeRound()
  }

  /// Writes statuses after the plans were read.
  ///
  /// - Parameter accepted: Tasks whose status a person has set in one place; the others follow.
  func writeRound(also accepted: [TaskID] = []) async throws {
    let now = project.clock.elapsed()
    let drift = try project.statusDrift()
    do {
      let problems = try await StatusWriter(project: project).writeRound(also: accepted)
      // What cannot be written now, such as a read-only plan, is not tried at every tick.
      statusesHeldUntil = problems.isEmpty ? nil : now + .seconds(5)
      statusesLeft = problems.isEmpty ? try project.statusDrift().filter(drift.contains) : nil
      for problem in problems where told.insert(problem).inserted { project.observer(.diagnostic(problem)) }
    } catch let error as StoreError {
      throw error
    } catch {
      let text = "statuses are not written: \(error)"
      if told.insert(text).inserted { project.observer(.diagnostic(text)) }
    }
  }
}

/// What a Ctrl-C leaves behind.
enum Interruption {
  /// The reason of tasks that the next `start` resumes by itself.
  static let reason = "interrupted"
  static let bySignal = "\(reason); `claude-orch start` goes on in the same session"
  static func byLimit(_ level: BudgetLevel) -> String {
    "\(reason) at the limit: \(level.text); `claude-orch start` goes on in the same session"
  }
  static let byStop = "\(reason) by `claude-orch stop`; `claude-orch start` goes on in the same session"
}

/// Lets a parked or stuck task go on where it was.
struct Resumption: Sendable {
  let project: OpenProject

  func resume(_ id: TaskID) async throws {
    let task = try project.task(id)
    guard task.state == .parked || task.state == .stuck else { return }
    guard let held = task.heldState, held.isActive, let attempt = try project.attempt(id), attempt.record.endedAt == nil
    else {
      try project.move(id, from: [task.state], to: try project.isUnblocked(id) ? .ready : .blocked)
      return
    }
    guard held == .running || held == .fixing, attempt.latestTurn?.endedAt != nil else {
      try project.move(id, from: [task.state], to: held)
      return
    }
    let why = task.reason ?? Interruption.reason
    let text = try Prompts(project: project).feedback(.interrupted(reason: why), task, attempt)
    try project.beginTurn(attempt, reason: .resumed, prompt: text, state: .fixing)
  }
}

extension OpenProject {
  /// The tasks that a run is meant for.
  package func selection(_ options: RunOptions) throws -> Set<TaskID> {
    Set(try store.tasks(row).filter(options.wants).map(\.id))
  }

  /// The tasks that a run would start first, in order, with their titles.
  package func preview(_ options: RunOptions) throws -> [(TaskID, String)] {
    var frontier = try frontier()
    if options.isSelective { frontier.select(try selection(options)) }
    let limit = options.count ?? frontier.readyCount
    return try frontier.take(limit).map { ($0, try task($0).plan.title) }
  }
}
