import OrchAgents
import OrchConfig
import OrchDiagnostics
import OrchDomain
import OrchEngine
import OrchNotify
import OrchSchedule
import OrchStore
import OrchTemplates

/// One run of a batch or job, without anybody who watches.
struct BatchRun: Sendable {
  let options: ProjectOptions
  let name: String
  let json: Bool
  /// Whether only a run that is due begins, as programs ask that start things by the clock.
  let ifDue: Bool

  private static let lockPoll = Duration.seconds(1)
  private var lockPurpose: String { "batch run \(name)" }

  /// - Throws: ``ExitStatus`` when the run ended with another status than 0.
  func execute() async throws {
    let place = try options.place()
    let schedule = try BatchSchedule.load(place)
    let errors = schedule.diagnostics.filter { $0.severity == .error }
    BatchText.show(schedule.diagnostics.filter { $0.severity > .note })
    // A mistake in another batch must not cost this night's run.
    guard errors.isEmpty || schedule.batches.contains(where: { $0.name == name }) else { throw ExitStatus.failed }
    let spec = try schedule.batch(named: name)
    let zone = schedule.zone(of: spec)
    if ifDue, try await !waitUntilDue(spec, zone, place) { return }

    let clock = EngineClock.system
    let log = try PrintedCopy.begin(try BatchLog.stem(name, in: place.paths, at: clock.now()))
    PrintedCopy.append(
      "Batch \(name) of \(place.root), \(TimeZoneOffsets.local.text(clock.now())), process \(Surroundings.pid)\n")
    let printer = RunPrinter(json: json)
    let project = try await open(spec, zone, place, printer, log)
    let ledger = BatchLedger(project: project)
    let desk = NoticeDesk(project: project)
    // Nobody is told of what was before; of what this run finds out, people are.
    try desk.collect()
    let lock: ProjectLock
    do {
      lock = try await takeLock(spec, project, printer)
    } catch EngineError.locked(let holder) {
      // Another call of the same batch is about to begin what is due, or has begun it.
      let isOwn = spec.kind == .command || holder.hasPrefix("\(lockPurpose) (")
      try ledger.recordSkipped(
        spec, zone: zone, reason: "the project was driven by \(holder)", isOwn: isOwn, byClock: ifDue, log: log)
      throw EngineError.locked(holder: holder)
    }
    defer { lock.release() }
    if let status = try await preflight(spec, zone, project, desk, printer, log) { throw status }
    switch try ledger.open(
      spec, zone: zone, byClock: ifDue, log: log, forecast: try BatchForecast.read(spec, project))
    {
    case .run(let record, let goesOn):
      if goesOn { printer.note("Run #\(record.id) goes on: its process had ended before its time") }
      try await run(spec, record, project, ledger, desk, printer)
    case .later(_, let at): printer.note("Another process has changed what is due; the next run is at \(at.rfc3339)")
    case .nothing: printer.note("Another process has begun the run that was due")
    }
  }

  /// Opens the project. When that does not work in the environment of cron, the history and people hear of it.
  private func open(
    _ spec: BatchSpec, _ zone: TimeZoneOffsets, _ place: ProjectPlace, _ printer: RunPrinter, _ log: String
  ) async throws -> OpenProject {
    do {
      return try await place.open { printer.show($0) }
    } catch {
      let clock = EngineClock.system
      let (store, project) = try place.openStore(now: clock.now())
      let desk = NoticeDesk(
        ProjectView(place: place, store: store, row: project.id), environment: place.launch.environment, clock: clock)
      try desk.collect()
      try BatchLedger(store: store, row: project.id, clock: clock).recordSkipped(
        spec, zone: zone, reason: "the project cannot be opened: \(error)", byClock: ifDue, log: log)
      try await send(desk, printer)
      throw error
    }
  }

  /// Looks whether the run can get anywhere. If not, that is recorded for the due time, and people are told.
  ///
  /// - Returns: What to end with; nil when nothing is in the way.
  private func preflight(
    _ spec: BatchSpec, _ zone: TimeZoneOffsets, _ project: OpenProject, _ desk: NoticeDesk, _ printer: RunPrinter,
    _ log: String
  ) async throws -> ExitStatus? {
    guard spec.kind != .command else { return nil }
    try await SyncRun.run(project, quiet: true)
    let preflight = Preflight(project: project)
    for doubt in preflight.doubts(spec) { printer.note(doubt) }
    let now = project.clock.now()
    guard let obstacle = try preflight.obstacle(spec, end: now.advanced(by: spec.maxDuration)) else { return nil }
    printer.note("The batch does not begin: \(obstacle.text)")
    try BatchLedger(project: project).recordSkipped(
      spec, zone: zone, reason: "the preflight failed: \(obstacle.text)", byClock: ifDue, log: log)
    try await send(desk, printer)
    return obstacle.passes ? .parked : .unavailable
  }

  /// Sends what people are to be told by now.
  private func send(_ desk: NoticeDesk, _ printer: RunPrinter) async throws {
    try desk.collect()
    for problem in try await desk.deliver() { printer.note("A notice did not arrive and is tried again: \(problem)") }
  }

