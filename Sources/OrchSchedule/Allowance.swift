package import OrchDomain

/// The most that may be used; nil where there is no limit.
package struct Allowance: Hashable, Sendable {
  package var cost: MicroUSD?
  /// All four classes together.
  package var tokens: Int?
  package var time: Duration?

  package init(cost: MicroUSD? = nil, tokens: Int? = nil, time: Duration? = nil) {
    self.cost = cost
    self.tokens = tokens
    self.time = time
  }

  package static let unlimited = Allowance()

  /// In the unit of the measure; a limit on time is at least one second.
  package subscript(measure: BudgetMeasure) -> Int64? {
    switch measure {
    case .cost: cost?.amount
    case .tokens: tokens.map { Int64($0) }
    case .time: time.map { max(1, $0.wholeMilliseconds / 1000) }
    }
  }
}

/// Whom a use is charged to.
package struct BudgetAccount: Hashable, Sendable, Comparable {
  package let scope: BudgetScope
  package let key: String

  package init(_ scope: BudgetScope, _ key: String) {
    self.scope = scope
    self.key = key
  }

  package static func < (a: BudgetAccount, b: BudgetAccount) -> Bool {
    (a.scope.rawValue, a.key) < (b.scope.rawValue, b.key)
  }
}

/// A limit and how much of it is used.
package struct BudgetLevel: Hashable, Sendable {
  package let account: BudgetAccount
  package let measure: BudgetMeasure
  package let spent: Int64
  package let limit: Int64

  package init(_ account: BudgetAccount, _ measure: BudgetMeasure, spent: Int64, limit: Int64) {
    self.account = account
    self.measure = measure
    self.spent = spent
    self.limit = limit
  }

  /// Whole percent that are used; stops at 999.
  package var percent: Int {
    limit <= 0 ? 999 : Int(min(999, Int128(max(0, spent)) * 100 / Int128(limit)))
  }

  /// `4.10 of 5.00 USD for the day 2026-11-27`
  package var text: String { "\(Self.amount(spent, measure)) of \(Self.amount(limit, measure)) \(unit)\(whose)" }

  /// What a person can change: `day_cost_usd of [limits]`.
  package var key: String {
    switch (account.scope, measure) {
    case (.run, .cost): "max_cost_usd of [limits] or --max-cost"
    case (.run, .tokens): "max_tokens of [limits]"
    case (.run, .time): "max_duration of [limits] or --max-duration"
    case (.progress, _): "cost_without_progress_usd of [limits]"
    case (.attempt, .cost): "attempt_cost_usd of [limits] or max_cost_usd of the plan"
    case (let scope, .cost): "\(scope.rawValue)_cost_usd of [limits]"
    case (let scope, let measure): "\(scope.rawValue)_\(measure.rawValue) of [limits]"
    }
  }

  private var unit: String {
    switch measure {
    case .cost: "USD"
    case .tokens: "tokens"
    case .time: account.scope == .run ? "on the clock" : "of agents' time"
    }
  }

  private var whose: String {
    switch account.scope {
    case .project: " in all"
    case .task: " for the task \(account.key)"
    case .day: " for the day \(account.key)"
    case .run: " for this run"
    case .attempt: " for the attempt \(account.key)"
    case .progress: " since the last commit or green gate"
    }
  }

  private static func amount(_ value: Int64, _ measure: BudgetMeasure) -> String {
    switch measure {
    case .cost: MicroUSD(value).text
    case .tokens: String(value)
    case .time: Duration.seconds(value).text
    }
  }
}

extension MicroUSD {
  /// `4.10`, and up to four digits where they tell more: `0.0123`.
  package var text: String {
    let hundredths = max(0, amount.addingSaturated(50)) / 100
    let digits = pad(Int(hundredths % 10_000), 4)
    return "\(hundredths / 10_000)." + (digits.hasSuffix("00") ? String(digits.prefix(2)) : digits)
  }
}
