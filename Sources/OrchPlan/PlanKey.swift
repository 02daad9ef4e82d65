/// A key of the frontmatter that the compiler knows.
enum PlanKey: String, CaseIterable {
  case module, epic, title, status, priority
  case dependsOn = "depends_on"
  case needsReview = "needs_review"
  case githubIssue = "github_issue"
  case agent, model, touches, verify, timeout
  case maxCost = "max_cost_usd"
  case labels, complexity

  private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { (Array($0.rawValue.utf8), $0) })
  static let names = allCases.map(\.rawValue)

  /// The key with exactly this name.
  init?(name: ArraySlice<UInt8>) {
    // The longest name has 12 bytes; hashing a hostile key of 256 KB would be waste.
    guard name.count <= 16, let key = PlanKey.byName[Array(name)] else { return nil }
    self = key
  }
}
