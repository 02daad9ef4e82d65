import ArgumentParser
import OrchConfig
import OrchDomain
import OrchEngine
import OrchStore

/// `claude-orch projects`
struct ProjectsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "projects", abstract: "The projects that the daemon works for",
    subcommands: [ProjectsList.self, ProjectsAdd.self, ProjectsRemove.self], defaultSubcommand: ProjectsList.self)
}

/// `claude-orch projects list`
struct ProjectsList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List them")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let served = try DaemonPlace(options).openStore().servedProjects()
    if output.json {
      let rows = JSONValue.object([.init("projects", .array(served.map(\.json)))])
      return Terminal.standardOutput.write(rows.text() + "\n")
    }
    guard !served.isEmpty else {
      return Terminal.standardOutput.write("No projects; `claude-orch projects add` adds the one you are in.\n")
    }
    var table = TextTable(header: ["ID", "ROOT", "CONFIG"])
    for project in served {
      table.add([ProjectPaths(home: "", root: project.project.root).key, project.project.root, project.config ?? "-"])
    }
    let terminal = Terminal.standardOutput
    terminal.write(table.text(width: terminal.isInteractive ? terminal.width : nil))
  }
}

/// `claude-orch projects add`
struct ProjectsAdd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Let the daemon work for a project, now and whenever it runs",
    discussion: "With --config the daemon reads that file for it, and no other.")

  @OptionGroup var options: ProjectOptions

  @Argument(help: "A directory inside of the project (default: where you are)")
  var directory: String?

  func run() async throws {
    var options = options
    options.project = directory ?? options.project
    let (place, store, project) = try options.openStore()
    let config = options.config.map { place.launch.absolute($0) }
    let isNew = try Serving.set(true, config: config, project.id, in: store, at: EngineClock.system.now())
    let runs = try DaemonHandshake.live(in: place.config.stateDir) != nil
    Terminal.standardOutput.write(
      (isNew ? "Added \(SafeText.visible(place.root))" : "\(SafeText.visible(place.root)) was added before")
        + (runs ? ".\n" : "; `claude-orch daemon start` starts the daemon.\n"))
  }
}

/// `claude-orch projects remove`
struct ProjectsRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Take a project away from the daemon; nothing of it is deleted, agents go on")

  @OptionGroup var options: ProjectOptions

  @Argument(
    help: "Its id or root, as `projects list` shows it, also when the directory is gone (default: where you are)")
  var name: String?

  func run() async throws {
    let place = try DaemonPlace(options)
    let store = try place.openStore()
    let wanted = name.map { place.launch.absolute($0) } ?? place.project?.root
    let found = try store.servedProjects().first { served in
      served.project.root == wanted || ProjectPaths(home: "", root: served.project.root).key == name
    }
    guard let found else {
      throw EngineError.invalid(
        "the daemon does not work for \(SafeText.visible(name ?? wanted ?? "this directory")); "
          + "`claude-orch projects list` shows for which it does")
    }
    try Serving.set(false, found.project.id, in: store, at: EngineClock.system.now())
    Terminal.standardOutput.write("Removed \(SafeText.visible(found.project.root)).\n")
  }
}
