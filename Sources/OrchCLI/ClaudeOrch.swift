import ArgumentParser

/// `claude-orch`
struct ClaudeOrch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "claude-orch",
    abstract: "Compile Markdown plans into tasks, let coding agents work on them, and land what is proven",
    discussion: """
      Exit status: 0 done; 1 errors in the input, or a task failed; 64 wrong usage; 69 a tool is unavailable; \
      75 parked, try later; 130 interrupted.
      """,
    version: Version.text,
    subcommands: [NetworkProxyCommand.self],
    groupedSubcommands: [
      CommandGroup(name: "Plans:", subcommands: [OnboardCommand.self, CheckCommand.self, SyncCommand.self]),
      CommandGroup(
        name: "Work:",
        subcommands: [
          StartCommand.self, StopCommand.self, PauseCommand.self, ResumeCommand.self, RetryCommand.self,
          ResetCommand.self, SendCommand.self, BatchCommand.self, MaintenanceCommand.self,
        ]),
      CommandGroup(
        name: "Daemon:", subcommands: [ServeCommand.self, DaemonCommand.self, ProjectsCommand.self, MCPCommand.self]),
      CommandGroup(name: "Changes:", subcommands: [PullRequestCommand.self, IssuesCommand.self]),
      CommandGroup(
        name: "Overview:",
        subcommands: [
          StatusCommand.self, ListCommand.self, ShowCommand.self, WhyCommand.self, GraphCommand.self,
          PlanCommand.self, LogsCommand.self, PromptCommand.self, DiffCommand.self, AttemptsCommand.self,
          EventsCommand.self, AuditCommand.self, ReplayCommand.self, GroupsCommand.self, NotifyCommand.self,
          ReportCommand.self,
        ]),
      CommandGroup(
        name: "Program:",
        subcommands: [
          AgentsCommand.self, DoctorCommand.self, CleanupCommand.self, VersionCommand.self, CompletionsCommand.self,
        ]),
    ])
}

/// What `version` and `--version` print.
enum Version {
  static let number = "0.1.0"
  static let text = "claude-orch \(number)"
}
