import ArgumentParser
import OrchConfig
import OrchDiagnostics
import OrchDomain
import OrchEngine
import OrchStore

/// `claude-orch sync`
struct SyncCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync", _superCommandName: "claude-orch",
    abstract: "Compile the plans, store them, and write statuses back")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Flag(name: .long, help: "Show what would change and change nothing")
  var dryRun = false

  @Flag(name: .long, help: "Where both sides changed a status, the Markdown wins")
  var theirs = false

  @Flag(name: .long, help: "Where both sides changed a status, the store wins")
  var ours = false

  @Flag(name: .long, help: "Leave issues alone, whatever [github_issues] enabled says")
  var skipIssues = false

  func validate() throws {
    if theirs && ours { throw ValidationError("--theirs and --ours exclude each other") }
  }

  func run() async throws { try await answer() }

  func answer() async throws {
    let (report, place) = try await report()
    if !dryRun, !skipIssues, place.loaded.settings.githubIssues.enabled {
      let project = try await place.open { RunPrinter(json: false).show($0) }
      try await IssuesSync.run(project, to: output.json ? Terminal.standardError : Terminal.standardOutput)
    }
    if report.hasErrors || !report.conflicts.isEmpty { throw ExitStatus.failed }
  }
}

extension SyncCommand {
  private func report() async throws -> (PlanSync.Report, ProjectPlace) {
    let place = try options.place()
    var earlier: PlanSync.Report?
    if !dryRun {
      switch try QuickSync.run(place, at: EngineClock.system.now()) {
      case .done(let report):
        SyncRun.present(report, root: place.root, json: output.json)
        return (report, place)
      case .needsRepository(let stored): earlier = stored
      }
    }
    let full = try await SyncRun.run(
      try await place.open(), prefer: theirs ? .theirs : ours ? .ours : .ask, dryRun: dryRun, json: output.json,
      after: earlier)
    return (full, place)
  }
}

/// What `sync` does, and `start` before it starts.
enum SyncRun {
  /// Runs a sync and prints what a person should know of it.
  @discardableResult
  static func run(
    _ project: OpenProject, prefer: PlanSync.Preference = .ask, dryRun: Bool = false, json: Bool = false,
    quiet: Bool = false, after earlier: PlanSync.Report? = nil
  ) async throws -> PlanSync.Report {
    var report = try await PlanSync(project: project).run(prefer: prefer, dryRun: dryRun).following(earlier)
    if !dryRun {
      report.problems += try await StatusWriter(project: project).writeRound(also: report.accepted.map(\.0))
    }
    present(report, root: project.root, dryRun: dryRun, json: json, quiet: quiet)
    return report
  }

  static func present(
    _ report: PlanSync.Report, root: String, dryRun: Bool = false, json: Bool, quiet: Bool = false
  ) {
    show(report, root: root)
    if json {
      Terminal.standardOutput.write(self.json(report).text(pretty: false) + "\n")
    } else if !quiet {
      Terminal.standardOutput.write(text(report, dryRun: dryRun))
    }
  }

  private static func show(_ report: PlanSync.Report, root: String) {
    let error = Terminal.standardError
    var renderer = DiagnosticRenderer(colour: error.allowsColour, width: error.width) { path in
      SourceFile.bytes(path, in: root)
    }
    for diagnostic in report.diagnostics where diagnostic.severity > .note { error.write(renderer.text(diagnostic)) }
    for problem in report.problems { error.write("warning: \(SafeText.visible(problem))\n") }
  }

  private static func text(_ report: PlanSync.Report, dryRun: Bool) -> String {
    var parts: [String] = []
    if !report.inserted.isEmpty { parts.append("\(report.inserted.count) new") }
    if !report.updated.isEmpty { parts.append("\(report.updated.count) changed") }
    if !report.removed.isEmpty { parts.append("\(report.removed.count) removed") }
    if !report.accepted.isEmpty { parts.append("\(report.accepted.count.counted("status", "statuses")) taken over") }
    let detail = parts.isEmpty ? "nothing changed" : parts.joined(separator: ", ")
    var text = "\(dryRun ? "Would sync" : "Synced") \(report.tasks.counted("task")) (\(detail))\n"
    guard !report.conflicts.isEmpty else { return text }
    text += "\(report.conflicts.count.counted("conflict")):\n"
    for conflict in report.conflicts {
      text += "  \(conflict.task): stored \(conflict.stored.rawValue), Markdown \(conflict.markdown.rawValue); "
      text += "\(conflict.reason) (\(SafeText.visible(conflict.path)))\n"
    }
    return text + "Settle them with `claude-orch sync --theirs` (Markdown wins) or `--ours` (the store wins).\n"
  }

  private static func json(_ report: PlanSync.Report) -> JSONValue {
    let ids = { (ids: [TaskID]) in JSONValue.array(ids.map { .string($0.description) }) }
    return .object([
      .init("tasks", .int(Int64(report.tasks))), .init("inserted", ids(report.inserted)),
      .init("updated", ids(report.updated)), .init("removed", ids(report.removed)),
      .init(
        "accepted",
        .array(
          report.accepted.map { item in
            .object([
              .init("task", .string(item.0.description)), .init("status", .string(item.1.rawValue)),
            ])
          })),
      .init(
        "conflicts",
        .array(
          report.conflicts.map { item in
            .object([
              .init("task", .string(item.task.description)), .init("path", .string(item.path)),
              .init("stored", .string(item.stored.rawValue)), .init("markdown", .string(item.markdown.rawValue)),
              .init("reason", .string(item.reason)),
            ])
          })),
      .init("problems", JSONValue(report.problems)),
    ])
  }
}
