package import OrchDomain

/// What a part of the work has used so far.
package struct Spending: Hashable, Sendable {
  package let scope: BudgetScope
  package let key: String
  package let spent: Usage
  package let updatedAt: Timestamp
}

/// What was set aside for a turn that has not ended.
package struct OpenTurn: Hashable, Sendable {
  package let task: TaskID
  package let attempt: Int
  package let number: Int
  package let reserved: BudgetAmount
  /// What it has used so far; charged already.
  package let used: Usage
}

/// What one turn has used, and who did it.
package struct TurnUse: Hashable, Sendable {
  package let task: TaskID
  package let agent: String
  package let model: String?
  /// nil while it goes on.
  package let endedAt: Timestamp?
  package let usage: Usage
}

/// How far an attempt was when it last got anywhere: at its last new commit, or green gate.
package struct ProgressMark: Hashable, Sendable {
  /// The tip of its branch; nil when it was not looked at.
  package var head: String?
  /// What the attempt had used by then.
  package var used: Usage
  package var at: Timestamp

  package init(head: String?, used: Usage, at: Timestamp) {
    self.head = head
    self.used = used
    self.at = at
  }
}

extension Usage {
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
