import OrchAgents
import OrchGit
import OrchConfig
import OrchDomain
import OrchSchedule
import OrchStore

// Reads the budget from the store, asks it, and writes down what it says, in one transaction: two turns that begin at
// the same time never both get the last of it, and a process that is killed leaves nothing half done.
extension OpenProject {
  /// Asks for leave to begin a turn, and sets aside what it will probably use.
  func reserve(_ task: StoredTask, _ turn: Turn) throws -> Budget.Answer {
    let now = clock.now()
    var answer = Budget.Answer.granted(.zero)
    try write { tx throws(StoreError) in
      guard let attempt = try tx.attempt(turn.task, turn.attempt) else { return }
      var budget = try book.budget(tx, now)
      let payers = try book.add(attempt, of: task, to: &budget, tx, now)
      let estimate = TurnEstimate.amount(
        from: try tx.recentTurns(agent: attempt.agent), floor: book.reservationFloor(attempt.agent))
      answer = budget.reserve(Budget.Turn(turn), payers: payers, estimate: estimate)
      if case .granted(let amount) = answer {
        try tx.reserve(amount, task: turn.task, attempt: turn.attempt, turn: turn.number)
      }
      try tell(budget.levels(payers), tx, now)
    }
    return answer
  }

  /// Charges what a turn has used so far.
  ///
  /// - Returns: The limit that is reached, by this turn or by others.
  func record(_ use: Usage, of turn: Turn, _ task: StoredTask) throws -> BudgetLevel? {
    var reached: BudgetLevel?
    try write { tx throws(StoreError) in reached = try charge(use, to: turn, of: task, tx, at: clock.now()) }
    return reached
  }

  /// - Returns: The limit that is reached, by this turn or by others.
  func charge(
    _ use: Usage, to turn: Turn, of task: StoredTask, _ tx: borrowing StoreTransaction, at now: Timestamp
  ) throws(StoreError) -> BudgetLevel? {
    try tx.recordUsage(
      turn.task, attempt: turn.attempt, turn: turn.number, total: use, day: clock.day(of: now), run: payer?.key, at: now
    )
    guard let attempt = try tx.attempt(turn.task, turn.attempt) else { return nil }
    var budget = try book.budget(tx, now)
    let payers = try book.add(attempt, of: task, to: &budget, tx, now)
    try tell(budget.levels(payers), tx, now)
    return budget.reached(payers)
  }

  /// The limit that keeps an attempt from going on; nil when none does.
  func reachedLimit(_ task: StoredTask) throws -> BudgetLevel? {
    let now = clock.now()
    return try store.read(row) { tx throws(StoreError) in
      guard let attempt = try tx.latestAttempt(of: task.id) else { return nil }
      var budget = try book.budget(tx, now)
      // By itself: as an argument it would be asked of the budget as it was before.
      let payers = try book.add(attempt, of: task, to: &budget, tx, now)
      return budget.reached(payers)
    }
  }

  /// What a turn that has begun may spend before one of its limits is reached; nil without a limit.
  func costLeft(_ task: StoredTask, _ turn: Turn) throws -> MicroUSD? {
    let now = clock.now()
    return try store.read(row) { tx throws(StoreError) in
      guard let attempt = try tx.attempt(turn.task, turn.attempt) else { return nil }
      var budget = try book.budget(tx, now)
      _ = try book.add(attempt, of: task, to: &budget, tx, now)
      return budget.left(Budget.Turn(turn), .cost).map { MicroUSD($0) }
    }
  }

  /// Whether a run may start another task.
  func mayBegin() throws -> Budget.Answer {
    let now = clock.now()
    return try store.read(row) { tx throws(StoreError) in
      var budget = try book.budget(tx, now)
      let agent = options.agent ?? settings.general.agent
      let estimate = TurnEstimate.amount(from: try tx.recentTurns(agent: agent), floor: book.reservationFloor(agent))
      if let level = runTimeReached { return .reached(level) }
      // A turn of nobody, that is asked about and never begins.
      let turn = Budget.Turn(task: TaskID(module: "", number: 0), attempt: 0, number: 0)
      return budget.reserve(turn, payers: book.sharedPayers(now), estimate: estimate)
    }
  }

  /// The limit on the run's own time on the clock; nil while it is not reached.
  var runTimeReached: BudgetLevel? { book.runTimeReached }

