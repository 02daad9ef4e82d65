import OrchDomain

/// The sections whose features this version has.
extension KeyTable {
  private static let day: Duration = .seconds(86_400)

  static let general = Section(
    name: "general", summary: "Where things are, and how much runs at once.",
    keys: [
      .optionalText(
        "project_root", \.general.projectRoot, takes: "path",
        "The project; empty means the directory of a project's own file, else the repository around the current one"),
      .text("agent", \.general.agent, takes: "name", "Agent that works on a task that names none"),
      .optionalText(
        "base_branch", \.general.baseBranch, takes: "branch",
        "Branch that work starts from and lands on; empty means the remote's default, else the one checked out"),
      .integer("max_parallel_agents", \.general.maxParallelAgents, 1...256, "Agents that run at the same time"),
      .optionalText(
        "state_dir", \.general.stateDir, takes: "path",
        "Database, runs and logs; empty means `~/.claude-plan-orchestrator`; `$CLAUDE_ORCH_HOME` wins over both"),
      .optionalText(
        "worktree_dir", \.general.worktreeDir, takes: "path",
        "Checkouts of the agents; empty means `worktrees` in the state directory"),
      .optionalDuration(
        "keep_events", \.general.keepEvents, upTo: .seconds(10 * 366 * 86_400),
        "Age at which `start` takes events out of the log, whose chain goes on; \"0s\" keeps them for ever"),
      .optionalText(
        "database_path", \.general.databasePath, takes: "path",
        "The database; empty means `orchestrator.db` in the state directory"),
      .optionalText(
        "executor", \.general.executor, takes: "name", use: .olderName(of: "[general] agent"),
        "Older name of `agent`, which wins when both are set"),
      .optionalText(
        "opencode_model", \.general.opencodeModel, use: .olderName(of: "[agents.opencode] model"),
        "Older place of the model of the agent `opencode`"),
    ])

  static let claude = Section(
    name: "claude", summary: "Older section for the default agent; `[agents.claude-code]` can say more.",
    keys: [
      .optionalText(
        "model", \.claude.model,
        "Model of agents with the adapter `claude-code` that name none; empty leaves the choice to the CLI"),
      .optionalInteger(
        "max_tokens", \.claude.maxTokens, upTo: 10_000_000,
        "Longest answer of agents with the adapter `claude-code`, in tokens; 0 leaves it to the CLI"),
    ])

  static let plans = Section(
    name: "plans", summary: "Where the plans are.",
    keys: [
      .text(
        "dir", \.plans.dir, rule: .inside, takes: "path below the project's root",
        "Directory of the plans; its first level of directories are the modules")
    ])

  static let verify = Section(
    name: "verify", summary: "The gate that work must pass before it counts.",
    keys: [
      .texts(
        "commands", \.verify.commands, takes: "array of shell commands",
        "Commands that must all exit with 0, as the stage `test`; each runs with `/bin/sh -c` in the worktree"),
      .duration(
        "timeout", \.verify.timeout, .seconds(1)...day,
        "Longest time of one command of a stage without a time of its own"),
      .integer(
        "max_attempts", \.verify.maxAttempts, 1...20,
        "Runs of the gate for one attempt; the agent gets the output of a red one to fix it"),
      .choice(
        "acceptance", \.verify.acceptance,
        "Whether a second agent looks at green work and reports on each acceptance criterion; `required` asks a human "
          + "unless all are met"),
      .optionalText(
        "acceptance_agent", \.verify.acceptanceAgent, takes: "name",
        "Agent that looks; empty means the one that did the work, in another session"),
      .optionalText(
        "acceptance_model", \.verify.acceptanceModel, "Model of that agent; empty leaves the choice to it"),
      .duration("acceptance_timeout", \.verify.acceptanceTimeout, .seconds(1)...day, "Longest time of one look"),
      .optionalMoney(
        "acceptance_max_cost_usd", \.verify.acceptanceMaxCost,
        "Largest spend of one look, for agents that can be held to it; 0 means no limit of its own"),
    ])

  static let review = Section(
    name: "review", summary: "Which changes a human must see. Read from the base commit, never from the branch.",
    keys: [
      .flag("auto_merge", \.review.autoMerge, "Whether a change that needs no human lands by itself"),
      .texts(
        "protected", \.review.protected, takes: "array of globs", "Paths whose every change needs a human"),
      .texts(
        "allow_secrets", \.review.allowSecrets, takes: "array of globs",
        "Files whose keys and passwords are made up; anywhere else one in a commit stops the change"),
      .texts("disable_rules", \.review.disabledRules, "Names of built-in rules that do not count"),
      .flag(
        "code_owners", \.review.codeOwners,
        "Whether files that CODEOWNERS gives to somebody by a pattern of their own need a human"),
      .flag(
        "code_needs_review", \.review.codeNeedsReview,
        "Whether every change of code outside of tests and examples needs a human; documents, styles and texts land"
      ),
      .integer(
        "large_change_lines", \.review.largeChangeLines, 1...1_000_000, "Changed lines beyond which a human must look"),
      .integer(
        "large_change_files", \.review.largeChangeFiles, 1...100_000, "Changed files beyond which a human must look"),
      .integer(
        "lost_lines_days", \.review.lostLinesDays, 0...365,
        "Days in which the lines that a task landed are watched; taking them away needs a human. 0 switches it off"),
      .choice(
        "second_look", \.review.secondLook,
        "Whether an agent reads what the rules would let land, as `acceptance_…` of `[verify]` says; `required` asks a "
          + "human unless it has called the change routine"),
    ])

