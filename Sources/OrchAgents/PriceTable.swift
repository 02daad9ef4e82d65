package import OrchDomain

/// What models cost, for agents that count tokens and name no price. The configuration wins over what is built in.
package struct PriceTable: Hashable, Sendable {
  private let own: [String: ModelPrice]

  /// - Parameter own: By the name of the model, as the configuration writes it.
  package init(_ own: [String: ModelPrice] = [:]) { self.own = own }

  /// nil for a model that nobody has named a price for: no price is better than a wrong one.
  package func price(of model: String) -> ModelPrice? {
    own[model] ?? own[Self.plain(model)] ?? Self.builtIn[Self.plain(model)]
  }

  /// `anthropic/claude-opus-4-5-20251101` and `claude-opus-4-5[1m]` are `claude-opus-4-5`.
  static func plain(_ model: String) -> String {
    var name = model.lowercased()[...]
    if let slash = name.lastIndex(of: "/") { name = name[name.index(after: slash)...] }
    if let bracket = name.firstIndex(of: "[") { name = name[..<bracket] }
    if let at = name.firstIndex(of: "@") { name = name[..<at] }
    for suffix in ["-latest", "-preview"] where name.hasSuffix(suffix) { name = name.dropLast(suffix.count) }
    for date in ["-dddddddd", "-dddd-dd-dd"] {
      let end = name.suffix(date.count)
      let isDate = zip(end, date).allSatisfy { $0 == $1 || ($1 == "d" && $0.isNumber) }
      if isDate, end.count == date.count { name = name.dropLast(date.count) }
    }
    return String(name)
  }

  /// List prices in US dollars per million tokens: input, cache write, cache read, output. As of November 2026; those
  /// of Claude are what the CLI itself counts with.
  static let builtIn: [String: ModelPrice] = [
    "claude-opus-5-5": .init(usd: 4, cacheWrite: 5, cacheRead: 0.2, output: 20),
    "claude-opus-5": .init(usd: 5, cacheWrite: 6.25, cacheRead: 0.5, output: 25),
    "claude-opus-4-8": .init(usd: 5, cacheWrite: 6.25, cacheRead: 0.5, output: 25),
    "claude-opus-4-7": .init(usd: 5, cacheWrite: 6.25, cacheRead: 0.5, output: 25),
    "claude-opus-4-6": .init(usd: 5, cacheWrite: 6.25, cacheRead: 0.5, output: 25),
    "claude-opus-4-5": .init(usd: 5, cacheWrite: 6.25, cacheRead: 0.5, output: 25),
    "claude-opus-4-1": .init(usd: 15, cacheWrite: 18.75, cacheRead: 1.5, output: 75),
    "claude-sonnet-5-5": .init(usd: 2, cacheWrite: 2.5, cacheRead: 0.1, output: 10),
    "claude-sonnet-5": .init(usd: 2, cacheWrite: 2.5, cacheRead: 0.2, output: 10),
    "claude-sonnet-4-6": .init(usd: 3, cacheWrite: 3.75, cacheRead: 0.3, output: 15),
    "claude-sonnet-4-5": .init(usd: 3, cacheWrite: 3.75, cacheRead: 0.3, output: 15),
    "claude-haiku-5-5": .init(usd: 0.1, cacheWrite: 0.125, cacheRead: 0.01, output: 0.5),
    "claude-haiku-4-5": .init(usd: 1, cacheWrite: 1.25, cacheRead: 0.1, output: 5),
    "gpt-6.1-sol": .init(usd: 2, cacheWrite: 2.5, cacheRead: 0.1, output: 10),
    "gpt-6.1-terra": .init(usd: 1, cacheWrite: 1.25, cacheRead: 0.05, output: 5),
    "gpt-6-astra": .init(usd: 10, cacheWrite: 12.5, cacheRead: 1, output: 50),
    "gpt-6-sol": .init(usd: 2, cacheWrite: 2.5, cacheRead: 0.2, output: 10),
    "gpt-6-luna": .init(usd: 0.1, cacheWrite: 0.125, cacheRead: 0.01, output: 0.5),
    "gpt-5.6": .init(usd: 4, cacheWrite: 5, cacheRead: 0.4, output: 20),
    "gpt-5.5": .init(usd: 5, cacheWrite: 5, cacheRead: 0.5, output: 30),
    "gpt-5.4": .init(usd: 2.5, cacheWrite: 2.5, cacheRead: 0.25, output: 15),
    "gpt-5.4-mini": .init(usd: 0.75, cacheWrite: 0.75, cacheRead: 0.075, output: 4.5),
    "gpt-5.3-codex": .init(usd: 1.75, cacheWrite: 1.75, cacheRead: 0.175, output: 14),
    "gpt-5.2-codex": .init(usd: 1.75, cacheWrite: 1.75, cacheRead: 0.175, output: 14),
    "gpt-5.2": .init(usd: 1.75, cacheWrite: 1.75, cacheRead: 0.175, output: 14),
    "gpt-5.1-codex": .init(usd: 1.25, cacheWrite: 1.25, cacheRead: 0.125, output: 10),
    "gpt-5.1": .init(usd: 1.25, cacheWrite: 1.25, cacheRead: 0.125, output: 10),
    "gpt-5-codex": .init(usd: 1.25, cacheWrite: 1.25, cacheRead: 0.125, output: 10),
    "gpt-5": .init(usd: 1.25, cacheWrite: 1.25, cacheRead: 0.125, output: 10),
    "gpt-5-mini": .init(usd: 0.25, cacheWrite: 0.25, cacheRead: 0.025, output: 2),
    "o3": .init(usd: 2, cacheWrite: 2, cacheRead: 0.5, output: 8),
    "o4-mini": .init(usd: 1.1, cacheWrite: 1.1, cacheRead: 0.275, output: 4.4),
    "gemini-3.8-flash": .init(usd: 0.75, cacheWrite: 0.75, cacheRead: 0.075, output: 3.75),
    "gemini-3.7-flash": .init(usd: 0.75, cacheWrite: 0.75, cacheRead: 0.075, output: 3.75),
    "gemini-3.5-flash": .init(usd: 1.5, cacheWrite: 1.5, cacheRead: 0.15, output: 9),
    "gemini-3.1-pro": .init(usd: 2, cacheWrite: 2, cacheRead: 0.2, output: 12),
    "gemini-2.5-pro": .init(usd: 1.25, cacheWrite: 1.25, cacheRead: 0.125, output: 10),
    "gemini-2.5-flash": .init(usd: 0.3, cacheWrite: 0.3, cacheRead: 0.03, output: 2.5),
    "kimi-k3": .init(usd: 3, cacheWrite: 3, cacheRead: 0.3, output: 15),
    "kimi-k2.7-code": .init(usd: 0.95, cacheWrite: 0.95, cacheRead: 0.19, output: 4),
    "kimi-k2.6": .init(usd: 0.95, cacheWrite: 0.95, cacheRead: 0.16, output: 4),
    "kimi-k2.5": .init(usd: 0.6, cacheWrite: 0.6, cacheRead: 0.1, output: 3),
    "qwen3.8-max": .init(usd: 2, cacheWrite: 2, cacheRead: 0.25, output: 6),
    "qwen3.7-max": .init(usd: 2.5, cacheWrite: 3.125, cacheRead: 0.5, output: 7.5),
    "deepseek-v4-pro": .init(usd: 1.32, cacheWrite: 1.32, cacheRead: 0.044, output: 3.96),
    "deepseek-v4-flash": .init(usd: 0.3, cacheWrite: 0.3, cacheRead: 0.006, output: 1.2),
    "deepseek-chat": .init(usd: 0.28, cacheWrite: 0.28, cacheRead: 0.028, output: 0.42),
  ]
}
