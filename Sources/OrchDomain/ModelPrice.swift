/// What a model costs: amounts per million tokens of each class.
package struct ModelPrice: Hashable, Sendable {
  package var input = MicroUSD.zero
  package var cacheWrite = MicroUSD.zero
  package var cacheRead = MicroUSD.zero
  package var output = MicroUSD.zero

  package init() {}

  /// - Parameter usd: Dollars per million tokens.
  package init(usd input: Double, cacheWrite: Double, cacheRead: Double, output: Double) {
    self.input = MicroUSD(usd: input)
    self.cacheWrite = MicroUSD(usd: cacheWrite)
    self.cacheRead = MicroUSD(usd: cacheRead)
    self.output = MicroUSD(usd: output)
  }

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
