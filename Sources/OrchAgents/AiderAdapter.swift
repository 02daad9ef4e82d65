import OrchDomain

extension TableAdapter {
  /// aider: `aider --message-file`. Proven with 0.86.2. It prints text for people, commits by itself, and leaves with 0
  /// whatever happened.
  static let aider = TableAdapter(
    name: "aider",
    facts: AdapterFacts(
      program: "aider", install: "pip install aider-chat", proof: .proven(version: "aider 0.86.2", date: "2026-11-27"),
      promptDelivery: "a file that an argument names"),
    environmentNames: vendorKeyNames + ["OPENAI_API_BASE", "AIDER_MODEL", "LITELLM_LOCAL_MODEL_COST_MAP"],
    takesSessionID: true, readsPromptFromInput: false,
    arguments: { run in
      let directory = run.context.sessionDirectory
      return [
        "--message-file", run.context.promptFile, "--yes-always", "--no-check-update", "--no-analytics", "--no-pretty",
        "--no-stream", "--no-gitignore", "--no-show-model-warnings", "--no-show-release-notes", "--no-detect-urls",
        "--no-suggest-shell-commands", "--timeout", run.requestSeconds, "--chat-history-file", "\(directory)/chat.md",
        "--input-history-file", "\(directory)/input",
      ] + run.option("--model", run.model) + (run.resumed == nil ? [] : ["--restore-chat-history"]) + run.own
    },
    stream: StreamTable(text: aiderFacts, success: .told))

  /// `Tokens: 2.5k sent, 1.2k cache hit, 23 received. Cost: $0.0015 message, $0.0034 session.`
  @Sendable private static func aiderFacts(_ line: String) -> [StreamFact]? {
    if line.hasPrefix("litellm.") { return [.trouble(line)] }
    if line.hasPrefix("Applied edit to ") {
      return [.tool(name: "edit", input: .string(String(line.dropFirst("Applied edit to ".count))))]
    }
    if line.hasPrefix("Model: ") { return [.model(String(line.dropFirst(7).prefix { $0 != " " })), .note(line)] }
    guard line.hasPrefix("Tokens: ") else { return nil }
    var usage = TokenUsage.zero
    for part in line.dropFirst(8).split(separator: ",") {
      let words = part.split(separator: " ")
      guard let first = words.first, let count = shortNumber(first) else { continue }
      switch words.dropFirst().joined(separator: " ") {
      case let what where what.hasPrefix("sent"): usage.input = count
      case let what where what.hasPrefix("cache write"): usage.cacheWrite = count
      case let what where what.hasPrefix("cache hit"): usage.cacheRead = count
      case let what where what.hasPrefix("received"): usage.output = count
      default: continue
      }
    }
    var facts: [StreamFact] = []
    let words = line.split(separator: " ")
    if let place = words.firstIndex(where: { $0.hasPrefix("session") }), place > 0, words[place - 1].hasPrefix("$"),
      let dollars = Double(words[place - 1].dropFirst())
    {
      facts.append(.cost(MicroUSD(usd: dollars), adds: false))
    }
    // An answer came, so whatever went wrong before was overcome.
    return facts + [.usage(usage, adds: true), .done]
  }

  /// `23`, `2.5k`, `1.2M`.
  private static func shortNumber(_ text: Substring) -> Int? {
    let factor = text.hasSuffix("k") ? 1000.0 : text.hasSuffix("M") ? 1_000_000.0 : 1
    guard let value = Double(factor == 1 ? text : text.dropLast()), (0...1e9).contains(value) else { return nil }
    return Int(value * factor)
  }
}
