/// A key of the frontmatter that the compiler knows.
enum PlanKey: String, CaseIterable {
  case module, epic, title, status, priority
  case dependsOn = "depends_on"
  case needsReview = "needs_review"
  case githubIssue = "github_issue"
  case agent, model, touches, verify, timeout
  case maxCost = "max_cost_usd"
  case labels, complexity, supersedes, removes

  private static let byName = allCases.map { (name: Array($0.rawValue.utf8), key: $0) }
  static let names = allCases.map(\.rawValue)

  /// The key with exactly this name.
  init?(name: ArraySlice<UInt8>) {
    guard let match = PlanKey.byName.first(where: { $0.name.count == name.count && $0.name.elementsEqual(name) }) else {
      return nil
    }
    self = match.key
  }
}
