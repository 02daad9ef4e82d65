package import OrchDomain

/// `[limits]`: what work may use.
package struct LimitSettings: Hashable, Sendable {
  /// Longest wall-clock time of one attempt of an agent.
  package var attemptTimeout: Duration = .seconds(2 * 3600)
  // Of one attempt, of all attempts at one task, and of one local day. Nil means no limit. Tokens are those of all four
  // classes together, times those that agents worked.
  package var attemptCost: MicroUSD?
  package var attemptTokens: Int?
  package var attemptTime: Duration?
  package var taskCost: MicroUSD?
  package var taskTokens: Int?
  package var taskTime: Duration?
  package var dayCost: MicroUSD?
  package var dayTokens: Int?
  package var dayTime: Duration?
  /// Largest spend of one run of `start` or of a batch; nil means no limit.
  package var maxCost: MicroUSD?
  package var maxTokens: Int?
  /// Longest wall-clock time of one run of `start`; nil means no limit.
  package var maxDuration: Duration?
  /// Largest spend of an attempt since its last commit or green gate; nil means no limit.
  package var costWithoutProgress: MicroUSD?
  // Set aside for a turn of an agent that has no history here.
  package var reserveCost = MicroUSD(500_000)
  package var reserveTokens = 200_000
  package var reserveTime: Duration = .seconds(600)

  /// Longest time that an agent may get nowhere; nil means for as long as its turn may take.
  package var stallTimeout: Duration? = .seconds(900)

  /// How long a task may wait for a person before there is a reminder; nil means that there is none.
  package var remindAfter: Duration? = .seconds(86_400)

  /// Whether the time that agents work is limited at all.
  package var areTimed: Bool { attemptTime != nil || taskTime != nil || dayTime != nil }

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

/// What to do with a directory that cannot be cloned.
package enum CloneFallback: String, Hashable, Sendable, CaseIterable {
  case skip, copy
}

/// `[worktree]`: how the checkout of an attempt is made ready. Paths are relative to the project's root.
package struct WorktreeSettings: Hashable, Sendable {
  package var symlinkDirs: [String] = []
  package var copyFiles: [String] = []
  /// Directories that git does not track, cloned from the project by sharing their blocks.
  package var cloneDirs: [String] = []
  /// What becomes of them where the file system cannot do that.
  package var cloneFallback = CloneFallback.skip
  /// Each runs with `/bin/sh -c` in the new worktree, before the agent starts.
  package var setup: [String] = []
  /// In a worktree that is used again the commands run only when they, or one of these files, have changed.
  package var setupKeyFiles: [String] = []
  /// Worktrees that are kept for the next attempts with their ignored build output.
  package var poolSize = 0
  /// The ports of an attempt are its own among all that run on this machine; 0 gives it none.
  package var portsPerAttempt = 10
  /// Inclusive, as is ``lastPort``. Below the ports that the system gives to outgoing connections.
  package var firstPort = 20_000
  package var lastPort = 29_999
  /// What all worktrees of the project may take before no new one is made; nil means no limit.
  package var diskQuota: ByteCount?
  /// What must be free on the disk of the worktrees before a new one is made; nil means no limit.
  package var minFreeDisk: ByteCount?

  package init() {}
}
