import OrchAgents
import OrchDomain
import OrchRandom
import Testing

@Suite("What turns cost")
struct CostTests {
  @Test(
    "Our prices are within one per cent of the vendor's total on every recorded stream that names one",
    arguments: TranscriptTests.cases.filter { ($0.cost ?? 0) > 0 })
  func vendorTotals(_ recorded: TranscriptTests.Case) throws {
    let outcome = run(try fixture(recorded.name), exit: recorded.exit).outcome
    let model = try #require(outcome.model)
    let price = try #require(PriceTable().price(of: model))
    let named = try #require(outcome.cost)
    // The recorded fallback began with another model; the one that answered is the one that is paid.
    let ours = price.cost(of: outcome.usage)
    #expect((ours.amount - named.amount).magnitude * 100 <= named.amount.magnitude, "\(ours) and \(named)")
  }

  @Test(
    "A model is found under the names that people and vendors write",
    arguments: [
      "claude-opus-5-5", "anthropic/claude-opus-5-5", "claude-opus-5-5[1m]", "Claude-Opus-5-5",
      "claude-opus-5-5-20261101",
      "claude-opus-5-5-2026-11-01", "claude-opus-5-5-latest", "vertex/claude-opus-5-5@20261101",
    ])
  func names(_ name: String) {
    #expect(PriceTable().price(of: name)?.output == MicroUSD(usd: 20))
  }

  @Test("The configuration wins over the built-in price, and an unknown model has none")
  func overrides() {
    let own = ModelPrice(usd: 1, cacheWrite: 2, cacheRead: 3, output: 4)
    let table = PriceTable(["gpt-5": own, "openai/mine": own])
    #expect(table.price(of: "gpt-5") == own && table.price(of: "openai/gpt-5") == own)
    #expect(table.price(of: "openai/mine") == own && table.price(of: "mine") == nil)
    #expect(PriceTable().price(of: "stub") == nil && PriceTable().price(of: "") == nil)
    let usage = TokenUsage(input: 1_000_000, cacheWrite: 1_000_000, cacheRead: 1_000_000, output: 1_000_000)
    #expect(own.cost(of: usage) == MicroUSD(usd: 10))
  }

  @Test("Whatever is used, each class has its own price, and the sum is rounded once", arguments: UInt64(0)..<200)
  func anyUsage(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let tokens = (0..<4).map { _ in Int.random(in: 0...20_000_000, using: &random) }
    let amounts = (0..<4).map { _ in Int64.random(in: 0...90_000_000, using: &random) }
    var price = ModelPrice()
    (price.input, price.cacheWrite) = (MicroUSD(amounts[0]), MicroUSD(amounts[1]))
    (price.cacheRead, price.output) = (MicroUSD(amounts[2]), MicroUSD(amounts[3]))
    let usage = TokenUsage(input: tokens[0], cacheWrite: tokens[1], cacheRead: tokens[2], output: tokens[3])
    // In millionths of a millionth: exact.
    let exact = zip(tokens, amounts).reduce(Int128(0)) { $0 + Int128($1.0) * Int128($1.1) }
    let error = Int128(price.cost(of: usage).amount) * 1_000_000 - exact
    #expect(-500_000 < error && error <= 500_000, "off by \(error) millionths of a millionth")
  }

  /// One turn after those in `earlier`: (cost, whether the session's totals hold it).
  private func cost(
    _ named: Int64?, scope: AgentOutcome.Scope = .session, output: Int = 0, after earlier: [(Int64, Bool)]
  ) -> Int64 {
    let outcome = AgentOutcome(
      result: .claimsDone, usage: TokenUsage(output: output), cost: named.map { MicroUSD($0) }, costScope: scope)
    let before = earlier.map { TurnUsage.Earlier(.init(tokens: .zero, cost: MicroUSD($0.0)), isInTotals: $0.1) }
    return TurnUsage(of: outcome, after: before, price: ModelPrice(usd: 0, cacheWrite: 0, cacheRead: 0, output: 1)).cost
      .amount
  }

  @Test("The total of a resumed session is counted once, also when a turn in between was killed")
  func once() {
    #expect(cost(19, after: []) == 19)
    #expect(cost(38, after: [(19, true)]) == 19)
    // Ended by a signal that it could handle: it saved its share, which we had to estimate.
    #expect(cost(70, after: [(19, true), (40, true)]) == 11)
    // Killed outright: the session never heard of its share, so the total grew only by this turn.
    #expect(cost(38, after: [(19, true), (40, false)]) == 19)
    #expect(cost(57, after: [(19, true), (40, false), (19, true)]) == 19)
    // Another session: its totals began anew.
    #expect(cost(5, after: [(19, true)]) == 5)
    #expect(cost(7, scope: .run, after: [(19, true)]) == 7)
    // Nothing was named: tokens at their price.
    #expect(cost(nil, output: 3, after: [(19, true)]) == 3)
  }

  @Test("Tokens that are told for the whole session are counted once, and priced as the turn's own")
  func sessionTokens() {
    let outcome = AgentOutcome(
      result: .claimsDone, usage: TokenUsage(input: 29_932, cacheRead: 5, output: 101), usageScope: .session)
    let first = TurnUsage(tokens: TokenUsage(input: 19_858, output: 75), cost: MicroUSD(1))
    let price = ModelPrice(usd: 1, cacheWrite: 0, cacheRead: 0, output: 0)
    let second = TurnUsage(of: outcome, after: [.init(first, isInTotals: true)], price: price)
    #expect(second.tokens == TokenUsage(input: 10_074, cacheRead: 5, output: 26))
    #expect(second.cost == MicroUSD(10_074))
    let anew = AgentOutcome(result: .claimsDone, usage: TokenUsage(input: 10), usageScope: .session)
    #expect(TurnUsage(of: anew, after: [.init(first, isInTotals: true)], price: nil).tokens.input == 10)
  }

  @Test(
    "However a session goes on, its turns add up to its total and those that were killed", arguments: UInt64(0)..<200)
  func sums(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var saved: Int64 = 0
    var spent: Int64 = 0
    var turns: [(cost: Int64, isInTotals: Bool)] = []
    for _ in 0..<Int.random(in: 1...12, using: &random) {
      let own = Int64.random(in: 0...1000, using: &random)
      switch Int.random(in: 0..<3, using: &random) {
      case 0:
        // Killed: nothing is named, and nothing saved; what was streamed is priced.
        turns.append((cost(nil, output: Int(own), after: turns.map { ($0.cost, $0.isInTotals) }), false))
        spent += own
      case 1:
        // Ended by a signal: nothing is named, all is saved; what was streamed is at most what was spent.
        saved += own
        spent += own
        let streamed = Int(Int64.random(in: 0...own, using: &random))
        turns.append((cost(nil, output: streamed, after: turns.map { ($0.cost, $0.isInTotals) }), true))
      default:
        saved += own
        spent += own
        turns.append((cost(saved, after: turns.map { ($0.cost, $0.isInTotals) }), true))
      }
    }
    saved += 1
    turns.append((cost(saved, after: turns.map { ($0.cost, $0.isInTotals) }), true))
    #expect(turns.map(\.cost).reduce(0, +) == spent + 1)
  }
}
