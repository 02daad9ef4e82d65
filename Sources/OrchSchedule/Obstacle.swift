package import OrchDomain

/// One reason why a task does not start now, or what it is doing instead.
package indirect enum Obstacle: Hashable, Sendable {
  /// A pair of patterns that may name the same file.
  package struct Overlap: Hashable, Sendable {
    package let own: String
    package let other: String
  }

  /// What is behind a dependency that is not complete.
  package struct Root: Hashable, Sendable {
    /// The task to look at: the dependency itself, or one that it waits for.
    package let task: TaskID
    /// Why that task is not complete; nil when it is ready and only needs a free slot.
    package let obstacle: Obstacle?
    /// How many edges `task` is behind the dependency; 0 for the dependency itself.
    package let distance: Int
  }

  case notInPlan
  case complete
  case running
  case held(Hold)
  /// The plan of the task cannot be trusted.
  case defect(String)
  /// `path[i]` waits for `path[i + 1]`, and the last waits for the first.
  case cycle([TaskID])
  case unknownDependency(TaskID)
  /// It waits for a task of a higher tier, which in turn may not start before this one is complete.
  case tierInversion(TaskID, tier: Int, own: Int)
  /// - Parameter everything: Whether all work is paused, not just this task.
  case paused(everything: Bool)
  case notSelected
  /// Every agent that may work on it is kept from work; says which, why, and until when.
  case withoutAgent(String)
  case dependency(TaskID, Root)
  /// - Parameters:
  ///   - tier: The tier of the task.
  ///   - open: The lowest tier that is not complete.
  ///   - keptClosedBy: Some of the incomplete tasks of lower tiers, the most pressing first.
  ///   - count: How many there are.
  case closedTier(Int, open: Int, keptClosedBy: [TaskID], count: Int)
  case overlap(with: TaskID, [Overlap])
}

extension Obstacle: CustomStringConvertible {
  /// For people, as the second half of a sentence that starts with the task's id.
  package var description: String {
    switch self {
    case .notInPlan: "is not in the plan"
    case .complete: "is complete"
    case .running: "is running"
    case .held(let hold): hold.description
    case .defect(let reason): "has a plan with errors: \(SafeText.visible(reason))"
    case .cycle(let path): Obstacle.text(cycle: path)
    case .unknownDependency(let id): "waits for \(id), which no plan declares"
    case .tierInversion(let id, let tier, let own):
      "waits for \(id) of tier \(tier), which may not start before tier \(own), that of this task, is complete"
    case .paused(let everything): everything ? "waits because everything is paused" : "is paused"
    case .notSelected: "is not among the selected tasks"
    case .withoutAgent(let reason): "waits because \(SafeText.visible(reason))"
    case .dependency(let id, let root): Obstacle.text(dependency: id, root)
    case .closedTier(let tier, let open, let tasks, let count): Obstacle.text(tier, open, tasks, count)
    case .overlap(let id, let pairs): Obstacle.text(overlapWith: id, pairs)
    }
  }

  private static func text(cycle path: [TaskID]) -> String {
    guard let first = path.first, path.count > 1 else { return "waits for itself" }
    return "is in a cycle: \(first)"
      + (path.dropFirst() + [first]).map { " waits for \($0)" }.joined(separator: ", which")
  }

  private static func text(dependency id: TaskID, _ root: Root) -> String {
    let why = root.obstacle.map(\.description) ?? "is ready and needs a free slot"
    switch root.distance {
    case 0: return "waits for \(id), which \(why)"
    case 1: return "waits for \(id), which waits for \(root.task), which \(why)"
    case let steps:
      let between = steps == 2 ? "1 more task" : "\(steps - 1) more tasks"
      return "waits for \(id), which waits through \(between) for \(root.task), which \(why)"
    }
  }

  private static func text(_ tier: Int, _ open: Int, _ tasks: [TaskID], _ count: Int) -> String {
    let named = tasks.map(\.description).joined(separator: ", ")
    let more = count > tasks.count ? " and \(count - tasks.count) more" : ""
    return "is in tier \(tier), which opens when the tiers below are complete; tier \(open) is open, and "
      + "\(count.counted("task is", "tasks are")) left: \(named)\(more)"
  }

  private static func text(overlapWith id: TaskID, _ pairs: [Overlap]) -> String {
    let named = pairs.prefix(3).map(\.description).joined(separator: ", ")
    let more = pairs.count > 3 ? " and \(pairs.count - 3) more" : ""
    return "may change the same files as \(id), which is at work: \(named)\(more)"
  }
}

extension Obstacle.Overlap: CustomStringConvertible {
  package var description: String {
    let own = SafeText.visible(own)
    return self.own == other ? "'\(own)'" : "'\(own)' and '\(SafeText.visible(other))'"
  }
}

extension Hold: CustomStringConvertible {
  /// `is marked as failed: gate red`; the reason alone when it says by itself what the task waits for.
  package var description: String {
    let reason = SafeText.visible(reason)
    if reason.isEmpty { return "is \(name)" }
    return reason.hasPrefix("waits ") ? reason : "is \(name): \(reason)"
  }

  private var name: String {
    switch kind {
    case .inReview: "in review"
    case .parked: "parked"
    case .stuck: "stuck"
    case .failed: "marked as failed"
    case .cancelled: "cancelled"
    }
  }
}
