package import OrchDomain

/// `[limits]`: what work may use.
package struct LimitSettings: Hashable, Sendable {
  /// Longest wall-clock time of one attempt of an agent.
  package var attemptTimeout: Duration = .seconds(2 * 3600)
  /// Largest spend of one run of `start` or of a batch; nil means no limit.
  package var maxCost: MicroUSD?
  /// Longest wall-clock time of one run of `start`; nil means no limit.
  package var maxDuration: Duration?

  package init() {}
}

/// `[retry]`: what happens after an attempt that failed.
package struct RetrySettings: Hashable, Sendable {
  /// Attempts of one task, the first one included.
  package var maxAttempts = 2
  /// Wait before the second attempt; doubles with each further one.
  package var backoff: Duration = .seconds(30)
  /// By class, only those that differ from ``FailureClass/defaultRule``.
  private var classes: [FailureClass: FailureRule] = [:]

  package init() {}

  /// What holds for one class, with what it leaves to this table still nil.
  package subscript(failure: FailureClass) -> FailureRule {
    get { classes[failure] ?? failure.defaultRule }
    set { classes[failure] = newValue == failure.defaultRule ? nil : newValue }
  }
}

/// `[worktree]`: how the checkout of an attempt is made ready. Paths are relative to the project's root.
package struct WorktreeSettings: Hashable, Sendable {
  package var symlinkDirs: [String] = []
  package var copyFiles: [String] = []
  /// Each runs with `/bin/sh -c` in the new worktree, before the agent starts.
  package var setup: [String] = []

  package init() {}
}
