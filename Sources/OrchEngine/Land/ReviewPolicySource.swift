import OrchConfig
import OrchDomain
import OrchGit
import OrchReview
import OrchStore

/// Where the review policy comes from: the base commit, never the branch under review.
struct ReviewPolicySource: Sendable {
  /// A file of the repository that holds `[review]` alone, beside the configuration.
  static let ownFile = ".claude-orchestrator/review.toml"

  let repository: GitRepository
  /// Of the project; paths of the configuration are compared with it.
  let root: String
  let configFile: String?
  /// What counts where the base commit has no configuration.
  let settings: Settings

  init(project: OpenProject) {
    self.init(
      repository: project.repository, root: project.root, configFile: project.configFile, settings: project.settings)
  }

  init(repository: GitRepository, root: String, configFile: String?, settings: Settings) {
    self.repository = repository
    self.root = root
    self.configFile = configFile
    self.settings = settings
  }

  /// The policy for the change of a task, of what ``review(at:)`` has found.
  ///
  /// - Parameter plans: Where the plans are at the base, behind all links: what they say is guarded there.
  func policy(_ review: ReviewSettings, for task: StoredTask, plans: String) -> ReviewPolicy {
    var policy = Self.policy(review, plansDirectory: plans)
    policy.needsReview = task.plan.needsReview
    policy.touches = task.plan.touches.map { Glob($0) }
    policy.planPath = task.plan.path
    return policy
  }

  /// The policy for changes that belong to no task.
  static func policy(_ review: ReviewSettings, plansDirectory: String) -> ReviewPolicy {
    ReviewPolicy(
      autoMerge: review.autoMerge, protectedPaths: review.protected.map { Glob($0) },
      disabledRules: Set(review.disabledRules),
      extraRules: review.rules.map { rule in
        ReviewPolicy.ExtraRule(
          name: rule.name, category: rule.category, paths: rule.paths.map { Glob($0) }, words: rule.words)
      },
      plansDirectory: plansDirectory, largeChangeLines: review.largeChangeLines,
      largeChangeFiles: review.largeChangeFiles, reviewsOwned: review.codeOwners, reviewsCode: review.codeNeedsReview)
  }

  /// How much the look of a second agent at the risk counts.
  func secondLook(at base: String) async throws -> LookMode { secondLook(try await review(at: base)) }

  func secondLook(_ review: ReviewSettings) -> LookMode {
    let policy = Self.policy(review, plansDirectory: settings.plans.dir)
    return policy.isDisabled(SecondLook.rule) ? .off : review.secondLook
  }

  /// `[review]` of the configuration with what `review.toml` adds.
  ///
  /// A configuration file inside the repository counts as it is at the base commit; one outside counts as it is.
  func review(at base: String) async throws -> ReviewSettings {
    var review = settings.review
    if let path = configFile.flatMap(relative), let bytes = try await repository.file(at: path, in: base) {
      review = Self.parse(bytes, path)
    }
    guard let bytes = try await repository.file(at: Self.ownFile, in: base) else { return review }
    return review.adding(Self.parse(bytes, Self.ownFile))
  }

  /// A policy that cannot be read asks for a human.
  static func parse(_ bytes: [UInt8], _ file: String) -> ReviewSettings {
    let loaded = SettingsLoader.parse(bytes: bytes, file: file)
    guard loaded.hasErrors else { return loaded.settings.review }
    var closed = ReviewSettings()
    closed.autoMerge = false
    return closed
  }

  private func relative(_ file: String) -> String? {
    let prefix = root.hasSuffix("/") ? root : root + "/"
    return file.hasPrefix(prefix) ? String(file.dropFirst(prefix.count)) : nil
  }
}

extension ReviewSettings {
  /// Both together: lists unite, and the stricter of two limits counts.
  func adding(_ other: ReviewSettings) -> ReviewSettings {
    var result = self
    result.autoMerge = autoMerge && other.autoMerge
    result.codeOwners = codeOwners && other.codeOwners
    result.codeNeedsReview = codeNeedsReview || other.codeNeedsReview
    result.protected += other.protected.filter { !protected.contains($0) }
    result.allowSecrets += other.allowSecrets
    result.disabledRules += other.disabledRules
    result.rules += other.rules
    result.largeChangeLines = min(largeChangeLines, other.largeChangeLines)
    result.largeChangeFiles = min(largeChangeFiles, other.largeChangeFiles)
    result.lostLinesDays = min(lostLinesDays, other.lostLinesDays)
    result.secondLook = max(secondLook, other.secondLook)
    return result
  }
}
