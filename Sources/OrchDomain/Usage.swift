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
  package func adding(_ other: Usage) -> Usage {
    Usage(
      cost: cost + other.cost, tokens: tokens + other.tokens, seconds: seconds.addingSaturated(other.seconds))
  }

  package func subtracting(_ other: Usage) -> Usage {
    Usage(
      cost: cost - other.cost, tokens: tokens - other.tokens, seconds: seconds.subtractingSaturated(other.seconds))
  }
}

/// What limits can be set on.
package enum BudgetMeasure: String, Hashable, Sendable, CaseIterable {
  /// In millionths of a US dollar.
  case cost
  /// All four classes together.
  case tokens
  /// Time that agents worked, in seconds.
  case time
}

/// A use of everything that limits can be set on.
package struct BudgetAmount: Hashable, Sendable {
  package var cost: MicroUSD
  package var tokens: Int
  package var seconds: Int

  package init(cost: MicroUSD = .zero, tokens: Int = 0, seconds: Int = 0) {
    self.cost = cost
    self.tokens = tokens
    self.seconds = seconds
  }

  package init(_ usage: Usage) {
    self.init(cost: usage.cost, tokens: usage.tokens.total, seconds: usage.seconds)
  }

  package static let zero = BudgetAmount()

  package subscript(measure: BudgetMeasure) -> Int64 {
    get {
      switch measure {
      case .cost: cost.amount
      case .tokens: Int64(tokens)
      case .time: Int64(seconds)
      }
    }
    set {
      switch measure {
      case .cost: cost = MicroUSD(newValue)
      case .tokens: tokens = Int(newValue)
      case .time: seconds = Int(newValue)
      }
    }
  }
}

/// What a limit holds for.
package enum BudgetScope: String, Hashable, Sendable, CaseIterable {
  /// The whole project, for ever; its key is empty. Has no limit.
  case project
  /// Keyed by the task's id.
  case task
  /// Keyed by the local date, as ``CivilDate/budgetKey`` writes it.
  case day
  /// One `start` or one batch; keyed by when it began, or by the batch's number.
  case run
  /// Keyed by the task's id and the attempt's number.
  case attempt
  /// An attempt since its last commit or green gate; keyed as `attempt`.
  case progress
}

extension CivilDate {
  /// `2026-11-21`: the key of a day's budget.
  package var budgetKey: String { "\(pad(year, 4))-\(pad(month))-\(pad(day))" }
}
