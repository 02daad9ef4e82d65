import OrchDomain
import OrchDiagnostics

/// The reference of every key, made from the tables that the loader itself uses, so that it cannot drift.
package enum ConfigReference {
  /// The text of config.example.toml: every key with its default.
  ///
  /// A `#` directly before a key or table marks a setting that has no default; with the `#` away it is valid.
  package static func exampleConfig() -> String {
    var text = """
      # claude-orch configuration: every key with its default.
      #
      # Copy what you change into .claude-orchestrator.toml at the top of a project, or into
      # ~/.config/claude-plan-orchestrator/config.toml for all projects. The first file found counts alone.
      # Paths may begin with ~/; other relative paths start at the project's root. Durations are written "90s",
      # "30m", "8h" or "1h30m". A '#' directly before a key marks an example without a default.

      """
    for section in KeyTable.sections {
      text += header(section.summary, "[\(section.name)]")
      for key in section.keys {
        text += line(key, Settings.defaults, isExample: key.use != .used && key.use != .notYet)
      }
      text += extra(after: section.name)
    }
    return text
  }

  /// The text of schedule.example.toml.
  package static func exampleSchedule() -> String {
    let place = SourceLocation(file: "", line: 1, column: 1)
    var batch = BatchEntry(location: place)
    batch.times.name = "nightly"
    batch.times.cron = "0 22 * * *"
    var job = JobEntry(location: place)
    job.times.name = "backup"
    job.times.cron = "30 6 * * 1-5"
    job.command = ["/usr/local/bin/backup", "--quiet"]
    var text = """
      # claude-orch schedule: batches and jobs that start by the clock. Each [[batch]] and [[job]] is one of them.
      #
      # Looked for next to the configuration file, then as .claude-orchestrator/schedule.toml and schedule.toml at the
      # top of the project, then in ~/.config/claude-plan-orchestrator/. The first file found counts alone.
      # A name and a time are required; the other values are the defaults. A '#' directly before a line marks an
      # example without a default.

      """
    text += header("Every evening at ten.", "[[batch]]")
    for key in KeyTable.batchKeys { text += line(key, batch, isExample: false) }
    text += header("A program, or a maintenance task, at set times.", "#[[job]]")
    for key in KeyTable.jobKeys { text += line(key, job, isExample: true) }
    return text
  }

  /// Every key as rows of a Markdown table, with its head.
  package static func markdownTable() -> String {
    var rows = ["| key | takes | default | meaning |", "|---|---|---|---|"]
    for section in KeyTable.sections {
      rows += section.keys.map { row($0, Settings.defaults, table: section.name) }
      if section.name == "verify" {
        rows += KeyTable.stageKeys.map { row($0, VerifyStage(), table: "verify.stages[]") }
      }
      if section.name == "review" { rows += KeyTable.ruleKeys.map { row($0, nil, table: "review.rules[]") } }
    }
    rows += KeyTable.agentKeys.map { row($0, AgentSettings(), table: "agents.NAME") }
    rows += KeyTable.priceKeys.map { row($0, ModelPrice(), table: "agents.NAME.prices.MODEL") }
    rows.append(
      "| `github_issues.priority_labels.PRIORITY` | string | | Label of issues whose plan gets the priority `high`, "
        + "`normal` or `low` |")
    return rows.joined(separator: "\n") + "\n"
  }

  /// The keys of batches and jobs as rows of a Markdown table, with its head.
  package static func scheduleTable() -> String {
    let place = SourceLocation(file: "", line: 1, column: 1)
    let rows =
      KeyTable.batchKeys.map { row($0, BatchEntry(location: place), table: "batch[]") }
      + KeyTable.jobKeys.map { row($0, JobEntry(location: place), table: "job[]") }
    return (["| key | takes | default | meaning |", "|---|---|---|---|"] + rows).joined(separator: "\n") + "\n"
  }

  /// The dotted name of every key; `NAME`, `MODEL` and `PRIORITY` stand for names of the user's own.
  package static var keys: [String] {
    KeyTable.sections.flatMap { section in section.keys.map { "\(section.name).\($0.path)" } }
      + KeyTable.stageKeys.map { "verify.stages[].\($0.path)" }
      + KeyTable.ruleKeys.map { "review.rules[].\($0.path)" } + KeyTable.agentKeys.map { "agents.NAME.\($0.path)" }
      + KeyTable.priceKeys.map { "agents.NAME.prices.MODEL.\($0.path)" }
      + ["github_issues.priority_labels.PRIORITY"]
  }

  private static func row<Root>(_ key: KeySpec<Root>, _ defaults: Root?, table: String) -> String {
    let value = defaults.map(key.show) ?? ""
    let isRequired = key.summary.hasSuffix("; required")
    let shown = isRequired || value.isEmpty ? "" : "`\(value)`"
    let note = key.use == .notYet ? " (accepted, not used yet)" : ""
    return "| `\(table).\(key.path)` | \(key.takes) | \(shown) | \(key.summary)\(note) |"
  }

  private static func header(_ summary: String, _ table: String) -> String { "\n# \(summary)\n\(table)\n" }

  private static func line<Root>(_ key: KeySpec<Root>, _ root: Root, isExample: Bool) -> String {
    let note = key.use == .notYet ? " Accepted, not used yet." : ""
    let comment = "\(key.summary).\(note) (\(key.takes))"
    return wrapped(comment) + "\(isExample ? "#" : "")\(key.path) = \(key.show(root))\n"
  }

  /// `text` as comment lines of at most 118 columns.
  private static func wrapped(_ text: String) -> String {
    var lines: [String] = []
    var line = "#"
    for word in text.split(separator: " ") {
      if line.count + 1 + word.count > 118 {
        lines.append(line)
        line = "#"
      }
      line += " " + word
    }
    return (lines + [line]).joined(separator: "\n") + "\n"
  }

  /// The tables with names of the user's own, shown behind the section that they belong to.
  private static func extra(after section: String) -> String {
    switch section {
    case "claude": agentExample()
    case "verify": stageExample()
    case "review": ruleExample()
    case "github_issues":
      header("Labels of issues whose plans get a priority: high, normal or low.", "#[github_issues.priority_labels]")
        + "#high = \"priority:high\"\n"
    default: ""
    }
  }

  private static func agentExample() -> String {
    var text = header(
      "One agent; any name may stand for 'claude-code'. Tasks and '[general] agent' choose by that name.",
      "[agents.claude-code]")
    for key in KeyTable.agentKeys { text += line(key, AgentSettings(), isExample: false) }
    text += header(
      "What a model costs, for agents that do not report it themselves.", "#[agents.claude-code.prices.\"MODEL\"]")
    for key in KeyTable.priceKeys { text += line(key, ModelPrice(), isExample: true) }
    var own = AgentSettings()
    own.adapter = "command"
    own.command = ["my-agent", "--quiet"]
    own.env = ["MY_AGENT_TOKEN"]
    text += header("Any program can be an agent: the prompt comes on its standard input.", "#[agents.my-agent]")
    for key in KeyTable.agentKeys where ["adapter", "command", "env"].contains(key.path) {
      text += "#\(key.path) = \(key.show(own))\n"
    }
    return text
  }

  private static func stageExample() -> String {
    let stage = VerifyStage("lint", ["make lint"], timeout: .seconds(300))
    var text = header(
      "A stage of the gate; repeat the table for more. They run in this order, before 'commands'.", "#[[verify.stages]]"
    )
    for key in KeyTable.stageKeys { text += line(key, stage, isExample: true) }
    return text
  }

  private static func ruleExample() -> String {
    var rule = ReviewRule()
    rule.name = "billing"
    rule.paths = ["Sources/Billing/**"]
    rule.words = ["invoice"]
    var text = header("A rule of your own; repeat the table for more.", "#[[review.rules]]")
    for key in KeyTable.ruleKeys { text += line(key, rule, isExample: true) }
    return text
  }
}
