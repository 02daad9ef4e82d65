/// An amount of money in millionths of a US dollar: 2.50 USD is 2_500_000.
///
/// Sums stop at the greatest amount instead of overflowing, so that no number that an agent reports can turn a spent
/// budget into an unspent one.
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
  package static func + (a: MicroUSD, b: MicroUSD) -> MicroUSD { MicroUSD(a.amount.addingSaturated(b.amount)) }
  package static func - (a: MicroUSD, b: MicroUSD) -> MicroUSD { MicroUSD(a.amount.subtractingSaturated(b.amount)) }
}

/// Tokens used, in the four classes that vendors bill apart. Sums stop at the greatest number.
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
  package var total: Int {
    input.addingSaturated(cacheWrite).addingSaturated(cacheRead).addingSaturated(output)
  }

  package static func + (a: TokenUsage, b: TokenUsage) -> TokenUsage {
    TokenUsage(
      input: a.input.addingSaturated(b.input), cacheWrite: a.cacheWrite.addingSaturated(b.cacheWrite),
      cacheRead: a.cacheRead.addingSaturated(b.cacheRead),
      output: a.output.addingSaturated(b.output))
  }
  package static func - (a: TokenUsage, b: TokenUsage) -> TokenUsage {
    TokenUsage(
      input: a.input.subtractingSaturated(b.input), cacheWrite: a.cacheWrite.subtractingSaturated(b.cacheWrite),
      cacheRead: a.cacheRead.subtractingSaturated(b.cacheRead),
      output: a.output.subtractingSaturated(b.output))
  }
}
