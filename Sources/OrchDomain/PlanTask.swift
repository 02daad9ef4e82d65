/// One task as the compiler read it from its plan.
package struct PlanTask: Hashable, Sendable {
  package let id: TaskID
  /// Shown to people; never empty.
  package var title: String
  /// Relative to the project's root, with `/` between components.
  package var path: String
  /// The `P` of an `epic-P.N` file name.
  package var phase: Int?
  /// What the Markdown says, which may be a person's request.
  package var status: TaskStatus
  package var priority: TaskPriority
  /// Sorted by id, without duplicates.
  package var dependencies: [Dependency]
  package var needsReview: Bool
  package var githubIssue: Int?
  package var agent: String?
  package var model: String?
  package var touches: [String]
  package var verify: [String]
  /// Longest wall-clock time of one attempt.
  package var timeout: Duration?
  /// Largest spend of one attempt.
  package var maxCost: MicroUSD?
  package var labels: [String]
  package var complexity: TaskComplexity?
  /// Names the content of the plan without its status, so that writing a status back is not a change of the plan.
  package var contentHash: UInt64

  package init(
    id: TaskID, title: String, path: String, phase: Int? = nil, status: TaskStatus = .notStarted,
    priority: TaskPriority = .normal, dependencies: [Dependency] = [], needsReview: Bool = false,
    githubIssue: Int? = nil, agent: String? = nil, model: String? = nil, touches: [String] = [], verify: [String] = [],
    timeout: Duration? = nil, maxCost: MicroUSD? = nil, labels: [String] = [], complexity: TaskComplexity? = nil,
    contentHash: UInt64 = 0
  ) {
    self.id = id
    self.title = title
    self.path = path
    self.phase = phase
    self.status = status
    self.priority = priority
    self.dependencies = dependencies
    self.needsReview = needsReview
    self.githubIssue = githubIssue
    self.agent = agent
    self.model = model
    self.touches = touches
    self.verify = verify
    self.timeout = timeout
    self.maxCost = maxCost
    self.labels = labels
    self.complexity = complexity
    self.contentHash = contentHash
  }
}

/// A task that must be complete first.
package struct Dependency: Hashable, Sendable, Codable {
  /// Where an edge comes from.
  package enum Kind: String, Hashable, Sendable, Codable {
    /// The next lower number of the same module and prefix.
    case implicit
    /// A `depends_on` entry.
    case explicit
  }
  package let id: TaskID
  package let kind: Kind

  package init(_ id: TaskID, _ kind: Kind) {
    self.id = id
    self.kind = kind
  }
}
