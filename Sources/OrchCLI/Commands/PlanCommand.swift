import ArgumentParser
import OrchConfig
import OrchDomain
import OrchEngine
import OrchSchedule
import OrchStore

/// `claude-orch plan`
struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Show what `start` would do: the order, the time and the money",
    discussion: """
      Time and money are the medians of the project's own runs: of the module, else of tasks of the same complexity, \
      else of the project, each from three runs on. Until then 30 minutes and 2 USD for each task are assumed. What \
      people take to approve changes is not counted, nor what goes wrong.
      """)

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: "Only these tasks, as `start` takes them", transform: TaskOption.parse)
  var tasks: [TaskID] = []

  @Option(name: .long, help: "Start at most this many tasks (default: all)")
  var count: Int?

  @Option(name: .long, help: "Only tasks of this module")
  var module: String?

  @Option(name: .long, help: "Agents that may work at the same time (default: [general] max_parallel_agents)")
  var maxParallel: Int?

  func validate() throws {
    if let count, count < 1 { throw ValidationError("--count must be at least 1") }
    if let maxParallel, maxParallel < 1 { throw ValidationError("--max-parallel must be at least 1") }
    if !tasks.isEmpty && module != nil { throw ValidationError("name tasks or a module, not both") }
  }

  func run() async throws {
    let view = try options.view()
    var frontier = try view.frontier(now: EngineClock.system.now())
    if !tasks.isEmpty {
      for id in tasks { _ = try view.task(id) }
      frontier.select(Set(tasks))
    } else if let module {
      let ids = try view.store.tasks(view.row, TaskFilter(module: module)).map(\.id)
      guard !ids.isEmpty else { throw EngineError.invalid("no plan is in a module '\(SafeText.visible(module))'") }
      frontier.select(Set(ids))
    }
    let shown = try ForecastView.read(
      view, frontier, slots: maxParallel ?? max(1, view.place.loaded.settings.general.maxParallelAgents), count: count,
      now: EngineClock.system.now())
    let terminal = Terminal.standardOutput
    terminal.write(
      output.json ? shown.json.text() + "\n" : shown.text(width: terminal.isInteractive ? terminal.width : nil))
  }
}
