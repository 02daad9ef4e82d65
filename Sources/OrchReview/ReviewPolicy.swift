package import OrchDomain

/// What a project asks of a change before it may land without a human. Read from the base commit, never from the
/// branch under review.
package struct ReviewPolicy: Hashable, Sendable {
  /// A rule of the project's own.
  package struct ExtraRule: Hashable, Sendable {
    /// Shown in the evidence: `billing.tax`.
    package var name: String
    /// Its evidence needs a human in every category, `routine` too.
    package var category: Verdict.Category
    /// Files that it looks at; empty for all.
    package var paths: [Glob]
    /// Words of identifiers, such as `tax rate` for `taxRate` and `TAX_RATE`; empty when the path alone is enough.
    package var words: [String]

    package init(name: String, category: Verdict.Category, paths: [Glob] = [], words: [String] = []) {
      self.name = name
      self.category = category
      self.paths = paths
      self.words = words
    }
  }

  package var autoMerge: Bool
  /// Protected beside what always is.
  package var protectedPaths: [Glob]
  /// Names of rules, or `security.*` for all of a kind. `policy.unreadable` cannot be switched off.
  package var disabledRules: Set<String>
  package var extraRules: [ExtraRule]
  /// `needs_review` of the plan.
  package var needsReview: Bool
  /// The task's declared `touches`; empty when it declares none.
  package var touches: [Glob]
  /// The plan of the task, relative to the root.
  package var planPath: String
  /// The directory of all plans, without a slash at the end.
  package var plansDirectory: String
  /// Whether what CODEOWNERS gives to somebody by a pattern of its own is for a human.
  package var reviewsOwned: Bool
  /// Whether every change of what a program does is for a human, whatever the rules say.
  package var reviewsCode: Bool
  /// Changed lines beyond which nobody would notice something slipped in.
  package var largeChangeLines: Int
  package var largeChangeFiles: Int

  package init(
    autoMerge: Bool = true, protectedPaths: [Glob] = [], disabledRules: Set<String> = [],
    extraRules: [ExtraRule] = [], needsReview: Bool = false, touches: [Glob] = [], planPath: String = "",
    plansDirectory: String = "docs/plans", largeChangeLines: Int = 2000, largeChangeFiles: Int = 100,
    reviewsOwned: Bool = true, reviewsCode: Bool = false
  ) {
    self.autoMerge = autoMerge
    self.protectedPaths = protectedPaths
    self.disabledRules = disabledRules
    self.extraRules = extraRules
    self.needsReview = needsReview
    self.touches = touches
    self.planPath = planPath
    self.plansDirectory = plansDirectory
    self.reviewsOwned = reviewsOwned
    self.reviewsCode = reviewsCode
    self.largeChangeLines = largeChangeLines
    self.largeChangeFiles = largeChangeFiles
  }

  /// Whether a rule does not count here.
  package func isDisabled(_ rule: String) -> Bool {
    guard rule != ReviewRule.unreadable.name else { return false }
    return disabledRules.contains(rule)
      || rule.split(separator: ".").first.map { disabledRules.contains("\($0).*") } ?? false
  }
}
