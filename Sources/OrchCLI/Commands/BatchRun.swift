import OrchDiagnostics
import OrchDomain
import OrchEngine
import OrchSchedule

/// One run of a batch, without anybody who watches.
struct BatchRun: Sendable {
  let options: ProjectOptions
  let name: String
  let json: Bool

  /// - Throws: ``ExitStatus`` when the run ended with another status than 0.
  func execute() async throws {
    let place = try options.place()
    let schedule = try BatchSchedule.load(place)
    let errors = schedule.diagnostics.filter { $0.severity == .error }
    BatchText.show(schedule.diagnostics.filter { $0.severity > .note })
    // A mistake in another batch must not cost this night's run.
    guard errors.isEmpty || schedule.batches.contains(where: { $0.name == name }) else { throw ExitStatus.failed }
    let spec = try schedule.batch(named: name)
    let now = EngineClock.system.now()
    let log = try PrintedCopy.begin(try BatchLog.stem(name, in: place.paths, at: now))
    PrintedCopy.append(
      "Batch \(name) of \(place.root), \(TimeZoneOffsets.local.text(now)), process \(Surroundings.pid)\n")
    let printer = RunPrinter(json: json)
    var project = try await place.open { printer.show($0) }
    let ledger = BatchLedger(project: project)
    let lock: ProjectLock
    do {
      lock = try ProjectLock(project, purpose: "batch run \(name)")
    } catch EngineError.locked(let holder) {
      try ledger.recordSkipped(spec, holder: holder, log: log)
      throw EngineError.locked(holder: holder)
    }
    defer { lock.release() }
    try ledger.closeLost()
    let record = try ledger.begin(spec, log: log)
    var run = RunOptions(spec)
    run.batchRecord = record
    project.options = run
    project.batch = record
    let summary: RunSummary
    do {
      summary = try await StartRun.conduct(project, run, printer)
    } catch {
      try ledger.end(record, error: error)
      throw error
    }
    try ledger.end(record, summary)
    if spec.notifyOnComplete { printer.note("Batch \(name): \(BatchLedger.outcome(of: summary)); log in \(log)") }
    guard let status = ExitStatus(rawValue: summary.exitStatus), status != .done else { return }
    throw status
  }
}
