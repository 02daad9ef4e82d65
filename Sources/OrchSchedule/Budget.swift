package import OrchDomain

/// Decides whether a turn of an agent may begin, and when the ones that go on have to pause.
///
/// A turn begins only while everything that is spent and set aside, its own reservation included, is within each of its
/// limits. So whatever the turns in flight do afterwards, nobody can spend more than the limit plus, for every turn in
/// flight at the last beginning, what it used beyond its own reservation:
///
///     spent <= limit + sum of max(0, used - reserved) over the turns in flight
///
/// Once the limit is reached nothing begins, and what goes on is asked to stop at the next line that tells a use.
package struct Budget: Hashable, Sendable {
  /// Names a turn.
  package struct Turn: Hashable, Sendable {
    package let task: TaskID
    package let attempt: Int
    package let number: Int

    package init(task: TaskID, attempt: Int, number: Int) {
      self.task = task
      self.attempt = attempt
      self.number = number
    }
  }

  /// The answer to a turn that wants to begin.
  package enum Answer: Hashable, Sendable {
    /// This much is set aside for it.
    case granted(BudgetAmount)
    /// Others have to end first: what they hold is not theirs for ever.
    case wait(BudgetLevel)
    case reached(BudgetLevel)
  }

  private struct Line: Hashable, Sendable {
    var limit: Allowance
    var spent: BudgetAmount
  }

  private struct Flight: Hashable, Sendable {
    var payers: [BudgetAccount]
    var reserved: BudgetAmount
    /// Charged already.
    var used: BudgetAmount

    /// What of the reservation is still to come.
    func rest(_ measure: BudgetMeasure) -> Int64 { max(0, reserved[measure].subtractingSaturated(used[measure])) }
  }

  private var lines: [BudgetAccount: Line] = [:]
  private var flights: [Turn: Flight] = [:]

  package init() {}

  /// Sets what an account may use and has used so far.
  package mutating func set(_ account: BudgetAccount, limit: Allowance, spent: BudgetAmount) {
    lines[account] = Line(limit: limit, spent: spent)
  }

  /// Adds a turn in flight whose use is charged already.
  package mutating func add(
    _ turn: Turn, payers: [BudgetAccount], reserved: BudgetAmount, used: BudgetAmount
  ) {
    flights[turn] = Flight(payers: payers, reserved: reserved, used: used)
  }

  /// Sets `estimate` aside for a turn, if there is room for it.
  ///
  /// A turn that nobody else pays beside may begin with whatever is left: it is stopped when that is used up.
  package mutating func reserve(_ turn: Turn, payers: [BudgetAccount], estimate: BudgetAmount) -> Answer {
    flights[turn] = nil
    if let level = reached(payers) { return .reached(level) }
    var amount = estimate
    for measure in BudgetMeasure.allCases {
      for account in payers {
        guard let left = left(account, measure) else { continue }
        if estimate[measure] > left, let level = level(account, measure), isShared(account) { return .wait(level) }
        amount[measure] = max(0, min(amount[measure], left))
      }
    }
    flights[turn] = Flight(payers: payers, reserved: amount, used: .zero)
    return .granted(amount)
  }

  /// Charges what a turn has used in total so far, less what was charged before.
  package mutating func record(_ turn: Turn, total: BudgetAmount) {
    guard var flight = flights[turn] else { return }
    for account in flight.payers {
      guard var line = lines[account] else { continue }
      for measure in BudgetMeasure.allCases {
        let new = total[measure].subtractingSaturated(flight.used[measure])
        line.spent[measure] = line.spent[measure].addingSaturated(new)
      }
      lines[account] = line
    }
    flight.used = total
    flights[turn] = flight
  }

  /// A turn has ended: it is charged its total, and what was set aside for it is free again.
  package mutating func settle(_ turn: Turn, total: BudgetAmount) {
    record(turn, total: total)
    flights[turn] = nil
  }

  /// The first limit of these accounts that is used up; nil when work may go on.
  package func reached(_ accounts: [BudgetAccount]) -> BudgetLevel? {
    levels(accounts).first { $0.spent >= $0.limit }
  }

  /// Every limit of these accounts with what is used of it.
  package func levels(_ accounts: [BudgetAccount]) -> [BudgetLevel] {
    accounts.flatMap { account in BudgetMeasure.allCases.compactMap { level(account, $0) } }
  }

  /// What a turn may use before one of its limits is reached, with what others hold taken off; nil without a limit.
  package func left(_ turn: Turn, _ measure: BudgetMeasure) -> Int64? {
    guard let flight = flights[turn] else { return nil }
    return flight.payers.compactMap { left($0, measure, except: turn) }.min()
  }

  private func level(_ account: BudgetAccount, _ measure: BudgetMeasure) -> BudgetLevel? {
    guard let line = lines[account], let limit = line.limit[measure] else { return nil }
    return BudgetLevel(account, measure, spent: line.spent[measure], limit: limit)
  }

  private func left(_ account: BudgetAccount, _ measure: BudgetMeasure, except turn: Turn? = nil) -> Int64? {
    guard let level = level(account, measure) else { return nil }
    let held = flights.reduce(Int64(0)) { sum, flight in
      flight.key == turn || !flight.value.payers.contains(account)
        ? sum : sum.addingSaturated(flight.value.rest(measure))
    }
    return level.limit.subtractingSaturated(level.spent).subtractingSaturated(held)
  }

  private func isShared(_ account: BudgetAccount) -> Bool {
    flights.values.contains { $0.payers.contains(account) }
  }
}