  /// What this run has used.
  func spentByRun() throws -> Usage {
    guard let payer else { return .zero }
    return try store.read(row) { tx throws(StoreError) in try tx.spending(.run, payer.key)?.spent } ?? .zero
  }

  /// What a turn has used, from what its stream told.
  func usage(_ attempt: LiveAttempt, _ turn: Turn, _ outcome: AgentOutcome, seconds: Int) -> Usage {
    let seat = seat(attempt, turn)
    let prices = PriceTable(settings.agent(named: seat.agent).prices)
    let used = TurnUsage(
      of: outcome, after: attempt.used(before: turn),
      price: (seat.model ?? outcome.model).flatMap(prices.price(of:)))
    return Usage(cost: used.cost, tokens: used.tokens, seconds: seconds)
  }

  /// Parks work that a limit keeps from going on, with everything that it has.
  func parkAtLimit(_ id: TaskID, _ level: BudgetLevel) throws {
    let now = clock.now()
    let until = level.account.scope == .day ? clock.nextDay(after: now) : nil
    try park(id, reason: level.reason(for: id), until: until, failure: .budget)
  }

  /// An attempt has got somewhere: what it spends from now on is counted anew.
  func markProgress(_ id: TaskID, attempt number: Int, head: String?) throws {
    let now = clock.now()
    try write { tx throws(StoreError) in
      guard let attempt = try tx.attempt(id, number) else { return }
      try tx.setProgressMark(ProgressMark(head: head, used: attempt.usage, at: now), task: id, attempt: number)
    }
  }

  /// Takes note of new commits on an attempt's branch: what it spent before them counts no longer against the limit on
  /// spending without progress.
  func noteCommits(_ attempt: LiveAttempt) async throws {
    guard settings.limits.costWithoutProgress != nil else { return }
    let head = try await repository.commitID(ofRef: "refs/heads/\(attempt.branch)")
    let mark = try store.read(row) { tx throws(StoreError) in
      try tx.progressMark(attempt.task, attempt: attempt.number)
    }
    // A branch that still stands where it began has got nowhere.
    guard let head, head != mark?.head ?? attempt.baseCommit else { return }
    try markProgress(attempt.task, attempt: attempt.number, head: head)
  }

  private var book: BudgetBook {
    BudgetBook(settings: settings, clock: clock, options: options, payer: payer, store: store, row: row)
  }
}

// What people are told of limits.
extension OpenProject {
  /// Tells, once for each limit, that most of it is used, and that all of it is.
  fileprivate func tell(
    _ levels: [BudgetLevel], _ tx: borrowing StoreTransaction, _ now: Timestamp
  ) throws(StoreError) {
    for level in levels {
      let isReached = level.spent >= level.limit
      guard isReached || level.percent >= OpenProject.noticePercent else { continue }
      var isNew = false
      for percent in isReached ? [OpenProject.noticePercent, 100] : [OpenProject.noticePercent] {
        isNew = try tx.takeNotice(
          level.account.scope, level.account.key, level.measure, percent: percent, limit: level.limit, at: now)
      }
      guard isNew else { continue }
      try tx.appendEvent(
        .budgetReached,
        data: [
          "scope": .string(level.account.scope.rawValue), "key": .string(level.account.key),
          "measure": .string(level.measure.rawValue),
          "percent": .int(isReached ? 100 : Int64(OpenProject.noticePercent)),
          "spent": .int(level.spent), "limit": .int(level.limit), "text": .string(level.text),
        ], at: now)
    }
  }

  private static let noticePercent = 80
}

extension BudgetLevel {
  /// Why a task is parked, and what to do about it.
  func reason(for id: TaskID) -> String {
    switch account.scope {
    case .progress:
      "\(text) are spent; look at `claude-orch logs \(id)`, then `claude-orch resume \(id)` lets it go on"
    case .day: "\(text) are used; it goes on the next day, or raise \(key) and `claude-orch start`"
    case .run: "\(text) are used; `claude-orch start` goes on in the same session"
    case .project, .task, .attempt: "\(text) are used; raise \(key) and `claude-orch start`"
    }
  }
}

extension Budget.Turn {
  init(_ turn: OrchStore.Turn) { self.init(task: turn.task, attempt: turn.attempt, number: turn.number) }
}
