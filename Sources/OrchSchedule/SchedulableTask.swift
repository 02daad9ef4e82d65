package import OrchDomain

/// What the scheduler has to know about one task.
package struct SchedulableTask: Hashable, Sendable {
  /// Where a task stands, as far as scheduling cares.
  package enum Phase: Hashable, Sendable {
    /// Not started, or to be started again.
    case waiting
    /// An attempt is going on: from `preparing` until its change is published.
    case running
    /// Neither running nor complete: it keeps what depends on it waiting, and its tier open.
    case held(Hold)
    case complete
  }

  package let id: TaskID
  package var priority: TaskPriority
  /// Ids that are not among the scheduled tasks keep the task waiting until they are.
  package var dependencies: [TaskID]
  /// The files that it may change; empty when nothing is known, and then nothing overlaps.
  package var touches: [Glob]
  /// The tier of its module; 0 for a module without one.
  package var tier: Int
  package var phase: Phase
  /// Expected work in any unit that all tasks share, such as seconds; 1 counts tasks.
  package var weight: Int64
  /// Why the plan of this task cannot be trusted, such as `P007: 'depends_on' is not a list`; it is never started then.
  package var defect: String?

  package init(
    id: TaskID, priority: TaskPriority = .normal, dependencies: [TaskID] = [], touches: [Glob] = [], tier: Int = 0,
    phase: Phase = .waiting, weight: Int64 = 1, defect: String? = nil
  ) {
    self.id = id
    self.priority = priority
    self.dependencies = dependencies
    self.touches = touches
    self.tier = tier
    self.phase = phase
    self.weight = weight
    self.defect = defect
  }
}

/// Why a task is held.
package struct Hold: Hashable, Sendable {
  /// What kind of end the hold waits for.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Its change is published, approved or landing.
    case inReview = "in_review"
    /// It goes on by itself at some time.
    case parked
    /// It waits for a person.
    case stuck
    case failed
    case cancelled
  }

  package var kind: Kind
  /// What it waits for, for people: `waits for a human: pr approve billing/E01`.
  package var reason: String
  /// Whether its `touches` still keep other tasks out: true while its change, or a kept attempt, is open.
  package var holdsTouches: Bool

  /// - Parameter holdsTouches: By default true for `inReview` and `parked`.
  package init(_ kind: Kind, _ reason: String, holdsTouches: Bool? = nil) {
    self.kind = kind
    self.reason = reason
    self.holdsTouches = holdsTouches ?? (kind == .inReview || kind == .parked)
  }
}
