package import OrchDomain

/// What one turn used, when what its agent told may cover the whole session.
package struct TurnUsage: Hashable, Sendable {
  package var tokens: TokenUsage
  package var cost: MicroUSD

  /// A turn before this one, in the same session.
  package struct Earlier: Hashable, Sendable {
    package var used: TurnUsage
    /// Whether the session's totals hold it. They lack a turn that was killed before it could save them.
    package var isInTotals: Bool

    package init(_ used: TurnUsage, isInTotals: Bool) {
      self.used = used
      self.isInTotals = isInTotals
    }
  }

  package init(tokens: TokenUsage, cost: MicroUSD) {
    self.tokens = tokens
    self.cost = cost
  }

  /// The turn's share of what its agent told.
  ///
  /// - Parameter price: Used when the agent named no cost; without it such a turn counts as free.
  package init(of outcome: AgentOutcome, after earlier: [Earlier], price: ModelPrice?) {
    let before = earlier.filter(\.isInTotals).map(\.used)
    let tokensBefore = before.reduce(TokenUsage.zero) { $0 + $1.tokens }
    let costBefore = before.reduce(MicroUSD.zero) { $0 + $1.cost }
    tokens = outcome.usage
    // Totals that fell are those of a session that began anew.
    if outcome.usageScope == .session, tokens.total >= tokensBefore.total {
      tokens = (tokens - tokensBefore).notNegative
    }
    guard let named = outcome.cost else {
      cost = price?.cost(of: tokens) ?? .zero
      return
    }
    cost = outcome.costScope == .session && named >= costBefore ? named - costBefore : named
  }
}

extension TokenUsage {
  fileprivate var notNegative: TokenUsage {
    TokenUsage(
      input: max(0, input), cacheWrite: max(0, cacheWrite), cacheRead: max(0, cacheRead), output: max(0, output))
  }
}
