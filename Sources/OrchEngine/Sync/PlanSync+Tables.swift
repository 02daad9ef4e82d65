import OrchDomain
import OrchPlan

extension PlanSync {
  /// Older projects keep statuses in the tables of a README alone: there they count for plans without a `status:`.
  ///
  /// The first README that exists is the one, as in the older tool (reference, 2.7). As soon as a status is written,
  /// it is in the plan, and the table no longer decides.
  func takeStatusesFromTables(
    _ compilation: inout Compilation, _ reading: PlanReading, _ report: inout Report
  ) async throws {
    let silent = Set(reading.units.filter { $0.statusRange == nil }.compactMap { $0.task?.id })
    guard !silent.isEmpty else { return }
    let plans = compilation.tasks.map { (id: $0.id, path: $0.path) }
    for path in project.overviewPaths {
      guard let bytes = try await project.projectFile(path) else { continue }
      do {
        let statuses = try StatusEdit.readOverview(bytes, readmePath: path, plans: plans)
        for index in compilation.tasks.indices {
          let id = compilation.tasks[index].id
          if silent.contains(id), let status = statuses[id] { compilation.tasks[index].status = status }
        }
      } catch {
        report.problems.append("\(path): its status tables are not read: \(error)")
      }
      return
    }
  }
}
