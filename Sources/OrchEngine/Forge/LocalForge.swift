import OrchConfig
import OrchDomain
import OrchGit
import OrchStore

/// Changes that stay on this machine: a person looks at them with `pr show`, and the base branch is the one here.
struct LocalForge: Forge {
  let project: OpenProject
  var kind: ForgeSettings.Kind { .local }
  var patience: Duration { .seconds(2) }

  func publish(_ draft: ChangeDraft) async throws -> PublishedChange { PublishedChange(forge: .local) }

  func base() async throws -> String { try await project.baseCommit() }

  func hold(on change: Change) async throws -> LandingHold? { nil }

  func settle(_ change: Change, with base: String, tree: String) async throws -> LandingHold? { nil }

  func land(_ change: Change, commit: String, from base: String) async throws -> LandingStep {
    let moved = try await project.repository.advance(
      branch: project.baseBranch, from: base, to: commit, message: "claude-orch: land \(change.task)")
    switch moved {
    case .moved: return .moved(commit: commit)
    case .raced: return .raced
    case .waiting(let hold): return .waiting(LandingHold(reason: "\(hold)"))
    }
  }

  func hasLanded(_ change: Change) async throws -> Bool { try await landedCommit(of: change) != nil }

  func landedCommit(of change: Change) async throws -> String? {
    guard let intended = change.landingCommit,
      let base = try await project.repository.commitID(ofRef: project.baseRef),
      try await project.repository.isAncestor(change.landingTip ?? intended, of: base)
    else { return nil }
    return intended
  }

  func tellRed(_ change: Change, _ summary: String) async {}

  func tidy(_ change: Change) async -> Bool { true }
}
