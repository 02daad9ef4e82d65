import OrchConfig
import OrchDomain
import OrchSchedule
import OrchStore

// What is started, and for which order. A `start` has one; the daemon has as many as were submitted and have not ended.
extension Conductor {
  func dispatch(in group: inout ThrowingTaskGroup<Message, any Error>) async throws {
    // Work under way goes first: it was started, so it counts against no limit but the pool's.
    for id in try project.tasksNeedingSlot() where !driven.contains(id) && hasFreeSlot() {
      if await stop.level >= .stop || isOverLimit { break }
      drive(id, in: &group)
    }
    for index in orders.indices where try await mayStartMore(for: index) {
      try await dispatch(order: index, in: &group)
    }
  }

  private func dispatch(
    order index: Int, in group: inout ThrowingTaskGroup<Message, any Error>
  ) async throws {
    guard try readyCount(ofOrder: index) > 0 else { return }
    try select(.order(index))
    var early: [TaskID] = []
    defer { for id in early { frontier.release(id) } }
    while hasFreeSlot(orders[index]), try await mayStartMore(for: index), let id = frontier.take() {
      // Plans that were read again show it as ready before the end of its drive has been taken note of.
      guard !driven.contains(id) else {
        early.append(id)
        continue
      }
      let own = orders[index].project
      if let missing = try own.agentPicker().missingProgram(for: try own.task(id).plan) {
        keepBack(id, missing, order: index)
        continue
      }
      try own.enqueue(id, decidedBy: frontier.drain(), forRun: orders[index].number)
      if !orders[index].summary.started.contains(id) { orders[index].summary.started.append(id) }
      drive(id, in: &group)
    }
  }

  /// A task that nobody can begin with stays as it is: no attempt is spent on a program that is not there.
  private func keepBack(_ id: TaskID, _ missing: String, order index: Int) {
    frontier.release(id)
    frontier.setAgentWait(id, missing)
    orders[index].summary.missing = orders[index].summary.missing ?? missing
    if told.insert(missing).inserted { project.observer(.diagnostic(missing)) }
  }

  private func hasFreeSlot(_ order: Order? = nil) -> Bool {
    let most = order?.options.maxParallel ?? options.maxParallel ?? project.settings.general.maxParallelAgents
    return driven.count < max(1, most)
  }

  func mayStartMore(for index: Int) async throws -> Bool {
    if await stop.level > .none { return false }
    if try project.isPaused() { return false }
    if orders[index].isFull { return false }
    if try project.landingQueue().count >= project.settings.landing.queueDepth { return false }
    heldByDisk = try diskHold()
    if heldByDisk != nil { return false }
    switch try orders[index].project.mayBegin() {
    case .granted:
      orders[index].limitInTheWay = nil
      return true
    case .wait(let level):
      // Somebody holds what is left. When nobody works any more, nobody is going to give it back.
      orders[index].limitInTheWay = driven.isEmpty ? level : nil
      return false
    case .reached(let level):
      orders[index].limitInTheWay = level
      return false
    }
  }

  private func drive(_ id: TaskID, in group: inout ThrowingTaskGroup<Message, any Error>) {
    driven.insert(id)
    touched.insert(id)
    let payer = orders.first { $0.summary.started.contains(id) }?.project ?? project
    let driver = TaskDriver(project: payer, id: id)
    group.addTask {
      do {
        return .driven(id, .success(try await driver.drive()))
      } catch {
        return .driven(id, .failure(error))
      }
    }
  }

  /// Narrows the frontier to what an order may start.
  private func select(_ wanted: Selected) throws {
    guard selected != wanted else { return }
    switch wanted {
    case .nobody: frontier.select([])
    case .order(let index): frontier.select(try selection(ofOrder: index))
    }
    selected = wanted
  }

  /// After the frontier was read anew, or the orders have changed.
  func selectTasks() throws {
    selected = nil
    selections = [:]
    try select(orders.isEmpty ? .nobody : .order(0))
  }

  private func selection(ofOrder index: Int) throws -> Set<TaskID>? {
    if let known = selections[index] { return known }
    let found = try orders[index].selection()
    selections.updateValue(found, forKey: index)
    return found
  }

  /// How many tasks an order could start now.
  func readyCount(ofOrder index: Int) throws -> Int {
    if selected == .order(index) { return frontier.readyCount }
    // A copy, because to narrow the frontier itself is a decision that is recorded.
    var narrowed = frontier.value
    narrowed.select(try selection(ofOrder: index))
    return narrowed.readyCount
  }
}