  static let landing = Section(
    name: "landing", summary: "How a change gets onto the base branch.",
    keys: [
      .choice(
        "strategy", \.landing.strategy,
        "A merge commit, one commit with the whole change, or the branch's own commits on top of the base"),
      .integer("depth", \.landing.depth, 1...64, "Changes that are merged on top of each other and tested ahead"),
      .optionalInteger(
        "gates", \.landing.gates, upTo: 64,
        "Gates on merged trees at the same time; 0 means one for every two processors"),
      .choice(
        "prove", \.landing.prove,
        "`each`: the gate runs on the tree of every change; `stack`: on that of the whole stack, which lands at once"),
      .duration(
        "starved_after", \.landing.starvedAfter, .seconds(1)...day,
        "Longest time for which changes of a higher priority land first"),
      .texts(
        "unite", \.landing.unite, takes: "array of globs",
        "Files, such as change logs and registries, in which both sides of a conflict are kept"),
      .texts(
        "regenerate", \.landing.regenerate, takes: "array of globs",
        "Files, such as lock files, that `regenerate_commands` makes again when they conflict"),
      .texts(
        "regenerate_commands", \.landing.regenerateCommands,
        "Commands that make them, run on the merged tree with the base's version of them"),
      .integer(
        "max_attempts", \.landing.maxAttempts, 1...20, "Conflicts and red gates at landing before a human is asked"),
      .integer(
        "queue_depth", \.landing.queueDepth, 1...1000,
        "Changes that may wait for landing before no new task is started"),
    ])

  static let forge = Section(
    name: "forge", summary: "Where changes are kept until they land.",
    keys: [
      .choice("kind", \.forge.kind, "`local` keeps them on this machine; `github` makes them pull requests of `repo`"),
      .optionalText("repo", \.forge.repo, takes: "OWNER/NAME", "The repository on GitHub"),
      .text("api_url", \.forge.apiURL, takes: "address", "For GitHub Enterprise: `https://HOST/api/v3`"),
      .optionalText(
        "token", \.forge.token, isSecret: true,
        "Token, when no variable of the environment has one; only in a file that nobody else can read"),
      .optionalText("app_id", \.forge.appID, "Id of a GitHub App that acts instead of a person"),
      .optionalText("app_key_file", \.forge.appKeyFile, takes: "path", "Its private key, as PEM"),
      .optionalInteger(
        "app_installation", \.forge.appInstallation, upTo: 1 << 52, "Its installation; 0 asks for that of `repo`"),
      .flag("draft", \.forge.draft, "Whether pull requests begin as drafts; one is made ready when it may land"),
      .optionalText(
        "check_name", \.forge.checkName, takes: "name",
        "Name of the commit status, or check run of an app, that tells what our gate said; empty tells nothing"),
      .flag(
        "push_statuses", \.forge.pushStatuses,
        "Whether the commits with statuses are pushed to the base branch; where it is protected they stay here"),
      .flag("delete_branch", \.forge.deleteBranch, "Whether the branch on GitHub goes when its change has landed"),
      .duration(
        "poll_interval", \.forge.pollInterval, .seconds(1)...day, "Time between two looks at the open pull requests"),
      .duration(
        "checks_grace", \.forge.checksGrace, .zero...day,
        "How long the first check may take to appear before a change counts as having none"),
      .duration(
        "checks_timeout", \.forge.checksTimeout, .zero...day, "How long a run stays for checks that are under way"),
      .integer("max_turns", \.forge.maxTurns, 0...100, "Turns of one attempt for failed checks and reviews"),
      .texts(
        "reviewers", \.forge.reviewers, takes: "array of logins",
        "Who is listened to besides owners, members and collaborators; whatever others write is left alone"),
    ])

  static let retry = Section(
    name: "retry", summary: "What happens after an attempt that failed.",
    keys: [
      .integer("max_attempts", \.retry.maxAttempts, 1...20, "Attempts of one task, the first one included"),
      .duration(
        "backoff", \.retry.backoff, .zero...day, "Wait before the second attempt; doubles with each further one"),
    ])

