import ArgumentParser
import OrchAgents
import OrchDomain
import OrchEngine
import OrchTemplates

/// `claude-orch maintenance`
struct MaintenanceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "maintenance", abstract: "Work that comes back: refactoring, cleaning up, documentation, tests",
    subcommands: [MaintenanceList.self, MaintenanceRun.self], defaultSubcommand: MaintenanceList.self)
}

/// `claude-orch maintenance list`
struct MaintenanceList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List the templates")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let place = try options.place()
    let scopes = MaintenanceScope.forms
    let entries = try Template.maintenance.map { template in
      let text = try template.load { place.promptFile($0)?.text }
      return (
        name: MaintenancePlan.name(of: template), title: MaintenanceList.title(try text.render(Self.sample)),
        file: place.promptFile(template.fileName)?.path
      )
    }
    if output.json {
      let templates = entries.map { entry in
        JSONValue.object([
          .init("name", .string(entry.name)), .init("title", .string(entry.title)),
          .init("scopes", JSONValue(scopes)), .init("file", JSONValue(entry.file)),
        ])
      }
      return Terminal.standardOutput.write(JSONValue.object([.init("templates", .array(templates))]).text() + "\n")
    }
    var table = TextTable(header: ["NAME", "WHAT", "TEXT"])
    for entry in entries { table.add([entry.name, entry.title, entry.file ?? "built in"]) }
    Terminal.standardOutput.write(
      table.text(width: Terminal.standardOutput.isInteractive ? Terminal.standardOutput.width : nil)
        + "Scopes: \(scopes.joined(separator: ", "))\n")
  }

  private static let sample = ["scope": "SCOPE", "request": ""]

  /// The first heading of a plan.
  private static func title(_ text: String) -> String {
    let heading = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("# ") }
    return SafeText.line(heading?.dropFirst(2) ?? "", limit: 100)
  }
}

/// `claude-orch maintenance run`
struct MaintenanceRun: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Make a task of a template and start it",
    discussion: """
      The plan is committed to the base branch below the module 'maintenance', and goes the way of every task: \
      worktree, gate, verdict, landing.
      """)

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: "A name of `maintenance list`")
  var name: String

  @Option(name: .long, help: "all, module:NAME or path:GLOB")
  var scope: String

  @Option(name: .long, help: "What you want, in your own words; 'custom' needs it")
  var prompt: String?

  @Flag(name: .long, help: "Commit the plan without asking")
  var yes = false

  @Flag(name: .long, help: "Print the plan and change nothing")
  var dryRun = false

  @Option(name: .long, help: "The agent for this task")
  var agent: String?

  @Option(name: .long, help: "The model for this task")
  var model: String?

  @Option(name: .long, help: "Start nothing more after this time, such as 8h", transform: DurationOption.parse)
  var maxDuration: Duration?

  @Option(name: .long, help: "Start nothing more once this many US dollars are spent")
  var maxCost: Double?

  private var template: Template? { Template.maintenance.first { MaintenancePlan.name(of: $0) == name } }

  func validate() throws {
    guard template != nil else {
      let names = Template.maintenance.map { MaintenancePlan.name(of: $0) }.joined(separator: ", ")
      throw ValidationError("there is no template '\(SafeText.visible(name))'; there are \(names)")
    }
    guard MaintenanceScope(scope) != nil else {
      throw ValidationError("--scope must be one of \(MaintenanceScope.forms.joined(separator: ", "))")
    }
    if template == .custom, prompt?.contains(where: { !$0.isWhitespace }) != true {
      throw ValidationError("'custom' needs --prompt with what you want")
    }
    if let maxCost, maxCost <= 0 || !maxCost.isFinite { throw ValidationError("--max-cost must be above 0") }
  }

  func run() async throws {
    guard let template, let scope = MaintenanceScope(scope) else { return }
    let printer = RunPrinter(json: output.json)
    var project = try await options.open { printer.show($0) }
    let lock = try ProjectLock(project, purpose: "maintenance run \(name)")
    defer { lock.release() }
    try await SyncRun.run(project, quiet: true)
    let task = try Maintenance(MaintenancePlan(template, scope, request: prompt ?? ""), in: project)
    if dryRun { return Terminal.standardOutput.write(task.text) }
    try confirm(task, project)
    try await task.commit()
    printer.note("\(task.id) is planned in \(task.path)")
    var run = RunOptions(tasks: [task.id], count: nil, agent: agent, model: model, maxDuration: maxDuration)
    run.maxCost = maxCost.map { MicroUSD(usd: $0) }
    project.options = run
    let summary = try await StartRun.conduct(project, run, printer)
    guard let status = ExitStatus(rawValue: summary.exitStatus), status != .done else { return }
    throw status
  }

  private func confirm(_ task: Maintenance, _ project: OpenProject) throws {
    if yes { return }
    guard Terminal.standardInput.isInteractive, Terminal.standardOutput.isInteractive else {
      throw ValidationError("add --yes to commit \(task.path) to '\(project.baseBranch)', or --dry-run to see it")
    }
    Terminal.standardOutput.write(SafeText.visible(task.text, keepingNewlines: true) + "\n")
    guard Prompt.confirm("Commit this as \(task.path) to '\(project.baseBranch)' and start it?") else {
      throw ExitStatus.failed
    }
  }
}
