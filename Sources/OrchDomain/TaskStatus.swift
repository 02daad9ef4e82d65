/// The status of a task as Markdown knows it.
package enum TaskStatus: String, Hashable, Sendable, CaseIterable, Codable {
  case notStarted = "not_started"
  case inProgress = "in_progress"
  case complete

  /// Reads a `status:` value with the synonyms of the older tool (reference, 2.4); nil for any other text.
  package init?(markdown text: some StringProtocol) {
    switch text.lowercased() {
    case "not_started", "notstarted", "not-started", "not started", "todo", "pending", "open": self = .notStarted
    case "in_progress", "inprogress", "in-progress", "in progress", "running": self = .inProgress
    case "complete", "completed", "done": self = .complete
    default: return nil
    }
  }

  /// The circle shown in status tables; all three have four bytes in UTF-8.
  package var emoji: Character {
    switch self {
    case .notStarted: "🔴"
    case .inProgress: "🟡"
    case .complete: "🟢"
    }
  }
}

/// How urgent a task is; orders ready tasks before anything else does.
package enum TaskPriority: String, Hashable, Sendable, CaseIterable, Codable, Comparable {
  case high, normal, low

  /// Reads a `priority:` value; `medium` is `normal`; nil for any other text.
  package init?(markdown text: some StringProtocol) {
    switch text.lowercased() {
    case "high": self = .high
    case "normal", "medium": self = .normal
    case "low": self = .low
    default: return nil
    }
  }

  /// 0 for high, 1 for normal, 2 for low.
  package var rank: Int {
    switch self {
    case .high: 0
    case .normal: 1
    case .low: 2
    }
  }

  package static func < (a: TaskPriority, b: TaskPriority) -> Bool { a.rank < b.rank }
}

/// How hard a task is thought to be; used for routing.
package enum TaskComplexity: String, Hashable, Sendable, CaseIterable, Codable {
  case simple, medium, complex
}
