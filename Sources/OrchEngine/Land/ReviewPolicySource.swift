import OrchGit
import OrchConfig
import OrchDomain
import OrchReview
import OrchStore

/// Where the review policy comes from: the base commit, never the branch under review.
struct ReviewPolicySource: Sendable {
  let project: OpenProject

  /// - Throws: ``EngineError`` when the policy at the base commit has errors: unknown means human.
  func policy(for task: StoredTask, at base: String) async throws -> ReviewPolicy {
    let review = try await settings(at: base)
    return ReviewPolicy(
      autoMerge: review.autoMerge, protectedPaths: review.protected.map { Glob($0) },
      disabledRules: Set(review.disabledRules),
      extraRules: review.rules.map { rule in
        ReviewPolicy.ExtraRule(
          name: rule.name, category: rule.category, paths: rule.paths.map { Glob($0) }, words: rule.words)
      },
      needsReview: task.plan.needsReview, touches: task.plan.touches.map { Glob($0) }, planPath: task.plan.path,
      plansDirectory: project.settings.plans.dir)
  }

  /// Files whose secrets are made up. By the base commit as well: no branch allows itself a key.
  func allowedSecrets(at base: String) async throws -> [Glob] {
    try await settings(at: base).allowSecrets.map { Glob($0) }
  }

  /// A configuration file inside the repository counts as it is at the base commit; one outside counts as it is.
  private func settings(at base: String) async throws -> ReviewSettings {
    guard let file = project.configFile, let path = relative(file) else { return project.settings.review }
    guard let bytes = try await project.repository.file(at: path, in: base) else { return project.settings.review }
    let loaded = SettingsLoader.parse(bytes: bytes, file: path)
    guard !loaded.hasErrors else {
      // A policy that cannot be read asks for a human.
      var closed = ReviewSettings()
      closed.autoMerge = false
      return closed
    }
    return loaded.settings.review
  }

  private func relative(_ file: String) -> String? {
    let prefix = project.root.hasSuffix("/") ? project.root : project.root + "/"
    return file.hasPrefix(prefix) ? String(file.dropFirst(prefix.count)) : nil
  }
}
