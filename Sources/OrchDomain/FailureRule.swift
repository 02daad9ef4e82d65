/// What follows an attempt that ended without finished work.
package enum FailureAction: String, Hashable, Sendable, CaseIterable, Codable {
  /// A new attempt, which is told what the ones before it tried.
  case retry
  /// The same attempt goes on in the same session.
  case resume
  /// The next agent of `fallback` goes on in the same worktree.
  case otherAgent = "other_agent"
  /// The attempt waits, for the reset that the vendor names if there is one, and goes on in the same session.
  case park
  /// Nothing more is given to this agent; the task goes on with the next one of `fallback`, or waits for a person.
  case stop
  /// The task waits for a person.
  case ask
}

/// The policy of one failure class: `[retry.classes.CLASS]`.
package struct FailureRule: Hashable, Sendable {
  /// Ends of this class in a row after which the attempt first goes on in the same session, before ``action`` counts.
  package var resumes: Int
  package var action: FailureAction
  /// For `retry` attempts at the task, for `resume` and `park` ends of this class in a row; nil means
  /// `[retry] max_attempts`.
  package var maxAttempts: Int?
  /// The first wait; nil means `[retry] backoff`.
  package var backoff: Duration?

  package init(_ action: FailureAction, resumes: Int = 0, maxAttempts: Int? = nil, backoff: Duration? = nil) {
    self.resumes = resumes
    self.action = action
    self.maxAttempts = maxAttempts
    self.backoff = backoff
  }
}

extension FailureClass {
  /// Whether the vendor says "later": it costs the task nothing.
  package var isLimit: Bool { self == .rateLimit || self == .overloaded }

  /// Whether nobody can work with this agent before a person has done something.
  package var isOutOfOrder: Bool { self == .auth || self == .billing }

  /// What holds when the configuration says nothing.
  package var defaultRule: FailureRule {
    switch self {
    case .rateLimit: FailureRule(.otherAgent, maxAttempts: 100, backoff: .seconds(300))
    case .overloaded: FailureRule(.park, maxAttempts: 100, backoff: .seconds(300))
    case .auth, .billing: FailureRule(.stop, backoff: .seconds(3600))
    case .environment, .permission, .budget, .conflict: FailureRule(.ask)
    case .gate, .noWork: FailureRule(.retry, maxAttempts: 1)
    // Nothing of what is in the worktree and in the session is given up before it was tried to go on from there.
    case .crash: FailureRule(.retry, resumes: 1)
    case .stalled: FailureRule(.ask, resumes: 1)
    case .timeout, .implementation: FailureRule(.retry)
    }
  }
}
