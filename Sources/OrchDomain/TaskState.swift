/// Where a task is in its life (product.md, section 4).
package enum TaskState: String, Hashable, Sendable, CaseIterable, Codable {
  case blocked, ready, queued, preparing, running, verifying, fixing, publishing
  case inReview = "in_review"
  case approved, landing, complete
  case parked, stuck, failed, cancelled

  /// Whether an attempt is going on: from `preparing` up to, but not including, `complete`.
  package var isActive: Bool {
    switch self {
    case .preparing, .running, .verifying, .fixing, .publishing, .inReview, .approved, .landing: true
    default: false
    }
  }

  /// Whether the task holds one of the `max_parallel_agents` slots.
  package var holdsSlot: Bool {
    switch self {
    case .queued, .preparing, .running, .verifying, .fixing, .publishing: true
    default: false
    }
  }

  /// The states that may follow this one. A change to the same state is always allowed: it only records a new reason.
  package var successors: Set<TaskState> { Self.table[self] ?? [] }

  /// Made once: every transition looks at it.
  private static let table = Dictionary(uniqueKeysWithValues: allCases.map { ($0, $0.listed) })

  private var listed: Set<TaskState> {
    let interruptions: Set<TaskState> = [.parked, .stuck, .failed, .cancelled]
    switch self {
    case .blocked: return interruptions.union([.ready, .complete])
    case .ready: return interruptions.union([.blocked, .queued, .complete])
    case .queued: return interruptions.union([.blocked, .ready, .preparing])
    case .preparing: return interruptions.union([.ready, .running])
    case .running: return interruptions.union([.verifying, .fixing, .ready])
    case .verifying: return interruptions.union([.fixing, .publishing, .running])
    case .fixing: return interruptions.union([.verifying, .running, .ready])
    case .publishing: return interruptions.union([.inReview, .approved, .fixing])
    case .inReview: return interruptions.union([.approved, .fixing, .publishing])
    case .approved: return interruptions.union([.landing, .inReview, .fixing])
    case .landing: return interruptions.union([.complete, .approved, .inReview, .fixing])
    case .complete: return [.blocked, .ready]
    case .parked, .stuck, .failed, .cancelled: return Set(TaskState.allCases)
    }
  }

  /// The Markdown status of a task in this state.
  ///
  /// - Parameter held: The state that `parked` or `stuck` interrupted; an interrupted attempt is kept, so the task
  ///   stays in progress.
  package func status(heldFrom held: TaskState? = nil) -> TaskStatus {
    switch self {
    case .complete: .complete
    case .parked, .stuck: held?.isActive == true ? .inProgress : .notStarted
    default: isActive ? .inProgress : .notStarted
    }
  }
}

/// Why an attempt ended without finished work. Each class has its own policy (product.md, section 4).
package enum FailureClass: String, Hashable, Sendable, CaseIterable, Codable {
  case rateLimit = "rate_limit"
  case overloaded, auth, billing, environment, gate
  case noWork = "no_work"
  case permission, timeout, stalled, conflict, budget, crash, implementation
}