  /// Whether something is due, as far as the store tells without the repository; waits for the batch's jitter.
  private func waitUntilDue(_ spec: BatchSpec, _ zone: TimeZoneOffsets, _ place: ProjectPlace) async throws -> Bool {
    let clock = EngineClock.system
    let (store, project) = try place.openStore(now: clock.now())
    let ledger = BatchLedger(store: store, row: project.id, clock: clock)
    while true {
      let plan = try ledger.plan(spec, zone: zone, byClock: true)
      // An open record may be a lost one: that is found out under the lock.
      guard let start = plan.start else {
        let isOpen = try store.read(project.id) { tx throws(StoreError) in
          try tx.batches(named: name, limit: 1).contains { $0.endedAt == nil }
        }
        if !isOpen {
          let next = plan.next.map { "the next run is at \(zone.text($0))" } ?? "it never will be"
          Terminal.standardError.write("Nothing is due of batch \(name); \(next)\n")
        }
        return isOpen || !plan.missed.isEmpty
      }
      let wait = start.at.since(clock.now())
      if wait <= .zero { return true }
      try await clock.sleep(wait)
    }
  }

  /// Takes the lock under which the run goes on; with `overlap = "queue"` waits for it as long as a run may take.
  private func takeLock(_ spec: BatchSpec, _ project: OpenProject, _ printer: RunPrinter) async throws -> ProjectLock {
    let began = project.clock.elapsed()
    var isTold = false
    while true {
      do {
        return spec.kind == .command
          ? try ProjectLock(project, job: name) : try ProjectLock(project, purpose: lockPurpose)
      } catch EngineError.locked(let holder) {
        guard spec.overlap == .queue, project.clock.elapsed() - began < spec.maxDuration else {
          throw EngineError.locked(holder: holder)
        }
        if !isTold { printer.note("Waiting for at most \(spec.maxDuration.text): the project is driven by \(holder)") }
        isTold = true
        try await project.clock.sleep(Self.lockPoll)
      }
    }
  }

  private func run(
    _ spec: BatchSpec, _ record: Batch, _ project: OpenProject, _ ledger: BatchLedger, _ desk: NoticeDesk,
    _ printer: RunPrinter
  ) async throws {
    let status: ExitStatus
    do {
      switch spec.work {
      case .command(let command): status = try await runProgram(command, spec, record, project, ledger, printer)
      case .tasks: status = try await runTasks(nil, spec, record, project, ledger, printer)
      case .maintenance(let template, let scope, let request):
        let id = try await task(template, scope, request, project, printer)
        status = try await runTasks([id], spec, record, project, ledger, printer)
      }
    } catch {
      try ledger.end(record.id, error: error)
      try await report(spec, record, project, desk, printer)
      throw error
    }
    try await report(spec, record, project, desk, printer)
    if status != .done { throw status }
  }

  /// Sends the report of the run to whoever wants it, and what else waits.
  private func report(
    _ spec: BatchSpec, _ record: Batch, _ project: OpenProject, _ desk: NoticeDesk, _ printer: RunPrinter
  ) async throws {
    // What happened before comes before.
    try desk.collect()
    if spec.notifyOnComplete {
      let now = project.clock.now()
      let run = try project.view.look { tx in try tx.batch(record.id) } ?? record
      let report = try Report.read(project.view, since: run.startedAt, until: now, clock: project.clock)
      try desk.tell(
        .batch, key: "batch-\(run.id)", title: "Batch \(name): \(BatchText.outcome(run))",
        body: report.page(now: now).text(width: nil))
    }
    try await send(desk, printer)
  }

  private func runTasks(
    _ ids: [TaskID]?, _ spec: BatchSpec, _ record: Batch, _ project: OpenProject, _ ledger: BatchLedger,
    _ printer: RunPrinter
  ) async throws -> ExitStatus {
    let left = spec.timeLeft(at: project.clock.now(), startedAt: record.startedAt)
    var run = RunOptions(spec, begun: try ledger.begun(by: record.id), timeLeft: left)
    run.batchRecord = record.id
    if let ids {
      run.tasks = ids
      run.count = nil
    }
    var project = project
    project.options = run
    project.batch = record.id
    let summary = try await StartRun.conduct(project, run, printer)
    try ledger.end(record.id, summary)
    return ExitStatus(rawValue: summary.exitStatus) ?? .failed
  }

  private func runProgram(
    _ command: [String], _ spec: BatchSpec, _ record: Batch, _ project: OpenProject, _ ledger: BatchLedger,
    _ printer: RunPrinter
  ) async throws -> ExitStatus {
    let directory = project.paths.job(name, run: record.id)
    let runner = JobRunner(project: project)
    let trouble = try await runner.run(command, limit: spec.maxDuration, directory: directory)
    let output = try runner.output(in: directory)
    printer.write(
      SafeText.visible(output, keepingNewlines: true) + (output.hasSuffix("\n") || output.isEmpty ? "" : "\n"))
    try ledger.end(record.id, trouble: trouble)
    if let trouble { printer.note("Job \(name) \(trouble)") }
    return trouble == nil ? .done : .failed
  }

  /// The task of a maintenance template: a new one, or the one before, as long as it is not complete.
  private func task(
    _ template: String, _ scope: String, _ request: String?, _ project: OpenProject, _ printer: RunPrinter
  ) async throws -> TaskID {
    guard let text = Template.maintenance.first(where: { MaintenancePlan.name(of: $0) == template }) else {
      throw EngineError.invalid(
        "job '\(name)': there is no maintenance '\(SafeText.visible(template))'; see `claude-orch maintenance list`")
    }
    guard let scope = MaintenanceScope(scope) else {
      throw EngineError.invalid("job '\(name)': scope must be one of \(MaintenanceScope.forms.joined(separator: ", "))")
    }
    try await SyncRun.run(project, quiet: true)
    do {
      let task = try Maintenance(MaintenancePlan(text, scope, request: request ?? ""), in: project)
      try await task.commit()
      printer.note("\(task.id) is planned in \(task.path)")
      return task.id
    } catch EngineError.wrongState(let id, _, _) {
      printer.note("\(id) does the same and is not complete; it goes on")
      return id
    }
  }
}