// The orders of the daemon.
extension Conductor {
  /// Takes up what was submitted since the last look.
  func takeSubmissions() async throws {
    guard servesSubmissions, await stop.level == .none else { return }
    let known = Set(orders.compactMap(\.number))
    let new = try Order.open(in: project).filter { order in order.number.map { !known.contains($0) } ?? false }
    guard !new.isEmpty else { return }
    orders += new
    try selectTasks()
    try await resumeInterrupted()
  }

  /// Writes down what orders came to that have nothing left to wait for.
  func endOrders() async throws {
    // What a graceful stop of the daemon leaves open goes on with the next one.
    guard servesSubmissions, await stop.level == .none else { return }
    var open: [Order] = []
    for index in orders.indices {
      if try await isOver(order: index) { try end(order: index) } else { open.append(orders[index]) }
    }
    guard open.count < orders.count else { return }
    orders = open
    try selectTasks()
  }

  /// Somebody has stopped the whole project: nothing of what was submitted goes on.
  func endStoppedOrders() throws {
    guard servesSubmissions else { return }
    for index in orders.indices {
      orders[index].summary.wasInterrupted = true
      try end(order: index)
    }
    orders = []
  }

  /// Whether all that an order has started waits for a person or is done, and nothing more can be started for it.
  private func isOver(order index: Int) async throws -> Bool {
    for id in orders[index].summary.started where try isUnderWay(id, order: index) { return false }
    // Who names a task that others have started waits for it as well.
    for id in orders[index].options.tasks ?? [] where try isUnderWay(id, order: index) {
      orders[index].followed.insert(id)
      return false
    }
    if try orders[index].isFull || !orders[index].waits() { return true }
    // What others work on may make something possible.
    guard driven.isEmpty, !isQueueRunning else { return false }
    return try await !mayStartMore(for: index) || (try readyCount(ofOrder: index)) == 0
  }

  private func isUnderWay(_ id: TaskID, order index: Int) throws -> Bool {
    let task = try project.task(id)
    if driven.contains(id) || landing.contains(id) || task.state.holdsSlot { return true }
    if task.state == .landing || task.state == .approved && (heldLandings[id] == nil || isPassing(id)) { return true }
    let soon = project.clock.now().advanced(by: orders[index].options.patience)
    return task.state == .parked && task.parkedUntil.map { $0 <= soon } ?? false
  }

  private func end(order index: Int) throws {
    guard let number = orders[index].number else { return }
    let summary = try summarise(index)
    try project.write { tx throws(StoreError) in
      try tx.endRun(number, exitStatus: summary.exitStatus, summary: summary.json.text(), at: project.clock.now())
    }
  }
}

// What orders came to.
extension Conductor {
  func summarise(_ index: Int) throws -> RunSummary {
    let order = orders[index]
    var summary = order.summary
    summary.duration = project.clock.elapsed() - order.began
    let spent = try order.project.spentByRun()
    summary.cost = spent.cost
    summary.tokens = spent.tokens
    let isReady = try readyCount(ofOrder: index) > 0
    // A limit ended the run when it kept something from starting, or from going on.
    if let level = order.limitInTheWay, isOverLimit || isReady {
      summary.endedEarly = "\(level.text) are used; raise \(level.key) to go on"
    }
    summary.redBase = try project.queueRecords().first { $0.state == .redInherited }?.reason
    if summary.endedEarly == nil, let red = summary.redBase {
      summary.endedEarly = "the gate is red on '\(project.baseBranch)' itself: \(red)"
    }
    if summary.endedEarly == nil, frontier.countWithoutAgent > 0, let next = toldCooldowns?.first {
      summary.endedEarly = next.text
    }
    if summary.endedEarly == nil, isReady { summary.endedEarly = heldByDisk }
    if summary.endedEarly == nil { summary.endedEarly = summary.missing }
    if summary.endedEarly == nil, try project.isPaused() { summary.endedEarly = pauseReason() }
    try project.fill(&summary, touched: servesSubmissions ? order.followed.union(summary.started) : touched)
    return summary
  }

  /// What was not started any more is a decision, too; a run that decided nothing leaves no trace.
  func recordRest() throws {
    guard frontier.hasDecided else { return }
    frontier.rest()
    try project.record(frontier.drain())
  }

  /// Why a pause ended the run; nil when there was nothing left to start anyway.
  private func pauseReason() -> String? {
    var unpaused = frontier.value
    unpaused.unpauseAll()
    return unpaused.readyCount == 0
      ? nil : "the project is paused; `claude-orch resume` lets the next `claude-orch start` go on"
  }
}
