import OrchConfig
import OrchAgents
package import OrchDomain
import OrchFiles
import OrchReview
package import OrchStore

// Everything that the engine reads and writes about tasks and attempts. Each function is one transaction, so that a
// decision, its record and its event are there together or not at all.
extension OpenProject {
  /// A task, also one whose plan has gone: what is under way is brought to its end.
  package func task(_ id: TaskID) throws -> StoredTask {
    if let task = try store.read(row, { tx throws(StoreError) in try tx.task(id, includingRemoved: true) }) {
      return task
    }
    return try view.task(id)
  }

  package func tasks(in states: Set<TaskState>) throws -> [StoredTask] {
    try store.tasks(row, TaskFilter(states: states))
  }

  func attempt(_ id: TaskID) throws -> LiveAttempt? {
    try store.read(row) { tx throws(StoreError) in
      guard let record = try tx.latestAttempt(of: id) else { return nil }
      return LiveAttempt(record, turns: try tx.turns(of: id, attempt: record.number), paths: paths)
    }
  }

  /// Moves a task and tells whoever watches.
  func move(
    _ id: TaskID, from: Set<TaskState>, to: TaskState, reason: String? = nil, until: Timestamp? = nil,
    failure: FailureClass? = nil, data: [String: EventValue] = [:]
  ) throws {
    try write { tx throws(StoreError) in
      try tx.transition(
        id, from: from, to: to, reason: reason, parkedUntil: until, failureClass: failure, data: data, at: clock.now())
    }
  }

  func park(_ id: TaskID, reason: String, until: Timestamp? = nil, failure: FailureClass? = nil) throws {
    try move(id, from: Set(TaskState.allCases), to: .parked, reason: reason, until: until, failure: failure)
  }

  /// Parks a task that holds a slot.
  ///
  /// - Returns: Where it is then: somebody else may have settled it in the meantime.
  func parkUnderWay(_ id: TaskID, reason: String) throws -> TaskState {
    do {
      try move(id, from: Set(TaskState.allCases.filter(\.holdsSlot)), to: .parked, reason: reason)
      return .parked
    } catch StoreError.stale(_, _, let actual) {
      return actual
    }
  }

  func setStuck(_ id: TaskID, reason: String, failure: FailureClass) throws {
    try move(id, from: Set(TaskState.allCases), to: .stuck, reason: reason, failure: failure)
  }

  /// Records a new attempt and makes its task `preparing`.
  func beginAttempt(_ task: StoredTask, agent: String, model: String?) throws {
    let now = clock.now()
    let (session, runID) = (makeUUID(), makeUUID())
    try write { tx throws(StoreError) in
      let attempt = try tx.beginAttempt(task.id, agent: agent, at: now) { attempt in
        attempt.model = model
        attempt.session = session
        attempt.runID = runID
        attempt.branch = task.id.branch
        attempt.worktree = paths.worktree(task.id, attempt: attempt.number)
        attempt.runDirectory = paths.run(task.id, attempt: attempt.number)
        attempt.planHash = task.plan.contentHash
        attempt.batch = batch
      }
      try tx.transition(
        task.id, from: [.queued], to: .preparing, attempt: attempt.number, data: ["agent": .string(agent)], at: now)
    }
  }

  func setBase(_ attempt: LiveAttempt, commit: String) throws -> LiveAttempt {
    let record = try store.write(row) { tx throws(StoreError) in
      try tx.updateAttempt(attempt.task, attempt.number) { $0.baseCommit = commit }
    }
    return LiveAttempt(record, turns: attempt.turns, paths: paths)
  }

  func setSession(_ attempt: LiveAttempt, _ session: String) throws {
    guard attempt.record.session != session else { return }
    _ = try store.write(row) { tx throws(StoreError) in
      try tx.updateAttempt(attempt.task, attempt.number) { $0.session = session }
    }
  }

