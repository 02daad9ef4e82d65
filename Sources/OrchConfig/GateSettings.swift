package import OrchDomain

/// `[verify]`: the gate that work must pass before it counts.
package struct VerifySettings: Hashable, Sendable {
  /// Each runs with `/bin/sh -c` in the worktree; all must exit with 0.
  package var commands: [String] = []
  /// Longest wall-clock time of one command.
  package var timeout: Duration = .seconds(30 * 60)
  /// How often the gate may run for one attempt before the task is stuck: the first run counts.
  package var maxAttempts = 3

  package init() {}
}

/// `[review]`: which changes a human must see. Read from the base commit, never from the branch under review.
package struct ReviewSettings: Hashable, Sendable {
  /// Whether a routine change lands without a human.
  package var autoMerge = true
  /// Globs of paths that always need a human. The defaults are files that steer this tool, agents or CI.
  package var protected = [
    ".claude-orchestrator.toml", ".claude-orchestrator/**", ".claude/**", ".mcp.json", ".github/workflows/**",
  ]
  /// Names of built-in rules that do not count.
  package var disabledRules: [String] = []
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
    case merge, squash
  }

  package var strategy = Strategy.merge
  /// Conflicts and red gates at landing before the task is stuck.
  package var maxAttempts = 3
  /// Changes that may wait for landing before no new task starts.
  package var queueDepth = 10

  package init() {}
}

/// `[forge]`: where changes are kept.
package struct ForgeSettings: Hashable, Sendable {
  /// The kinds that the product knows. ``SettingsLoader`` refuses those that this version cannot do.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case local, github
  }

  package var kind = Kind.local

  package init() {}
}
