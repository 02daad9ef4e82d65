package import OrchAgents
import OrchConfig
package import OrchDomain
import OrchGit
import OrchStore

/// Makes a task of a maintenance plan: the file is committed to the base branch, as a status is, and from there on it
/// is a plan like any other.
package struct Maintenance: Sendable {
  let project: OpenProject
  package let plan: MaintenancePlan
  package let id: TaskID
  package let path: String
  package let text: String

  /// - Throws: ``EngineError`` when the same work is under way, or the scope names no module.
  package init(_ plan: MaintenancePlan, in project: OpenProject) throws {
    self.project = project
    self.plan = plan
    if case .module(let name) = plan.scope, try project.tasks(inModule: name).isEmpty {
      let known = Set(try project.store.tasks(project.row).map(\.id.module)).sorted()
      throw EngineError.invalid("there is no module '\(name)'; there are \(known.joined(separator: ", "))")
    }
    let earlier = try project.store.tasks(
      project.row, TaskFilter(module: MaintenancePlan.module, includesRemoved: true)
    ).filter { $0.id.prefix == plan.prefix }
    if let open = earlier.first(where: { $0.state != .complete && $0.removedAt == nil }) {
      throw EngineError.wrongState(
        open.id, state: open.state,
        wanted: "it does the same; `claude-orch start \(open.id)` goes on with it, or remove \(open.plan.path)")
    }
    let number = (earlier.map(\.id.number).max() ?? 0) + 1
    id = TaskID(module: MaintenancePlan.module, prefix: plan.prefix, number: number)
    path = plan.path(below: project.settings.plans.dir, number: number)
    text = try plan.text(override: project.promptOverride)
  }

  /// Commits the plan to the base branch, whose checkout follows as a fast-forward.
  package func commit() async throws {
    let repository = project.repository
    for _ in 0..<5 {
      let base = try await project.baseCommit()
      guard try await repository.file(at: path, in: base) == nil else {
        throw EngineError.invalid("\(path) is on '\(project.baseBranch)' already; `claude-orch sync` reads it")
      }
      let tree = try await repository.tree(of: base, adding: [path: Array(text.utf8)])
      let commit = try await repository.makeCommit(
        tree: tree, parents: [base], message: "chore(maintenance): plan \(id)\n", author: .orchestrator,
        at: project.clock.now())
      switch try await repository.advance(
        branch: project.baseBranch, from: base, to: commit, message: "claude-orch: plan \(id)")
      {
      case .moved: return
      case .raced: continue
      case .waiting(let hold): throw EngineError.unavailable("\(path) cannot be committed: \(hold)")
      }
    }
    throw EngineError.unavailable("\(path) cannot be committed: '\(project.baseBranch)' keeps moving")
  }
}