  /// One table for every failure class.
  static let retryClasses = FailureClass.allCases.map { failure in
    Section(
      name: "retry.classes.\(failure.rawValue)", summary: "After an attempt that \(failure.meaning).",
      keys: [
        .integer(
          "resumes", \.retry[failure].resumes, 0...20,
          "Ends of this class in a row after which the same session first goes on, if the agent can"),
        .choice("action", \.retry[failure].action, "What follows then"),
        .optionalInteger(
          "max_attempts", \.retry[failure].maxAttempts, upTo: 1000, "How often; 0 means `max_attempts` of `[retry]`"),
        .optionalDuration(
          "backoff", \.retry[failure].backoff, upTo: day, "The first wait; `0s` means `backoff` of `[retry]`"),
      ])
  }

  static let worktree = Section(
    name: "worktree", summary: "How the checkout of an attempt is made ready.",
    keys: [
      .texts(
        "symlink_dirs", \.worktree.symlinkDirs, rule: .inside, takes: "array of paths below the project's root",
        "Directories that the worktree shares with the project by a symbolic link"),
      .texts(
        "copy_files", \.worktree.copyFiles, rule: .inside, takes: "array of paths below the project's root",
        "Files that git does not track, copied into the worktree"),
      .texts(
        "clone_dirs", \.worktree.cloneDirs, rule: .inside, takes: "array of paths below the project's root",
        "Directories that git does not track, such as build output, copied into the worktree by sharing their blocks"),
      .choice(
        "clone_fallback", \.worktree.cloneFallback,
        "Where the file system cannot share blocks: `skip` leaves the directory out and says so, `copy` copies it"),
      .texts(
        "setup", \.worktree.setup, takes: "array of shell commands",
        "Commands that run in the new worktree before the agent; each has the time of `timeout` of `[verify]`"),
      .texts(
        "setup_key_files", \.worktree.setupKeyFiles, rule: .inside, takes: "array of paths below the project's root",
        "Files that `setup` depends on, such as a lock file: a worktree that is used again is set up again only when "
          + "one of them or `setup` has changed; empty means always"),
      .integer(
        "pool_size", \.worktree.poolSize, 0...256,
        "Worktrees of finished attempts that are cleaned and kept, with their ignored build output, for the next ones"),
      .integer(
        "ports_per_attempt", \.worktree.portsPerAttempt, 0...1000,
        "Ports that each attempt has for itself, from `ORCH_PORT_BASE` on; 0 means none"),
      .integer("first_port", \.worktree.firstPort, 1024...65_535, "First port that attempts may get"),
      .integer("last_port", \.worktree.lastPort, 1024...65_535, "Last port that attempts may get"),
      .optionalSize(
        "disk_quota", \.worktree.diskQuota,
        "What all worktrees of the project may take; above it no new task starts; `0` means no limit"),
      .optionalSize(
        "min_free_disk", \.worktree.minFreeDisk,
        "What must be free on the disk of the worktrees for a new task to start; `0` means no limit"),
    ])

  static let sandbox = Section(
    name: "sandbox", summary: "What agents and the commands of the gate can reach; docs/security.md says how.",
    keys: [
      .choice(
        "mode", \.sandbox.mode,
        "`auto`: shut in where bubblewrap works; `bubblewrap`: or nothing starts; `$CLAUDE_ORCH_SANDBOX` wins"),
      .choice(
        "network", \.sandbox.network,
        "`full`, `none`, or an `allow-list` behind a proxy that logs; the last two need the sandbox"),
      .texts(
        "allow_hosts", \.sandbox.allowHosts, takes: "array of hosts",
        "With `allow-list`: names, `*.domain` or addresses, with `:port` where it is not 80 or 443"),
      .texts("read", \.sandbox.read, takes: "array of paths", "Files and directories that are visible inside, too"),
      .texts(
        "write", \.sandbox.write, takes: "array of paths",
        "Files and directories that may be written inside, too, such as the cache of a package manager"),
    ])

  static let prompts = Section(
    name: "prompts", summary: "Your own texts for prompts.",
    keys: [
      .optionalText(
        "override_dir", \.prompts.overrideDir, takes: "path",
        "Directory with texts that replace the built-in ones of the same name; empty means none")
    ])
}

extension FailureClass {
  /// The second half of a sentence that begins with "an attempt that".
  fileprivate var meaning: String {
    switch self {
    case .rateLimit: "met a limit of the vendor"
    case .overloaded: "met a vendor who is overloaded or cannot be reached"
    case .auth: "was refused because of its login"
    case .billing: "was refused because of its account"
    case .environment: "missed a tool, a branch or a worktree"
    case .gate: "left the gate red after all its turns"
    case .noWork: "said that it was done and had changed nothing"
    case .permission: "was not allowed something"
    case .timeout: "did not end in time"
    case .stalled: "went silent, or printed without end"
    case .conflict: "does not merge, after all landings were tried"
    case .budget: "reached a limit of its own"
    case .crash: "died"
    case .implementation: "gave up, or left edits uncommitted"
    }
  }
}
