import ArgumentParser
import OrchConfig
import OrchDiagnostics
import OrchDomain
import OrchEngine
import OrchStore

/// `claude-orch batch`
struct BatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "batch", abstract: "Bounded runs and jobs from schedule.toml, started by hand or by the clock",
    subcommands: [
      BatchListCommand.self, BatchRunCommand.self, BatchHistoryCommand.self, BatchInstallCommand.self,
      BatchUninstallCommand.self,
    ])
}

/// `claude-orch batch list`
struct BatchListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the batches with their next times and their last run")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let (place, store, project) = try options.openStore()
    let schedule = try BatchSchedule.load(place)
    BatchText.show(schedule.diagnostics.filter { $0.severity > .note })
    let ledger = BatchLedger(store: store, row: project.id, clock: .system)
    // From now on they are known: what is due before nobody had seen them is nobody's business.
    for batch in schedule.batches { _ = try ledger.plan(batch, zone: schedule.zone(of: batch)) }
    let overview = BatchOverview(
      schedule: schedule, history: try store.read(project.id) { tx throws(StoreError) in try tx.batches(limit: 1000) },
      now: EngineClock.system.now())
    Terminal.standardOutput.write(output.json ? overview.json.text() + "\n" : overview.text)
    if schedule.diagnostics.contains(where: { $0.severity == .error }) { throw ExitStatus.failed }
  }
}

/// `claude-orch batch history`
struct BatchHistoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "List the runs of batches, newest first")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Option(name: .long, help: "Show at most this many runs")
  var count = 20

  func validate() throws {
    if count < 1 { throw ValidationError("--count must be at least 1") }
  }

  func run() async throws {
    let (_, store, project) = try options.openStore()
    let history = try store.read(project.id) { tx throws(StoreError) in try tx.batches(limit: count) }
    Terminal.standardOutput.write(
      output.json ? BatchText.json(history).text() + "\n" : BatchText.table(history))
  }
}

/// `claude-orch batch run`
struct BatchRunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run one batch now, within its limits",
    discussion: """
      Starts up to max_tasks tasks. At max_duration nothing more is started; agents that still run after the batch's \
      grace are stopped, resumable with the next run. Needs no terminal and next to no environment, so it is what \
      crontab calls. Everything printed is also in logs/batch-NAME-TIME.log of the state directory.

      A run that is due is begun once, whoever comes first: a daemon, cron or you. Without --if-due a run begins in \
      any case, and it is the due one if there is one. A run whose process has died goes on while its time lasts.

      Exit status: 0 all that was started has landed or waits for a human; 1 a task failed, or the schedule is wrong; \
      69 a tool is unavailable; 75 another process drives the project, or work is left for later; 130 interrupted.
      """)

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: "The name of the batch in schedule.toml")
  var name: String

  @Flag(name: .long, help: "Begin only what is due and not begun yet; what cron calls")
  var ifDue = false

  func run() async throws {
    try await BatchRun(options: options, name: name, json: output.json, ifDue: ifDue).execute()
  }
}
