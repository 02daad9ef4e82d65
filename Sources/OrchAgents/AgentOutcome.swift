package import OrchDomain

/// What one agent process came to, as far as its own output tells.
package struct AgentOutcome: Hashable, Sendable {
  package enum Result: Hashable, Sendable {
    /// The agent says that it is done. A claim: commits and the gate decide.
    case claimsDone
    /// - Parameters:
    ///   - evidence: One line that shows why, safe to print.
    ///   - retryAt: When the vendor says that it will work again.
    case failed(FailureClass, evidence: String, retryAt: Timestamp?)
  }

  /// What a total covers.
  package enum Scope: Hashable, Sendable {
    case run
    /// All runs of the session so far, a resumed one included.
    case session
  }

  package var result: Result
  package var usage: TokenUsage
  package var usageScope: Scope
  /// Whether ``usage`` is a lower bound, because the run ended before it told its totals.
  package var usageIsPartial: Bool
  /// What the CLI named; nil when it named none.
  package var cost: MicroUSD?
  package var costScope: Scope
  /// The model that answered, as the CLI names it; nil when it does not tell.
  package var model: String?
  package var turns: Int
  /// The session to resume; nil when there is none that exists.
  package var session: String?
  /// Whether the session that it was to go on in does not exist, or cannot go on.
  package var sessionIsGone = false
  /// nil when this kind of agent does not tell about its tools.
  package var toolUses: Int?
  /// Names of the tools that were refused, in order, with repetitions.
  package var deniedTools: [String]
  package var finalText: String
  /// What the agent answered in the form that it was asked for, when its CLI tells that apart.
  package var structured: JSONValue?

  package init(
    result: Result, usage: TokenUsage = .zero, usageScope: Scope = .run, usageIsPartial: Bool = false,
    cost: MicroUSD? = nil, costScope: Scope = .run, model: String? = nil, turns: Int = 0, session: String? = nil,
    toolUses: Int? = nil, deniedTools: [String] = [], finalText: String = ""
  ) {
    self.result = result
    self.usage = usage
    self.usageScope = usageScope
    self.usageIsPartial = usageIsPartial
    self.cost = cost
    self.costScope = costScope
    self.model = model
    self.turns = turns
    self.session = session
    self.toolUses = toolUses
    self.deniedTools = deniedTools
    self.finalText = finalText
  }

  /// Notes whether the session cannot be resumed.
  mutating func lose(session isGone: Bool) {
    guard isGone else { return }
    session = nil
    sessionIsGone = true
  }

  /// The JSON value that was asked for: what the CLI told apart, else what the last words are or end in.
  package var answer: JSONValue? { structured ?? JSONAnswer.find(in: finalText) }

  /// nil when the agent claims to be done.
  package var failureClass: FailureClass? {
    guard case .failed(let failure, _, _) = result else { return nil }
    return failure
  }
}