  /// Writes the prompt of the next turn and records the turn; the task goes on to `state`.
  ///
  /// The files come first: a turn that the store knows always has its prompt. They are written under the store's write
  /// lock, after a look whether the attempt is where the caller saw it, so nobody else prepares the same turn.
  ///
  /// - Parameters:
  ///   - expected: The states in which the caller's decision holds.
  ///   - seen: The change that the decision is about, as the caller saw it; nil when it is about none.
  ///   - choice: Who works in a session of its own from now on; nil to stay in the one before.
  ///   - reviewer: The session of a reviewer, which is not the attempt's.
  ///   - extra: More files beside the prompt, by name.
  ///   - told: Facts of the forge that the prompt tells, so that it tells them once.
  ///   - link: By which a person sent the work back; used up with it.
  /// - Throws: ``StoreError/stale(_:expected:actual:)`` when somebody else was faster; nothing is written then.
  func beginTurn(
    _ attempt: LiveAttempt, from expected: Set<TaskState> = Set(TaskState.allCases), of seen: Change? = nil,
    reason: TurnReason,
    prompt: String, state: TaskState, base: String? = nil, summary: String? = nil, session choice: AgentChoice? = nil,
    reviewer: String? = nil, inputs extra: [String: [UInt8]] = [:], told: (change: Change, facts: [String])? = nil,
    link: DecisionLink.Use? = nil
  ) throws {
    let number = (attempt.latestTurn?.number ?? 0) + 1
    // A reviewer is not whom people write to.
    let messages = try reason == .acceptance ? [] : waitingMessages(for: attempt.task)
    let prompt = messages.isEmpty ? prompt : mask.masked(prompt + MessageText.section(messages))
    let hasFeedback = reason != .start && reason != .newSession && reason != .acceptance
    let files = TurnFiles(
      directory: paths.turn(attempt.task, attempt: attempt.number, turn: number),
      inputs: paths.input(attempt.task, attempt: attempt.number, turn: number),
      content: extra.merging(["prompt.md": Array(prompt.utf8)]) { $1 }
        .merging(hasFeedback ? ["feedback.md": Array(prompt.utf8)] : [:]) { $1 })
    let now = clock.now()
    let session = makeUUID()
    try write(alsoThrowing: { tx in
      guard let actual = try tx.task(attempt.task, includingRemoved: true)?.state else {
        throw StoreError.unknownTask(attempt.task)
      }
      guard expected.contains(actual), try tx.attempt(attempt.task, attempt.number)?.turn == number - 1,
        try seen == nil || seen == tx.unfinishedChange(of: attempt.task)
      else {
        throw StoreError.stale(attempt.task, expected: expected, actual: actual)
      }
      if let link { try link.record(.reject, tx, at: now) }
      try files.write()
      try tx.updateAttempt(attempt.task, attempt.number) { record in
        if let base { record.baseCommit = base }
        guard let choice else { return }
        record.agent = choice.agent
        record.model = choice.model
        record.session = session
      }
      _ = try tx.beginTurn(attempt.task, attempt: attempt.number, purpose: reason.rawValue, at: now) { turn in
        turn.runDirectory = files.directory
        turn.feedbackPath = hasFeedback ? "\(files.inputs)/feedback.md" : nil
        if let reviewer { turn.session = reviewer }
      }
      try tx.deliverMessages(
        messages.map(\.number), to: attempt.task, attempt: attempt.number, turn: number, at: now)
      if let told { try tx.addToldFacts(told.facts, ofChange: told.change.number, at: now) }
      if let change = try tx.unfinishedChange(of: attempt.task), state == .fixing {
        try tx.updateChange(change.number, from: Set(Change.State.allCases), to: .rejected, at: now) { change in
          change.approvedBy = nil
          change.landingCommit = nil
          change.testedTree = nil
          if let summary { change.rejectedReason = summary }
        }
      }
      try tx.transition(
        attempt.task, from: expected, to: state, reason: summary, attempt: attempt.number,
        data: [
          "turn": EventValue(number), "purpose": .string(reason.rawValue), "agent": EventValue(choice?.agent),
        ], at: now)
    })
  }

  /// Records how a turn ended and settles what it cost.
  ///
  /// - Parameters:
  ///   - elapsed: How long it ran; by the clock when nil.
  ///   - name: Of the outcome; nil leaves it to what the agent says.
  func endTurn(
    _ attempt: LiveAttempt, _ turn: Turn, outcome: AgentOutcome, exit: AgentExit, elapsed: Duration? = nil,
    name: String? = nil
  ) throws {
    let now = clock.now()
    var (text, evidence) = ("claims_done", String?.none)
    if case .failed(let failure, let line, _) = outcome.result { (text, evidence) = (failure.rawValue, line) }
    text = name ?? text
    let use = usage(
      attempt, turn, outcome, seconds: Int(max(0, (elapsed ?? now.since(turn.startedAt)).inSeconds)))
    let task = try self.task(attempt.task)
    try write { tx throws(StoreError) in
      _ = try charge(use, to: turn, of: task, tx, at: now)
      try tx.endTurn(
        attempt.task, attempt: attempt.number, turn.number, exit: exit.text, outcome: text,
        evidence: evidence, message: outcome.finalText.isEmpty ? nil : outcome.finalText.bounded(4000), at: now)
    }
  }

  /// Ends an attempt that failed; its task goes on to `next`.
  func failAttempt(
    _ attempt: LiveAttempt, failure: FailureClass, reason: String, preserved: String?, next: TaskState,
    until: Timestamp? = nil
  ) throws {
    let now = clock.now()
    try write { tx throws(StoreError) in
      if let change = try tx.unfinishedChange(of: attempt.task) {
        try tx.updateChange(change.number, from: Set(Change.State.allCases), to: .closed, at: now)
      }
      try tx.endAttempt(
        attempt.task, attempt.number, outcome: .failed, failureClass: failure, detail: reason, at: now
      ) { $0.preservedRef = preserved }
      try tx.transition(
        attempt.task, from: Set(TaskState.allCases), to: next, reason: reason, parkedUntil: until,
        failureClass: next == .ready ? nil : failure, attempt: attempt.number, at: now)
    }
  }

  /// One transaction, and then its events to whoever watches.
  func write(_ body: (borrowing StoreTransaction) throws(StoreError) -> Void) throws {
    // A result other than Void, because the compiler crashes on the thunk that it makes for Void here (6.3.1).
    _ = try store.write(row) { tx throws(StoreError) -> Bool in
      try body(tx)
      return true
    }
    try feed.publish(from: store, row, to: observer)
  }

  /// The same for a body that also does what can fail otherwise, and whose own error comes out.
  private func write(alsoThrowing body: (borrowing StoreTransaction) throws -> Void) throws {
    var failure: (any Error)?
    do {
      try write { tx throws(StoreError) in
        do {
          try body(tx)
        } catch let error as StoreError {
          throw error
        } catch {
          failure = error
          throw .abandoned("\(error)")
        }
      }
    } catch { throw failure ?? error }
  }
}
