import OrchDomain

extension PlanUnit {
  /// Whether an edit from this unit to `new` leaves everything as it is that linking says of other tasks, and of the
  /// edges of its own, if linking had nothing to report before.
  ///
  /// Then it has nothing to report afterwards. Whatever ``PlanCompiler/link(_:)`` looks at is compared here; the rest
  /// is text of the task itself, or a place that only a report would show.
  package func linksLike(_ new: PlanUnit) -> Bool {
    guard path == new.path, kind == new.kind, module == new.module, diagnostics.isEmpty, new.diagnostics.isEmpty,
      task?.id == new.task?.id, task?.touches == new.task?.touches,
      dependencies.count == new.dependencies.count, zip(dependencies, new.dependencies).allSatisfy({ $0.id == $1.id })
    else { return false }
    // Complete tasks may touch the same files as others.
    return task?.status == new.task?.status || task?.touches.isEmpty == true
  }
}
