import OrchAgents
import OrchConfig
import OrchDomain
import OrchEngine
import OrchStore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A `start` that the daemon does: it is submitted, and followed as far as somebody wants to.
struct SubmittedStart {
  let project: OpenProject
  let run: RunOptions
  let json: Bool
  let isDetached: Bool

  /// How long nobody may be there to go on with it.
  private static let patience = Duration.seconds(30)
  private static let interval = Duration.milliseconds(200)

  /// Whether the daemon that runs works for the project, with the same configuration.
  static func isPossible(_ place: ProjectPlace, config: String?) throws -> Bool {
    guard try DaemonHandshake.live(in: place.config.stateDir) != nil else { return false }
    let (store, project) = try place.openStore(now: EngineClock.system.now())
    guard let served = try store.read(project.id, { tx in try tx.servedConfig() }) else { return false }
    return served == config.map { place.launch.absolute($0) }
  }

  /// Why `--detach` cannot be done.
  static func obstacle(_ place: ProjectPlace) throws -> EngineError {
    guard try DaemonHandshake.live(in: place.config.stateDir) != nil else { return .unavailable(DaemonPlace.none) }
    return .unavailable(
      "the daemon does not work for this project with this configuration; `claude-orch projects add` lets it")
  }

  /// - Throws: ``ExitStatus`` when the run ended with another status than 0.
  func execute() async throws {
    let printer = RunPrinter(json: json)
    try await SyncRun.run(project, quiet: true)
    let before = try project.view.look { tx in try tx.latestEvents(limit: 1) }.last?.seq ?? 0
    let submitted = try Submission.submit(
      run.terms, by: Surroundings.userName, in: project.view, now: project.clock.now())
    if isDetached {
      Terminal.standardOutput.write(
        json
          ? submitted.json.text() + "\n"
          : "Submitted as run \(submitted.number); `claude-orch status` shows how far it is\n")
      return
    }
    printer.note("The daemon does this as run \(submitted.number); Ctrl-C stops watching, `claude-orch stop` stops it.")
    signal(SIGINT) { _ in _exit(ExitStatus.interrupted.rawValue) }
    try await follow(submitted.number, after: before, printer)
  }

  private func follow(_ number: Int64, after start: Int64, _ printer: RunPrinter) async throws {
    var position = start
    var missing: Duration?
    while true {
      // Asked before the events are read, so that none of the run is missed.
      let now = try project.view.look { tx in try tx.submittedRun(number) }
      position = try show(after: position, printer)
      if let now, now.endedAt != nil { return try end(now, printer) }
      if try DaemonHandshake.live(in: project.place.config.stateDir) != nil {
        missing = nil
      } else {
        let since = missing ?? project.clock.elapsed()
        missing = since
        guard project.clock.elapsed() - since < Self.patience else {
          printer.note("error: the daemon has ended; run \(number) goes on with the next `claude-orch daemon start`")
          throw ExitStatus.parked
        }
      }
      try await project.clock.sleep(Self.interval)
    }
  }

  private func show(after start: Int64, _ printer: RunPrinter) throws -> Int64 {
    var position = start
    while true {
      let page = try project.store.events(project.row, after: position, limit: 200)
      for event in page { printer.show(.event(event)) }
      position = page.last?.seq ?? position
      if page.count < 200 { return position }
    }
  }

  private func end(_ run: SubmittedRun, _ printer: RunPrinter) throws {
    let json = run.summary.flatMap { JSONReader.value(Array($0.utf8)[...]) } ?? .null
    printer.summary(RunSummary(json), project)
    guard let status = run.exitStatus.flatMap(ExitStatus.init), status != .done else { return }
    throw status
  }
}
