import OrchStore
import OrchDiagnostics
import OrchDomain
import OrchPlan
import OrchSchedule

extension Conductor {
  /// How often plans are looked at while tasks run.
  private static let interval = Duration.seconds(2)

  /// Takes over now and then what people change in plans while the run goes on.
  func followPlans() async throws {
    guard project.clock.elapsed() - plansReadAt >= Self.interval else { return }
    try await readPlans()
  }

  /// Takes over what people have changed in plans: new tasks, other dependencies, status edits.
  func readPlans() async throws {
    plansReadAt = project.clock.elapsed()
    let report: PlanSync.Report
    do {
      report = try await PlanSync(project: project).run()
    } catch let error as StoreError {
      throw error
    } catch {
      // What keeps plans from being read, such as a file that is just replaced, must not end the work of a night.
      let text = "plans are not read: \(error)"
      if told.insert(text).inserted { project.observer(.diagnostic(text)) }
      return
    }
    for problem in report.problems where told.insert(problem).inserted { project.observer(.diagnostic(problem)) }
    for diagnostic in report.diagnostics where diagnostic.severity == .error { tell(diagnostic) }
    for conflict in report.conflicts {
      let text =
        "\(conflict.task): its status is \(conflict.markdown.rawValue) in \(conflict.path) and "
        + "\(conflict.stored.rawValue) here; \(conflict.reason)"
      if told.insert(text).inserted { project.observer(.diagnostic(text)) }
    }
    if !report.accepted.isEmpty { try await writeRound(also: report.accepted.map(\.0)) }
    let news = try takeNews()
    try tellOfChangedPlans(news.changed.sorted())
    guard news.hasPlans || !report.updated.isEmpty else {
      for id in news.moved.sorted() where !driven.contains(id) && !landing.contains(id) { try refresh(id) }
      return
    }
    frontier = try project.recordedFrontier()
    toldCooldowns = nil
    try selectTasks()
  }

  /// What has happened to plans and tasks since the last look, whoever did it: a sync beside this run takes plans over
  /// as well, and what it finds is not found again here.
  private func takeNews() throws -> (hasPlans: Bool, changed: Set<TaskID>, moved: Set<TaskID>) {
    var news = (hasPlans: false, changed: Set<TaskID>(), moved: Set<TaskID>())
    while true {
      let events = try project.store.events(project.row, after: newsSeen, limit: 1000)
      for event in events {
        newsSeen = event.seq
        switch event.type {
        case .taskAdded, .tasksAdded, .taskRemoved, .tierSet: news.hasPlans = true
        case .taskChanged:
          news.hasPlans = true
          if let id = event.task { news.changed.insert(id) }
        case .taskState, .taskPaused, .taskResumed: if let id = event.task { news.moved.insert(id) }
        default: break
        }
      }
      if events.count < 1000 { return news }
    }
  }

  /// P017: an agent works from a plan that is no longer what it was given.
  private func tellOfChangedPlans(_ ids: [TaskID]) throws {
    for id in ids where driven.contains(id) {
      guard let attempt = try project.attempt(id), let given = attempt.record.planHash else { continue }
      let task = try project.task(id)
      guard task.plan.contentHash != given else { continue }
      tell(PlanCompiler.planChanged(id, attempt: attempt.number, path: task.plan.path))
    }
  }

  /// Tells of a mistake in a plan, once.
  private func tell(_ diagnostic: Diagnostic) {
    let place = "\(diagnostic.location.file):\(diagnostic.location.line):\(diagnostic.location.column)"
    let text = "\(place): \(diagnostic.message) [\(diagnostic.code)]"
    if told.insert(text).inserted { project.observer(.diagnostic(text)) }
  }
}
