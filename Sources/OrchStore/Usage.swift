package import OrchDomain

/// What work has used up: money, tokens of all four classes, and seconds of agent time.
package struct Usage: Hashable, Sendable {
  package var cost: MicroUSD
  package var tokens: TokenUsage
  package var seconds: Int

  package init(cost: MicroUSD = .zero, tokens: TokenUsage = .zero, seconds: Int = 0) {
    self.cost = cost
    self.tokens = tokens
    self.seconds = seconds
  }

  package static let zero = Usage()

  /// The sum. What an agent reports is not to be trusted, so it stops at the largest number instead of trapping.
  func adding(_ other: Usage) -> Usage { combined(with: other) { $0.addingReportingOverflow($1) } }

  func subtracting(_ other: Usage) -> Usage { combined(with: other) { $0.subtractingReportingOverflow($1) } }

  private func combined(
    with other: Usage, _ operation: (Int, Int) -> (partialValue: Int, overflow: Bool)
  ) -> Usage {
    func apply(_ a: Int, _ b: Int) -> Int {
      let (value, overflow) = operation(a, b)
      // After an overflow the sign is the wrong one.
      return overflow ? (value < 0 ? .max : .min) : value
    }
    return Usage(
      cost: MicroUSD(Int64(apply(Int(cost.amount), Int(other.cost.amount)))),
      tokens: TokenUsage(
        input: apply(tokens.input, other.tokens.input), cacheWrite: apply(tokens.cacheWrite, other.tokens.cacheWrite),
        cacheRead: apply(tokens.cacheRead, other.tokens.cacheRead), output: apply(tokens.output, other.tokens.output)),
      seconds: apply(seconds, other.seconds))
  }

  var arguments: [StoreTransaction.Argument] {
    [cost.amount, tokens.input, tokens.cacheWrite, tokens.cacheRead, tokens.output, seconds]
  }

  /// For the data of an event.
  package var eventData: [String: EventValue] {
    [
      "cost_micro_usd": .int(cost.amount), "tokens_input": EventValue(tokens.input),
      "tokens_cache_write": EventValue(tokens.cacheWrite), "tokens_cache_read": EventValue(tokens.cacheRead),
      "tokens_output": EventValue(tokens.output), "seconds": EventValue(seconds),
    ]
  }
}

/// What a part of the work has cost so far, and may cost.
package struct Budget: Hashable, Sendable {
  /// What a budget is counted for.
  package enum Scope: String, Hashable, Sendable, CaseIterable {
    /// The whole project, for ever; its key is empty.
    case project
    /// Keyed by the task's id.
    case task
    /// Keyed by the date, as ``CivilDate/budgetKey`` writes it.
    case day
    /// Keyed by the batch's number.
    case batch
  }

  package let scope: Scope
  package let key: String
  package let spent: Usage
  package let limit: MicroUSD?
  package let updatedAt: Timestamp

  /// Whether nothing more may be spent.
  package var isExhausted: Bool { limit.map { spent.cost >= $0 } ?? false }
}

extension CivilDate {
  /// `2026-11-21`: the key of a day's budget.
  package var budgetKey: String { "\(pad(year, 4))-\(pad(month))-\(pad(day))" }
}
