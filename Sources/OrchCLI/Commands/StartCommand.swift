import ArgumentParser
import OrchDomain
import OrchEngine

/// `claude-orch start`
struct StartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "Start ready tasks and stay until they have landed or wait for somebody",
    discussion: """
      Follows the graph as work completes. When a daemon works for this project, it does the work, and this shows it; \
      else Ctrl-C once starts nothing more and waits for what runs; twice stops the \
      agents, resumable with the next start.
      """)

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Argument(
    help: "Tasks to start, such as billing/E01; without any, the scheduler chooses", transform: TaskOption.parse)
  var tasks: [TaskID] = []

  @Option(name: .long, help: "Start at most this many tasks (default: 3, or all that are named)")
  var count: Int?

  @Flag(name: .long, help: "Start as many tasks as there are")
  var all = false

  @Option(name: .long, help: "Only tasks of this module")
  var module: String?

  @Option(name: .long, help: "Agents that may work at the same time")
  var maxParallel: Int?

  @Option(name: .long, help: "The agent for tasks started now")
  var agent: String?

  @Option(name: .long, help: "The model for tasks started now")
  var model: String?

  @Option(name: .long, help: "Start nothing more after this time, such as 8h", transform: DurationOption.parse)
  var maxDuration: Duration?

  @Option(name: .long, help: "Start nothing more once this many US dollars are spent")
  var maxCost: Double?

  @Flag(name: .long, help: "Let the daemon do it, and do not wait for it")
  var detach = false

  @Flag(name: .long, help: "Show what would be started and start nothing")
  var dryRun = false

  func validate() throws {
    if let count, count < 1 { throw ValidationError("--count must be at least 1") }
    if let maxParallel, maxParallel < 1 { throw ValidationError("--max-parallel must be at least 1") }
    if let maxCost, maxCost <= 0 || !maxCost.isFinite { throw ValidationError("--max-cost must be above 0") }
    if detach && dryRun { throw ValidationError("--detach and --dry-run exclude each other") }
    if all && count != nil { throw ValidationError("--all and --count exclude each other") }
    if !tasks.isEmpty && module != nil { throw ValidationError("name tasks or a module, not both") }
  }

  func run() async throws {
    var run = RunOptions()
    run.tasks = tasks.isEmpty ? nil : tasks
    run.modules = module.map { [$0] } ?? []
    run.count = all || !tasks.isEmpty ? count : count ?? 3
    run.maxParallel = maxParallel
    run.agent = agent
    run.model = model
    run.maxDuration = maxDuration
    run.maxCost = maxCost.map { MicroUSD(usd: $0) }
    guard !dryRun else {
      return try await StartRun(options: options, run: run, json: output.json, dryRun: true).execute()
    }
    let place = try options.place()
    guard try SubmittedStart.isPossible(place, config: options.config) else {
      if detach { throw try SubmittedStart.obstacle(place) }
      return try await StartRun(options: options, run: run, json: output.json).execute()
    }
    try await SubmittedStart(
      project: try await place.open(), run: run, json: output.json, isDetached: detach
    ).execute()
  }
}

/// A duration on the command line.
enum DurationOption {
  static func parse(_ text: String) throws -> Duration {
    guard let duration = Duration(text: text), duration > .zero else {
      throw ValidationError("'\(text)' is not a duration; write 90s, 30m, 8h or 1h30m")
    }
    return duration
  }
}
