import ArgumentParser
import OrchDomain
import OrchEngine
import OrchSchedule
import OrchStore

/// `claude-orch list`
struct ListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", _superCommandName: "claude-orch", abstract: "List the tasks")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Option(name: .long, help: "Only tasks of this module")
  var module: String?

  @Option(name: .long, help: "Only tasks with this status: not_started, in_progress or complete")
  var status: TaskStatus?

  @Option(name: .long, help: "Only tasks with this priority: high, normal or low")
  var priority: TaskPriority?

  @Flag(name: .long, help: "Only tasks that could start now")
  var ready = false

  func run() async throws { try await answer() }

  func answer() async throws {
    let view = try options.look()
    let filter = TaskFilter(
      module: module, statuses: status.map { [$0] } ?? [], priorities: priority.map { [$0] } ?? [])
    if output.json {
      let list = try TaskView.list(view, filter, ready: ready, now: EngineClock.system.now())
      Terminal.standardOutput.write(list.text() + "\n")
    } else {
      let open = try ready ? TaskView.ready(view, now: EngineClock.system.now()) : nil
      let tasks = try view.look { tx in try tx.summaries(filter) }
      Terminal.standardOutput.write(text(tasks.filter { open?.contains($0.id) ?? true }))
    }
  }

  private func text(_ tasks: [TaskSummary]) -> String {
    var table = TextTable(header: ["ID", "TITLE", "STATUS", "PRIORITY", "STATE"])
    let statuses = Dictionary(
      uniqueKeysWithValues: TaskStatus.allCases.map { ($0, "\($0.emoji) \($0.rawValue)") })
    for task in tasks {
      table.add([
        task.id.description, task.title, statuses[task.status] ?? task.status.rawValue, task.priority.rawValue,
        task.state.rawValue,
      ])
    }
    let terminal = Terminal.standardOutput
    return table.text(width: terminal.isInteractive ? terminal.width : nil)
  }
}

extension TaskStatus: ExpressibleByArgument {
  public init?(argument: String) { self.init(markdown: argument) }
}

extension TaskPriority: ExpressibleByArgument {
  public init?(argument: String) { self.init(markdown: argument) }
}

/// The JSON of tasks and changes (product.md, section 5).
enum TaskView {
  /// What `list` prints.
  ///
  /// - Parameter ready: Only tasks that could start now.
  static func list(_ view: ProjectView, _ filter: TaskFilter, ready: Bool, now: Timestamp) throws -> JSONValue {
    let open = try ready ? self.ready(view, now: now) : nil
    let changes = try view.look { tx in try tx.changes([.open, .approved, .rejected, .landing]) }
    let byTask = Dictionary(changes.map { ($0.task, $0) }) { _, last in last }
    let tasks = try view.store.tasks(view.row, filter).filter { open?.contains($0.id) ?? true }
    return .object([.init("tasks", .array(tasks.map { json($0, change: byTask[$0.id]) }))])
  }

  /// The tasks that could start now.
  static func ready(_ view: ProjectView, now: Timestamp) throws -> Set<TaskID> {
    Set(try view.frontier(now: now).ready)
  }

  static func json(_ task: StoredTask, change: Change?) -> JSONValue {
    .object([
      .init("id", .string(task.id.description)), .init("module", .string(task.id.module)),
      .init("prefix", .string(task.id.prefix)), .init("number", JSONValue(task.id.number)),
      .init("title", .string(task.plan.title)), .init("status", .string(task.status.rawValue)),
      .init("state", .string(task.state.rawValue)), .init("priority", .string(task.plan.priority.rawValue)),
      .init("needs_review", .bool(task.plan.needsReview)), .init("path", .string(task.plan.path)),
      .init(
        "depends_on",
        .array(
          task.plan.dependencies.map { dependency in
            .object([
              .init("id", .string(dependency.id.description)), .init("kind", .string(dependency.kind.rawValue)),
            ])
          })),
      .init("attempts", JSONValue(task.attempts)), .init("change", change.map(json) ?? .null),
    ])
  }

  static func json(_ change: Change) -> JSONValue {
    .object([
      .init("task", .string(change.task.description)), .init("number", JSONValue(change.number)),
      .init("forge", .string(change.forge)), .init("url", JSONValue(change.url)),
      .init("branch", .string(change.branch)), .init("head", .string(change.headCommit)),
      .init("base", .string(change.baseCommit)), .init("verdict", change.verdict?.json ?? .null),
      .init("state", .string(change.state.rawValue)), .init("title", .string(change.title)),
    ])
  }
}
