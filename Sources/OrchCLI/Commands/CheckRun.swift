import OrchConfig
import OrchDiagnostics
import OrchDomain
import OrchEngine
import OrchPlan

/// One compilation for `check`: nothing is stored, nothing is written.
struct CheckRun {
  let place: ProjectPlace
  let format: DiagnosticFormat
  let paths: [String]
  let strict: Bool

  /// - Returns: The report, and what kept plans from being read.
  func report() throws -> (report: DiagnosticReport, tasks: Int, problems: [String]) {
    let root = place.checkout
    let folder = try PlanCheck.read(root: root, directory: place.loaded.settings.plans.dir)
    let compilation = PlanCompiler.link(folder.units)
    let wanted = try paths.map { try relative($0, to: root) }
    let shown = compilation.diagnostics.filter { diagnostic in
      wanted.isEmpty
        || wanted.contains { diagnostic.location.file == $0 || diagnostic.location.file.hasPrefix($0 + "/") }
    }
    let report = DiagnosticReport(
      shown, files: folder.units.count { $0.kind != .other }, tasks: compilation.tasks.count,
      toolVersion: Version.number
    ) { SourceFile.bytes($0, in: root) }
    return (report, compilation.tasks.count, folder.problems)
  }

  func execute() throws {
    let (report, tasks, problems) = try report()
    let output = Terminal.standardOutput
    output.write(report.text(format, colour: output.allowsColour))
    for problem in problems { Terminal.standardError.write("warning: \(SafeText.visible(problem))\n") }
    if format == .text { output.write(summary(report, tasks: tasks)) }
    let isStrictFailure = strict && (report.warnings > 0 || !problems.isEmpty)
    if report.errors > 0 || isStrictFailure { throw ExitStatus.failed }
  }

  private func summary(_ report: DiagnosticReport, tasks: Int) -> String {
    let found =
      report.errors + report.warnings == 0
      ? "no problems" : "\(report.errors.counted("error")), \(report.warnings.counted("warning"))"
    return "\(tasks.counted("task")), \(found)\n"
  }

  /// A path of the command line as diagnostics name it.
  private func relative(_ path: String, to root: String) throws -> String {
    var text = place.launch.absolute(path)
    while text.hasSuffix("/") && text.count > 1 { text.removeLast() }
    if text == root { return "" }
    guard text.hasPrefix(root + "/") else {
      throw EngineError.invalid("'\(path)' is not inside the project at \(root)")
    }
    return String(text.dropFirst(root.count + 1))
  }
}
