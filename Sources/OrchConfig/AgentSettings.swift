package import OrchDomain

/// `[agents.NAME]`: how one agent is started and what it costs.
package struct AgentSettings: Hashable, Sendable {
  /// Nil means the adapter that has the agent's own name.
  package var adapter: String?
  /// Program and first arguments; empty means the adapter's own. A leading `~/` of the program is not expanded here.
  package var command: [String] = []
  /// Added behind the arguments that the adapter makes.
  package var args: [String] = []
  /// Nil means that the agent chooses.
  package var model: String?
  /// Names of environment variables that the agent may see beyond the fixed few.
  package var env: [String] = []
  /// Nil means the agent's own limit.
  package var maxTurns: Int?
  /// Longest wall-clock time of one attempt; nil means ``LimitSettings/attemptTimeout``.
  package var timeout: Duration?
  /// Agents to try instead, in order.
  package var fallback: [String] = []
  /// By model.
  package var prices: [String: ModelPrice] = [:]

  package init() {}
}

/// What a model costs: amounts per million tokens of each class.
package struct ModelPrice: Hashable, Sendable {
  package var input = MicroUSD.zero
  package var cacheWrite = MicroUSD.zero
  package var cacheRead = MicroUSD.zero
  package var output = MicroUSD.zero

  package init() {}

  /// The price of `usage`, rounded to the nearest millionth of a dollar; the greatest amount is never exceeded.
  package func cost(of usage: TokenUsage) -> MicroUSD {
    let parts = [
      (usage.input, input), (usage.cacheWrite, cacheWrite), (usage.cacheRead, cacheRead), (usage.output, output),
    ]
    // The product of two 64-bit numbers fits 128 bits; dividing each one first lets the sum fit as well.
    let whole = parts.reduce(into: (millions: Int128(0), rest: Int128(0))) { total, part in
      let (quotient, rest) = (Int128(part.0) * Int128(part.1.amount)).quotientAndRemainder(dividingBy: 1_000_000)
      total.millions += quotient
      total.rest += rest
    }
    let rounded = whole.millions + (whole.rest + 500_000) / 1_000_000
    return MicroUSD(Int64(clamping: rounded))
  }
}
