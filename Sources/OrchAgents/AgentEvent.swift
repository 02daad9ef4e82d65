package import OrchDomain

/// One thing that an agent did or said, in the order in which it told.
package enum AgentEvent: Hashable, Sendable {
  case session(String)
  case text(String)
  case toolUse(name: String, summary: String)
  case toolResult(isError: Bool, summary: String)
  /// The CLI repeats a request by itself.
  case retry(status: Int?, reason: String, delay: Duration)
  /// - Parameter isRejected: false for a mere warning.
  case rateLimited(isRejected: Bool, until: Timestamp?)
  case denied(tool: String, reason: String)
  /// Tokens so far, or of the whole run behind the last line.
  case usage(TokenUsage, cost: MicroUSD?)
  case note(String)
}

extension AgentEvent {
  /// The longest line of ``rendered``, in characters.
  package static let lineLimit = 400

  /// One readable line for `logs`, safe for a terminal.
  package var rendered: String {
    switch self {
    case .session(let id): line("session \(id)")
    case .text(let text): line(text)
    case .toolUse(let name, let summary): line(summary.isEmpty ? "> \(name)" : "> \(name): \(summary)")
    case .toolResult(false, let summary): line(summary.isEmpty ? "  ok" : "  \(summary)")
    case .toolResult(true, let summary): line(summary.isEmpty ? "  failed" : "  failed: \(summary)")
    case .retry(let status, let reason, let delay):
      line("! \(reason)\(status.map { " (\($0))" } ?? ""), trying again in \(delay.text)")
    case .rateLimited(let isRejected, let until):
      line("! \(isRejected ? "rate limit reached" : "close to the rate limit")" + resetText(until))
    case .denied(let tool, let reason): line("! \(tool) was denied" + (reason.isEmpty ? "" : ": \(reason)"))
    case .usage(let usage, let cost): line(usageText(usage, cost))
    case .note(let text): line("- \(text)")
    }
  }

  private func line(_ text: String) -> String { SafeText.line(text.bounded(8000), limit: Self.lineLimit) }

  private func resetText(_ until: Timestamp?) -> String { until.map { ", resets \($0.rfc3339)" } ?? "" }

  private func usageText(_ usage: TokenUsage, _ cost: MicroUSD?) -> String {
    let tokens =
      "tokens: \(usage.input) in, \(usage.cacheWrite) cache write, \(usage.cacheRead) cache read, "
      + "\(usage.output) out"
    guard let cost else { return "= \(tokens)" }
    let cents = max(0, cost.amount.addingReportingOverflow(50).partialValue) / 100
    return "= \(tokens); \(cents / 10_000).\(pad(Int(cents % 10_000), 4)) USD in this session"
  }
}

extension String {
  /// At most about `limit` bytes from the start, cut between characters' scalars; cheap for a text of megabytes.
  package func bounded(_ limit: Int) -> String {
    utf8.count <= limit ? self : String(decoding: utf8.prefix(limit), as: UTF8.self)
  }
}
