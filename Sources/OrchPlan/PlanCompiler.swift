package import OrchDiagnostics
package import OrchDomain
import OrchGraph

/// Puts the files of a project together.
package enum PlanCompiler {
  /// Finds duplicates, dependencies and what is wrong with them; the order of `units` makes no difference.
  ///
  /// Time grows with units and dependencies, apart from sorting; the search for overlapping `touches` is bounded, see
  /// ``TouchOverlaps``.
  package static func link(_ units: [PlanUnit]) -> Compilation {
    var linker = PlanLinker(units)
    linker.resolve()
    linker.reportCycles()
    linker.reportOverlaps()
    linker.reportBlocked()
    return linker.compilation()
  }

  /// The diagnostic for a plan that was edited while an attempt at its task runs.
  ///
  /// - Parameter path: The plan's file.
  package static func planChanged(_ task: TaskID, attempt: Int, path: String) -> Diagnostic {
    Diagnostic(
      .warning, "P017", at: PlanRange.fileStart.location(in: path),
      "the plan of \(task) changed while attempt \(attempt) runs",
      notes: [Diagnostic.Note("the attempt goes on with the text that it was given")],
      fix: Diagnostic.Fix("run 'claude-orch retry \(task)' to work on the new text"))
  }
}
