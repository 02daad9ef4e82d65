package import OrchDomain

/// `[[verify.stages]]`: one step of the gate.
package struct VerifyStage: Hashable, Sendable {
  /// Unique among the stages; `setup` makes the checkout ready, any other name proves something.
  package var name = ""
  /// Each runs with `/bin/sh -c` in the worktree; all must exit with 0.
  package var commands: [String] = []
  /// Longest wall-clock time of all commands together; nil gives each the time of `timeout` of `[verify]`.
  package var timeout: Duration?

  package init() {}

  package init(_ name: String, _ commands: [String], timeout: Duration? = nil) {
    self.name = name
    self.commands = commands
    self.timeout = timeout
  }
}

/// How much the look of a second agent counts, at the criteria or at the risk.
package enum LookMode: String, Hashable, Sendable, CaseIterable, Comparable {
  /// Nobody looks.
  case off
  /// What the reviewer finds counts. No report changes nothing.
  case advice
  /// A human is asked unless the reviewer has looked and found all to be well.
  case required

  /// Whether `b` asks for more.
  package static func < (a: LookMode, b: LookMode) -> Bool {
    (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
  }
}

/// `[verify]`: the gate that work must pass before it counts.
package struct VerifySettings: Hashable, Sendable {
  /// The stage `test`. Each runs with `/bin/sh -c` in the worktree; all must exit with 0.
  package var commands: [String] = []
  /// In the order in which they run; those of ``commands`` come behind them.
  package var stages: [VerifyStage] = []
  /// Longest wall-clock time of one command.
  package var timeout: Duration = .seconds(30 * 60)
  /// How often the gate may run for one attempt before the task is stuck: the first run counts.
  package var maxAttempts = 3
  /// Off by default: a check is another run of a model for every change, and nobody has agreed to its bill.
  package var acceptance = LookMode.off
  /// nil means the agent that did the work.
  package var acceptanceAgent: String?
  /// nil means the agent's own model.
  package var acceptanceModel: String?
  /// Longest wall-clock time of one check.
  package var acceptanceTimeout: Duration = .seconds(15 * 60)
  /// Largest spend of one check; nil means no limit of its own.
  package var acceptanceMaxCost: MicroUSD? = MicroUSD(1_000_000)

  package init() {}

  /// The stage that makes a checkout ready.
  package static let setupStage = "setup"
  /// The stage that ``commands`` are.
  package static let testStage = "test"
  /// The stage that the `verify` commands of a plan are.
  package static let planStage = "plan"

  /// Every configured stage, in the order in which they run.
  package var allStages: [VerifyStage] {
    stages + (commands.isEmpty ? [] : [VerifyStage(Self.testStage, commands)])
  }

  /// Whether no stage says anything about the work.
  package var provesNothing: Bool { allStages.allSatisfy { $0.name == Self.setupStage } }
}

/// `[review]`: which changes a human must see. Read from the base commit, never from the branch under review.
package struct ReviewSettings: Hashable, Sendable {
  /// Whether a routine change lands without a human.
  package var autoMerge = true
  /// Globs of paths that always need a human. The defaults are files that steer this tool, agents or CI.
  package var protected = [
    ".claude-orchestrator.toml", ".claude-orchestrator/**", ".claude/**", ".mcp.json", ".github/workflows/**",
  ]
  /// Globs of files whose secrets are made up, so that they stop no change.
  package var allowSecrets: [String] = []
  /// Names of built-in rules that do not count.
  package var disabledRules: [String] = []
  /// Whether files that CODEOWNERS gives to somebody by a pattern of their own need a human.
  package var codeOwners = true
  /// Whether every change of code outside of tests and examples needs a human.
  package var codeNeedsReview = false
  /// Changed lines beyond which a change needs a human.
  package var largeChangeLines = 2000
  package var largeChangeFiles = 100
  /// How long lines that a task landed are watched; 0 switches that off.
  package var lostLinesDays = 7
  /// Whether a reviewer looks at what the rules would let land. Off by default, for the same reason as the acceptance
  /// check, whose agent, model, time and limit it uses.
  package var secondLook = LookMode.off
  package var rules: [ReviewRule] = []

  package init() {}
}

/// `[[review.rules]]`: one rule of the user's own.
package struct ReviewRule: Hashable, Sendable {
  /// Unique among the user's rules.
  package var name = ""
  /// Never `routine`.
  package var category: Verdict.Category = .security
  /// Globs; a changed file that matches one is evidence. When there are words too, both must match.
  package var paths: [String] = []
  /// Literal words looked for in added lines, whatever their case.
  package var words: [String] = []

  package init() {}
}

/// `[landing]`: how a change gets onto the base branch.
package struct LandingSettings: Hashable, Sendable {
  /// The shape of what lands.
  package enum Strategy: String, Hashable, Sendable, CaseIterable {
    case merge, squash, rebase
  }

  /// What has to pass the gate before a change lands.
  package enum Proof: String, Hashable, Sendable, CaseIterable {
    case each, stack
  }

  package var strategy = Strategy.merge
  /// Changes that are merged ahead on top of each other.
  package var depth = 4
  /// Gates of the queue at the same time; nil for one for every two processors.
  package var gates: Int?
  package var prove = Proof.each
  /// Longest time for which changes of a higher priority go first.
  package var starvedAfter = Duration.seconds(3600)
  /// Globs of files in which both sides of a conflict are kept, one behind the other.
  package var unite: [String] = []
  /// Globs of files that are made again, by ``regenerateCommands``, when they conflict.
  package var regenerate: [String] = []
  package var regenerateCommands: [String] = []
  /// Conflicts and red gates at landing before the task is stuck.
  package var maxAttempts = 3
  /// Changes that may wait for landing before no new task starts.
  package var queueDepth = 10

  package init() {}
}
