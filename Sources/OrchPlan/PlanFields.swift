import OrchDomain

/// The values of the frontmatter of one plan, each absent, or right.
struct PlanFields {
  var title: String?
  var titleRange = PlanRange.fileStart
  var status = TaskStatus.notStarted
  var statusRange: PlanRange?
  /// The bytes from the key `status` to the end of its value.
  var statusEntry: Range<Int>?
  var priority = TaskPriority.normal
  var dependencies: [PlanUnit.DeclaredDependency] = []
  var needsReview = false
  var githubIssue: Int?
  var agent: String?
  var model: String?
  var touches: [String] = []
  var touchRanges: [PlanRange] = []
  var verify: [String] = []
  var timeout: Duration?
  var maxCost: MicroUSD?
  var labels: [String] = []
  var complexity: TaskComplexity?
  var supersedes: [TaskID] = []
  var removes: [String] = []
}
