import OrchConfig
import OrchDomain
package import OrchSchedule
import OrchStore

/// Makes the budget from what the configuration allows and the store has recorded.
package struct BudgetBook: Sendable {
  let settings: Settings
  let clock: EngineClock
  let options: RunOptions
  let payer: PayingRun?
  let store: Store
  let row: ProjectID

  /// The budget with everything that all work shares, and all turns in flight.
  func budget(_ tx: borrowing StoreTransaction, _ now: Timestamp) throws(StoreError) -> Budget {
    var budget = Budget()
    let limits = settings.limits
    let day = clock.day(of: now).budgetKey
    budget.set(
      BudgetAccount(.day, day),
      limit: Allowance(cost: limits.dayCost, tokens: limits.dayTokens, time: limits.dayTime),
      spent: BudgetAmount(try tx.spending(.day, day)?.spent ?? .zero))
    if let payer {
      budget.set(
        BudgetAccount(.run, payer.key),
        limit: Allowance(cost: options.maxCost ?? limits.maxCost, tokens: limits.maxTokens),
        spent: BudgetAmount(try tx.spending(.run, payer.key)?.spent ?? .zero))
    }
    let shared = sharedPayers(now)
    for open in try tx.openTurns() {
      budget.add(
        Budget.Turn(task: open.task, attempt: open.attempt, number: open.number),
        payers: shared + Self.ownPayers(open.task, open.attempt), reserved: open.reserved,
        used: BudgetAmount(open.used))
    }
    return budget
  }

  /// Adds what one attempt alone pays for.
  ///
  /// - Returns: Everybody who pays for its turns, the narrowest first.
  func add(
    _ attempt: Attempt, of task: StoredTask, to budget: inout Budget, _ tx: borrowing StoreTransaction, _ now: Timestamp
  ) throws(StoreError) -> [BudgetAccount] {
    let limits = settings.limits
    let own = Self.ownPayers(task.id, attempt.number)
    let mark = try tx.progressMark(task.id, attempt: attempt.number)?.used ?? .zero
    budget.set(
      own[0], limit: Allowance(cost: limits.costWithoutProgress),
      spent: BudgetAmount(attempt.usage.subtracting(mark)))
    budget.set(
      own[1],
      limit: Allowance(
        cost: task.plan.maxCost ?? limits.attemptCost, tokens: limits.attemptTokens, time: limits.attemptTime),
      spent: BudgetAmount(attempt.usage))
    budget.set(
      own[2], limit: Allowance(cost: limits.taskCost, tokens: limits.taskTokens, time: limits.taskTime),
      spent: BudgetAmount(try tx.spending(.task, task.id.description)?.spent ?? .zero))
    return own + sharedPayers(now)
  }

  private static func ownPayers(_ id: TaskID, _ attempt: Int) -> [BudgetAccount] {
    let key = "\(id)#\(attempt)"
    return [BudgetAccount(.progress, key), BudgetAccount(.attempt, key), BudgetAccount(.task, id.description)]
  }

  func sharedPayers(_ now: Timestamp) -> [BudgetAccount] {
    let day = BudgetAccount(.day, clock.day(of: now).budgetKey)
    return payer.map { [BudgetAccount(.run, $0.key), day] } ?? [day]
  }

  /// What is set aside for an agent without a history. A script asks no model, so it costs nothing.
  func reservationFloor(_ agent: String) -> BudgetAmount {
    let limits = settings.limits
    let seconds = Int(limits.reserveTime.inSeconds)
    guard (settings.agent(named: agent).adapter ?? agent) != "script" else { return BudgetAmount(seconds: seconds) }
    return BudgetAmount(cost: limits.reserveCost, tokens: limits.reserveTokens, seconds: seconds)
  }

  /// The limit on the run's own time on the clock; nil while it is not reached.
  var runTimeReached: BudgetLevel? {
    guard let payer else { return nil }
    let account = BudgetAccount(.run, payer.key)
    var budget = Budget()
    budget.set(
      account, limit: Allowance(time: options.maxDuration ?? settings.limits.maxDuration),
      spent: BudgetAmount(seconds: Int(max(0, (clock.elapsed() - payer.began).inSeconds))))
    return budget.reached([account])
  }
}

extension BudgetBook {
  /// The book as somebody sees it who only looks.
  package init(_ view: ProjectView, clock: EngineClock) {
    self.init(
      settings: view.place.loaded.settings, clock: clock, options: RunOptions(), payer: nil, store: view.store,
      row: view.row)
  }

  /// Every limit of today, and of the attempts that have not ended, with what is used of it.
  package func levels() throws -> [BudgetLevel] {
    let now = clock.now()
    return try store.read(row) { tx throws(StoreError) in
      var budget = try budget(tx, now)
      var accounts: [BudgetAccount] = []
      for attempt in try tx.openAttempts() {
        guard let task = try tx.task(attempt.task, includingRemoved: true) else { continue }
        accounts += try add(attempt, of: task, to: &budget, tx, now).filter { !accounts.contains($0) }
      }
      let shared = sharedPayers(now)
      return budget.levels(shared + accounts.filter { !shared.contains($0) })
    }
  }
}
