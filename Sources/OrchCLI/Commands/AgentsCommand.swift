import ArgumentParser
import OrchAgents
import OrchConfig
import OrchDomain
import OrchEngine

/// `claude-orch agents`
struct AgentsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agents", abstract: "Coding agents: which there are, which programs are found, which are proven",
    subcommands: [AgentsList.self, AgentsTry.self], defaultSubcommand: AgentsList.self)
}

/// `claude-orch agents list`
struct AgentsList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List every adapter and every configured agent",
    discussion: "A missing program is no error: the list says how to get it.")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let surroundings = try AgentSurroundings(options)
    let reports = await surroundings.inventory.all()
    Terminal.standardOutput.write(
      output.json
        ? JSONValue.object([.init("agents", .array(reports.map(\.json)))]).text() + "\n" : AgentTable.text(reports))
  }
}

/// `claude-orch agents try`
struct AgentsTry: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "try", abstract: "Let an agent do one tiny task in a scratch repository",
    discussion: """
      The agent is started as the configuration says, and its work is verified and landed as any other; it may cost \
      money. Exit status: 0 the task is complete; 1 it is not; 69 the agent's program is missing.
      """)

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: "The agent")
  var name: String

  func run() async throws {
    let surroundings = try AgentSurroundings(options)
    let found = await surroundings.inventory.report(name)
    if let problem = found.problem { throw EngineError.unavailable("agent \(name) cannot be tried: \(problem)") }
    let trial = AgentTrial(launch: surroundings.launch, settings: surroundings.settings, root: surroundings.root)
    let isQuiet = output.json
    let report = try await trial.run(name) { observation in
      guard !isQuiet, case .agent(_, let event) = observation else { return }
      Terminal.standardOutput.write("  \(event.rendered)\n")
    }
    Terminal.standardOutput.write(output.json ? report.json.text() + "\n" : AgentTable.text(report, found))
    if !report.isComplete { throw ExitStatus.failed }
  }
}

/// Settings for commands that work outside of a project, too.
private struct AgentSurroundings {
  let launch: LaunchContext
  let settings: Settings
  /// What paths in the configuration are relative to.
  let root: String

  init(_ options: ProjectOptions) throws {
    launch = try options.launch()
    do {
      let place = try options.place()
      (settings, root) = (place.loaded.settings, place.root)
    } catch let error as EngineError {
      // A project that was asked for has to be there; without one the defaults hold.
      guard options.project == nil, options.config == nil else { throw error }
      (settings, root) = (.defaults, launch.currentDirectory)
    }
  }

  var inventory: AgentInventory {
    AgentInventory(environment: launch.environment, settings: settings) { [launch] in launch.absolute($0) }
  }
}

/// What `agents` prints for people.
enum AgentTable {
  static func text(_ reports: [AgentReport]) -> String {
    var table = TextTable(header: ["AGENT", "ADAPTER", "PROOF", "VERSION", "PROGRAM"])
    for report in reports {
      table.add([
        report.isDefault ? "\(report.name) (default)" : report.name, report.adapter, proof(report.facts?.proof),
        report.version ?? "-", report.path ?? "not found",
      ])
    }
    let terminal = Terminal.standardOutput
    var text = table.text(width: terminal.isInteractive ? terminal.width : nil)
    let missing = reports.compactMap { report in report.problem.map { "  \(report.name): \($0)\n" } }
    if !missing.isEmpty {
      text += "\nNot usable yet:\n" + missing.map { SafeText.visible($0, keepingNewlines: true) }.joined()
    }
    text += "\nproven: seen to work with that version of the program; unproven: made after its documentation.\n"
    return text
  }

  private static func proof(_ proof: AdapterFacts.Proof?) -> String {
    switch proof {
    case .proven: "proven"
    case .unproven: "unproven"
    case nil: "-"
    }
  }

  static func text(_ report: AgentTrial.Report, _ found: AgentReport) -> String {
    let tokens = report.tokens
    let cost = report.cost == .zero ? "no cost was told" : "\(report.cost.shown) USD"
    var text =
      report.isComplete ? "\(report.agent) works" : "\(report.agent) did not finish: it is \(report.state.rawValue)"
    if let failure = report.failure, !report.isComplete { text += " (\(failure.rawValue))" }
    text += "\n"
    if let reason = report.reason { text += "  reason: \(SafeText.line(reason, limit: 300))\n" }
    text += "  program: \(found.path ?? "-")\(found.version.map { ", \($0)" } ?? "")\n"
    text += "  time: \(report.seconds) s in \(report.turns) turn\(report.turns == 1 ? "" : "s"); cost: \(cost)\n"
    text +=
      "  tokens: \(tokens.input) in, \(tokens.cacheWrite) cache write, \(tokens.cacheRead) cache read, "
      + "\(tokens.output) out\n"
    if let directory = report.directory { text += "  everything it left is in \(directory)\n" }
    return text
  }
}
