import OrchStore
package import OrchDomain

/// Lands one approved change for a person who waits for it.
package struct Landing: Sendable {
  let project: OpenProject

  package init(project: OpenProject) { self.project = project }

  package enum Outcome: Hashable, Sendable {
    case landed(String)
    case sentBack(String)
    case waiting(String)
    case stuck(String)
    case withdrawn
  }

  /// The caller holds the project's lock.
  package func land(_ id: TaskID) async throws -> Outcome {
    let outcome = try await Lander(project: project).land(id)
    for problem in try await StatusWriter(project: project).writeRound() { project.observer(.diagnostic(problem)) }
    await project.shareStatuses()
    switch outcome {
    case .landed(let commit): return .landed(commit)
    case .sentBack: return .sentBack(try project.task(id).reason ?? "it did not land")
    case .waiting(let reason), .passing(let reason): return .waiting(reason)
    case .stuck(let reason): return .stuck(reason)
    case .withdrawn: return .withdrawn
    }
  }
}
