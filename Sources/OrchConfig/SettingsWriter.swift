/// What `onboard` has learned about a project.
package struct SetupAnswers: Hashable, Sendable {
  package var agent = GeneralSettings.defaultAgent
  /// Nil leaves the branch to be found at every start.
  package var baseBranch: String?
  package var maxParallelAgents = 3
  package var lint: [String] = []
  package var verifyCommands: [String] = []
  package var setup: [String] = []
  package var symlinkDirs: [String] = []
  package var copyFiles: [String] = []

  package init() {}
}

/// Writes configuration files.
package enum SettingsWriter {
  /// The text of a project's first `.claude-orchestrator.toml`: what was answered, each key with its meaning.
  package static func initialConfig(_ answers: SetupAnswers) -> String {
    var settings = Settings.defaults
    settings.general.agent = answers.agent
    settings.general.baseBranch = answers.baseBranch
    settings.general.maxParallelAgents = answers.maxParallelAgents
    settings.verify.commands = answers.verifyCommands
    settings.worktree.setup = answers.setup
    settings.worktree.symlinkDirs = answers.symlinkDirs
    settings.worktree.copyFiles = answers.copyFiles

    var text = """
      # claude-orch configuration of this project. 'claude-orch doctor' prints every value that holds and where it
      # comes from; config.example.toml and docs/configuration.md describe all keys.

      """
    text += section(KeyTable.general, ["agent", "base_branch", "max_parallel_agents"], settings)
    text += section(KeyTable.verify, ["commands", "timeout", "max_attempts"], settings)
    if !answers.lint.isEmpty {
      text += "\n# A stage of the gate that runs before 'commands'; a red one ends the gate.\n[[verify.stages]]\n"
      text += "name = \"lint\"\ncommands = \(TOMLText.lines(answers.lint))\n"
    }
    if answers.verifyCommands.isEmpty, answers.lint.isEmpty {
      text += "# Nothing is proven while this list is empty: add the commands that show that the project works.\n"
    }
    let worktree = [
      ("setup", !answers.setup.isEmpty), ("symlink_dirs", !answers.symlinkDirs.isEmpty),
      ("copy_files", !answers.copyFiles.isEmpty),
    ]
    if worktree.contains(where: \.1) {
      text += section(KeyTable.worktree, worktree.filter(\.1).map(\.0), settings)
    }
    text += section(KeyTable.review, ["auto_merge", "protected"], settings)
    return text
  }

  private static func section(_ section: KeyTable.Section, _ names: [String], _ settings: Settings) -> String {
    let lists = [
      "commands": settings.verify.commands, "setup": settings.worktree.setup,
      "protected": settings.review.protected,
    ]
    var text = "\n# \(section.summary)\n[\(section.name)]\n"
    for key in section.keys where names.contains(key.path) {
      let list = lists[key.path] ?? []
      let value = list.count > 1 ? TOMLText.lines(list) : key.show(settings)
      text += "# \(key.summary).\n\(key.path) = \(value)\n"
    }
    return text
  }
}
