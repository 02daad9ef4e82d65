import ArgumentParser
import OrchDomain
import OrchEngine
import OrchGraph
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
    let graph = GraphView(GraphFocus.select(stored, around: tasks))
    let terminal = Terminal.standardOutput
    switch output.json ? .json : format {
    case .text: terminal.write(stored.isEmpty ? "No tasks are stored; run `claude-orch sync`.\n" : graph.text())
    case .dot: terminal.write(graph.dot())
    case .mermaid: terminal.write(graph.mermaid())
    case .json: terminal.write(graph.json.text() + "\n")
    }
  }
}

/// The part of the graph that somebody asks for.
enum GraphFocus {
  /// - Parameter focus: These tasks, all that they wait for and all that waits for them; empty asks for everything.
  static func select(_ tasks: [StoredTask], around focus: [TaskID]) -> [GraphView.Task] {
    let whole = DependencyGraph(tasks.map { ($0.id, $0.plan.dependencies.map(\.id)) })
    let start = focus.compactMap(whole.index)
    let kept = start + whole.nodes.transitiveDependencies(of: start) + whole.nodes.transitiveDependents(of: start)
    let names = focus.isEmpty ? Set(tasks.map(\.id)) : Set(kept.map(whole.id))
    return tasks.filter { names.contains($0.id) }.map { task in
      // A task outside of the focus is no unknown one, which is how the view would show it.
      let shown = task.plan.dependencies.filter { names.contains($0.id) || whole.index(of: $0.id) == nil }
      return GraphView.Task(id: task.id, title: task.plan.title, status: task.status, dependencies: shown)
    }
  }
}
