package import OrchDomain

extension ClaudeStreamParser {
  package mutating func finish(exit: AgentExit, stderrTail: String, now: Timestamp?) -> AgentOutcome {
    let (usage, isPartial) = totalUsage
    let denied = (resultLine?["permission_denials"]?.array ?? []).map { $0["tool_name"]?.string ?? "a tool" }
    var outcome = AgentOutcome(
      result: .claimsDone, usage: usage, usageIsPartial: isPartial, cost: cost, costScope: .session, model: model,
      turns: turns, session: session, toolUses: toolUses, deniedTools: denied, finalText: finalText)
    guard let resultLine else {
      let verdict = withoutResult(exit: exit, stderr: stderrTail)
      outcome.lose(session: verdict.losesSession)
      outcome.result = verdict.result
      return outcome
    }
    outcome.structured = resultLine["structured_output"]
    // Anything but a plain `false` counts as an error: what the line does not say, it does not claim.
    if resultLine["is_error"]?.bool != false {
      let verdict = failure(resultLine, exit: exit, now: now)
      outcome.lose(session: verdict.losesSession)
      outcome.result = verdict.result
    } else if !denied.isEmpty {
      let names = denied.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      outcome.result = .failed(
        .permission, evidence: Self.evidence("refused: " + names.joined(separator: ", ")), retryAt: nil)
    }
    return outcome
  }

  private struct Failure {
    var result: AgentOutcome.Result
    var losesSession = false

    init(_ failure: FailureClass, _ evidence: String, retryAt: Timestamp? = nil, losesSession: Bool = false) {
      result = .failed(failure, evidence: ClaudeStreamParser.evidence(evidence), retryAt: retryAt)
      self.losesSession = losesSession
    }
  }

  static func evidence(_ text: String) -> String { SafeText.line(text.bounded(4000), limit: 300) }

  private func failure(_ line: JSONValue, exit: AgentExit, now: Timestamp?) -> Failure {
    let errors = (line["errors"]?.array ?? []).compactMap(\.string)
    let text = line["result"]?.string ?? errors.first ?? "the run ended with an error"
    switch line["subtype"]?.string {
    case "error_max_turns", "error_max_budget_usd": return Failure(.budget, text)
    default: break
    }
    if errors.contains(where: { $0.contains("No conversation found") }) {
      return Failure(.crash, text, losesSession: true)
    }
    if let reason = line["terminal_reason"]?.string, reason.hasPrefix("aborted") {
      return Failure(FailureClass(exit.cause) ?? .crash, "interrupted (\(reason)), \(exit.text)")
    }
    if line["terminal_reason"]?.string == "prompt_too_long" {
      return Failure(.crash, text, losesSession: true)
    }
    let status = line["api_error_status"]?.int
    let kind = line["api_error_type"]?.string ?? ""
    guard let failure = APIFailure.classify(status: status, names: [apiError ?? "", kind], text: text) else {
      // A killed CLI that still wrote a line died of the kill.
      return Failure(FailureClass(exit.cause) ?? .implementation, text)
    }
    let isLimit = failure == .rateLimit
    return Failure(failure, text, retryAt: isLimit ? rejectedUntil ?? ResetTime.find(in: text, now: now) : nil)
  }

  private func withoutResult(exit: AgentExit, stderr: String) -> Failure {
    let lastLine = stderr.split(whereSeparator: \.isNewline).last.map(String.init) ?? ""
    let place = lastLine.isEmpty ? "no result line, \(exit.text)" : "no result line, \(exit.text): \(lastLine)"
    if isRejected { return Failure(.rateLimit, "rate limit reached, \(exit.text)", retryAt: rejectedUntil) }
    if exit.cause != .cancelled, let pendingRetry,
      let failure = APIFailure.classify(status: pendingRetry.status, names: [pendingRetry.reason], text: "")
    {
      return Failure(failure, "died while it repeated a request (\(pendingRetry.reason)), \(exit.text)")
    }
    if let cause = FailureClass(exit.cause) { return Failure(cause, place) }
    if let clue = StderrClue.find(in: stderr) {
      return Failure(clue.failure, clue.line, losesSession: clue.losesSession)
    }
    // Nothing on standard output and an ordinary exit: the CLI refused its command line or is not there.
    if !sawEvent, !exit.isSignal, exit.status != .code(0) { return Failure(.environment, place) }
    return Failure(.crash, place)
  }
}

extension FailureClass {
  /// What it means that the orchestrator stopped the run; nil when it did not.
  init?(_ cause: AgentExit.Cause?) {
    switch cause {
    case .timeout: self = .timeout
    case .stalled: self = .stalled
    case .budget: self = .budget
    case .cancelled: self = .crash
    case nil: return nil
    }
  }
}
