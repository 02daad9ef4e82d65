package import OrchDiagnostics
package import OrchDomain

/// All plans of a project taken together.
package struct Compilation: Hashable, Sendable {
  /// Sorted by id, one row for every id that some file gives, also for tasks that are not sound.
  ///
  /// Dependencies are only on tasks that exist and never on the task itself; those of a cycle are kept.
  package var tasks: [PlanTask]
  /// The tasks that must not be started: their file has errors, or their id or dependencies can't be used.
  package var unsound: Set<TaskID>
  /// Everything that was found in the files and between them, in the order of reports.
  package var diagnostics: [Diagnostic]
  /// The paths of the files that describe a module, sorted, by module; also of modules without tasks.
  package var overviews: [String: [String]]

  package init(
    tasks: [PlanTask], unsound: Set<TaskID>, diagnostics: [Diagnostic], overviews: [String: [String]]
  ) {
    self.tasks = tasks
    self.unsound = unsound
    self.diagnostics = diagnostics
    self.overviews = overviews
  }

  /// Whether nothing speaks against starting the task, as far as the plans can tell.
  package func isSound(_ id: TaskID) -> Bool { !unsound.contains(id) }
}
