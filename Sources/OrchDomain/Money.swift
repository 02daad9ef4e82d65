/// An amount of money in millionths of a US dollar: 2.50 USD is 2_500_000.
package struct MicroUSD: Hashable, Sendable, Comparable, Codable, AdditiveArithmetic {
  package var amount: Int64

  package init(_ amount: Int64) { self.amount = amount }

  /// Rounds to the nearest millionth. Values that no bill can reach are clamped.
  package init(usd: Double) {
    amount = usd.isFinite ? Int64((max(-9e12, min(9e12, usd * 1_000_000))).rounded()) : 0
  }

  package static let zero = MicroUSD(0)
  /// The amount in US dollars.
  package var usd: Double { Double(amount) / 1_000_000 }

  package static func < (a: MicroUSD, b: MicroUSD) -> Bool { a.amount < b.amount }
  package static func + (a: MicroUSD, b: MicroUSD) -> MicroUSD { MicroUSD(a.amount &+ b.amount) }
  package static func - (a: MicroUSD, b: MicroUSD) -> MicroUSD { MicroUSD(a.amount &- b.amount) }
}

/// Tokens used, in the four classes that vendors bill apart.
package struct TokenUsage: Hashable, Sendable, Codable, AdditiveArithmetic {
  package var input: Int
  package var cacheWrite: Int
  package var cacheRead: Int
  package var output: Int

  package init(input: Int = 0, cacheWrite: Int = 0, cacheRead: Int = 0, output: Int = 0) {
    self.input = input
    self.cacheWrite = cacheWrite
    self.cacheRead = cacheRead
    self.output = output
  }

  package static let zero = TokenUsage()
  package var total: Int { input + cacheWrite + cacheRead + output }

  package static func + (a: TokenUsage, b: TokenUsage) -> TokenUsage {
    TokenUsage(
      input: a.input + b.input, cacheWrite: a.cacheWrite + b.cacheWrite, cacheRead: a.cacheRead + b.cacheRead,
      output: a.output + b.output)
  }
  package static func - (a: TokenUsage, b: TokenUsage) -> TokenUsage {
    TokenUsage(
      input: a.input - b.input, cacheWrite: a.cacheWrite - b.cacheWrite, cacheRead: a.cacheRead - b.cacheRead,
      output: a.output - b.output)
  }
}
