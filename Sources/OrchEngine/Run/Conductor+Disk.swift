import OrchConfig
import OrchDomain

extension Conductor {
  /// How often worktrees in which somebody works are measured.
  private static let measuring = Duration.seconds(60)

  /// Measures in the background what has changed, when there is a quota and it is time.
  func measureWorktrees(in group: inout ThrowingTaskGroup<Message, any Error>) throws {
    guard project.settings.worktree.diskQuota != nil, !isMeasuring else { return }
    let now = project.clock.elapsed()
    guard now - measuredAt >= Self.measuring || !unmeasured.isEmpty else { return }
    measuredAt = now
    isMeasuring = true
    let busy = try Set((driven.union(unmeasured)).compactMap { try project.attempt($0)?.worktree })
      .union((0..<project.gateWidth).map(project.paths.gateWorktree))
    unmeasured = []
    group.addTask { [project] in
      do {
        try await WorktreeMeasure(project: project).run(busy: busy)
        return .measured(nil)
      } catch {
        return .measured("the size of worktrees is not known: \(error)")
      }
    }
  }

  /// A quota counts from the first task on, so what was never measured is measured before.
  func measureAtStart() async throws {
    guard project.settings.worktree.diskQuota != nil else { return }
    try await WorktreeMeasure(project: project).run(busy: [])
  }

  /// Why no new worktree is made; nil while there is room.
  func diskHold() throws -> String? { try project.view.diskBudget().hold }
}
