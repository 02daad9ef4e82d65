import ArgumentParser
import OrchDomain
import OrchEngine
import OrchSchedule
import OrchStore

/// `claude-orch graph`
struct GraphCommand: AsyncParsableCommand {
  /// How the graph is written.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, dot, mermaid, json
  }

  static let configuration = CommandConfiguration(
    commandName: "graph", abstract: "Print the graph of tasks",
    discussion: "Edges run from a task to those that wait for it; edges that no plan spells out are dashed.")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Option(name: .long, help: "How to write it")
  var format: Format = .text

  @Argument(
    help: "Show only these tasks, all that they wait for and all that waits for them", transform: TaskOption.parse)
  var tasks: [TaskID] = []

  func run() async throws {
    let view = try options.view()
    for id in tasks { _ = try view.task(id) }
    let stored = try view.store.tasks(view.row)
    let graph = GraphView(
      stored.map {
        GraphView.Task(id: $0.id, title: $0.plan.title, status: $0.status, dependencies: $0.plan.dependencies)
      },
      focus: tasks.isEmpty ? nil : tasks)
    let terminal = Terminal.standardOutput
    switch output.json ? .json : format {
    case .text: terminal.write(stored.isEmpty ? "No tasks are stored; run `claude-orch sync`.\n" : graph.text())
    case .dot: terminal.write(graph.dot())
    case .mermaid: terminal.write(graph.mermaid())
    case .json: terminal.write(graph.json.text() + "\n")
    }
  }
}
