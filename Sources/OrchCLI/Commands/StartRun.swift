import OrchDomain
import OrchEngine
import OrchSchedule
import Synchronization

/// One run of tasks with its output: what `start` does.
struct StartRun: Sendable {
  var options: ProjectOptions
  var run: RunOptions
  var json: Bool
  var dryRun = false

  /// - Throws: ``ExitStatus`` when the run ended with another status than 0.
  func execute() async throws {
    let summary = try await perform()
    guard let status = ExitStatus(rawValue: summary.exitStatus), status != .done else { return }
    throw status
  }

  @discardableResult
  func perform() async throws -> RunSummary {
    let printer = RunPrinter(json: json)
    var project = try await options.open { printer.show($0) }
    project.options = run
    project.batch = run.batchRecord
    if dryRun {
      try await SyncRun.run(project, dryRun: true, quiet: true)
      printer.plan(try project.preview(run))
      return RunSummary()
    }
    let lock = try ProjectLock(project, purpose: "start")
    defer { lock.release() }
    let summary = try await StartRun.conduct(project, run, printer)
    try explainUnstarted(summary, project, printer)
    return summary
  }

  /// The run itself, from the sync before it to the summary. The caller holds the project's lock.
  static func conduct(_ project: OpenProject, _ run: RunOptions, _ printer: RunPrinter) async throws -> RunSummary {
    Terminal.outlivesItsOutput.store(true, ordering: .relaxed)
    let stop = StopSwitch()
    let signals = SignalWatch(stop: stop, printer: printer)
    signals.start()
    defer { signals.end() }
    try await SyncRun.run(project, quiet: true)
    for id in run.tasks ?? [] { _ = try project.task(id) }
    let summary = try await Conductor(project: project, options: run, stop: stop).run()
    printer.summary(summary, project)
    return summary
  }

  /// Whoever names a task wants to know why it did not start.
  private func explainUnstarted(_ summary: RunSummary, _ project: OpenProject, _ printer: RunPrinter) throws {
    let named = (run.tasks ?? []).filter { !summary.started.contains($0) }
    guard !named.isEmpty else { return }
    let frontier = try project.frontier()
    for id in named {
      guard let obstacle = frontier.explain(id).first else { continue }
      printer.note("\(id) was not started: it \(SafeText.line(obstacle.description, limit: 300))")
    }
  }
}
