import ArgumentParser
import OrchConfig
import OrchDiagnostics
import OrchEngine
import OrchStore

/// Where batches are put so that the clock starts them.
struct BatchClock: ParsableArguments {
  @Flag(name: .long, help: "In your crontab, between two marks; the default")
  var cron = false

  @Flag(name: .long, help: "As units in ~/.config/systemd/user")
  var systemd = false

  @Flag(name: .long, help: "Print what would be there and change nothing")
  var dryRun = false

  func validate() throws {
    if cron && systemd { throw ValidationError("--cron and --systemd do not go together") }
  }
}

/// `claude-orch batch install`
struct BatchInstallCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install", abstract: "Let the clock start the batches of schedule.toml",
    discussion: """
      Puts lines of its own into your crontab, or units of its own into ~/.config/systemd/user, and touches nothing \
      else there. Done again it brings them up to date, and changes nothing when they are.
      """)

  @OptionGroup var options: ProjectOptions
  @OptionGroup var clock: BatchClock

  func run() async throws {
    let (place, store, project) = try options.openStore()
    let schedule = try BatchSchedule.load(place)
    BatchText.show(schedule.diagnostics.filter { $0.severity > .note })
    if schedule.diagnostics.contains(where: { $0.severity == .error }) { throw ExitStatus.failed }
    guard !schedule.batches.isEmpty else {
      throw EngineError.invalid(
        "there is no batch to install; describe one in \(schedule.file ?? "\(place.root)/schedule.toml")")
    }
    guard let program = Surroundings.programPath else {
      throw EngineError.unavailable("the path of this program cannot be found out")
    }
    let environment = Surroundings.environment
    let needed = ["HOME", "PATH", "CLAUDE_ORCH_HOME", "CLAUDE_ORCH_CONFIG"]
    let installation = BatchInstallation(
      program: program, projectRoot: place.root, projectKey: place.paths.key,
      config: options.config.map { place.launch.absolute($0) },
      environment: needed.compactMap { name in environment[name].map { (name, $0) } })
    if !clock.dryRun {
      // From now on they are known, so the next time at which one is due counts.
      let ledger = BatchLedger(store: store, row: project.id, clock: .system)
      for batch in schedule.batches { _ = try ledger.plan(batch, zone: schedule.zone(of: batch)) }
    }
    if clock.systemd {
      try BatchUnits(key: place.paths.key).install(
        schedule.batches.flatMap(installation.units), isDryRun: clock.dryRun)
    } else {
      try await CrontabChange(key: place.paths.key, isDryRun: clock.dryRun).apply(
        schedule.batches.map(installation.crontabLine))
    }
  }
}

/// `claude-orch batch uninstall`
struct BatchUninstallCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "uninstall", abstract: "Take out what `batch install` has put in for this project, and nothing else")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var clock: BatchClock

  func run() async throws {
    let place = try options.place()
    if clock.systemd {
      try BatchUnits(key: place.paths.key).install([], isDryRun: clock.dryRun)
    } else {
      try await CrontabChange(key: place.paths.key, isDryRun: clock.dryRun).apply([])
    }
  }
}

/// Changes our lines of the user's crontab, and says so.
private struct CrontabChange {
  let key: String
  let isDryRun: Bool

  func apply(_ lines: [String]) async throws {
    let terminal = Terminal.standardOutput
    if isDryRun { return terminal.write(lines.map { $0 + "\n" }.joined()) }
    let crontab = Crontab(environment: Surroundings.environment)
    let old = try await crontab.read()
    let new = try CrontabBlock(key: key).replacing(old, with: lines)
    if new == old { return terminal.write("Your crontab is as it should be; nothing was changed.\n") }
    try await crontab.write(new)
    terminal.write(
      lines.isEmpty
        ? "The lines of this project are gone from your crontab.\n"
        : "\(lines.count) lines of this project are in your crontab; `crontab -l` shows them.\n")
  }
}

/// Changes our units in the user's directory, and says what systemd has to be told.
private struct BatchUnits {
  let key: String

  func install(_ units: [BatchInstallation.UnitFile], isDryRun: Bool) throws {
    let terminal = Terminal.standardOutput
    guard let home = Surroundings.environment["HOME"] else {
      throw EngineError.unavailable("$HOME is not set, so the directory of your units is not known")
    }
    let directory = UnitDirectory(path: "\(home)/.config/systemd/user", prefix: "claude-orch-\(key)-")
    if isDryRun {
      for unit in units { terminal.write("# \(directory.path)/\(unit.name)\n\(unit.text)\n") }
      return
    }
    let changed = try directory.bring(to: units)
    guard !changed.isEmpty else { return terminal.write("Your units are as they should be; nothing was changed.\n") }
    for name in changed { terminal.write("\(directory.path)/\(name)\n") }
    let timers = units.map(\.name).filter { $0.hasSuffix(".timer") }
    let enable = timers.isEmpty ? "" : " && systemctl --user enable --now \(timers.joined(separator: " "))"
    terminal.write("Now tell systemd: systemctl --user daemon-reload\(enable)\n")
  }
}
