import OrchDomain
import OrchSchedule
import OrchStore

/// What the runs of the past say about the runs to come.
enum RunHistory {
  /// One sample for each complete task that an agent worked on.
  ///
  /// The time of an attempt is that until its change was opened, so that nobody's absence counts as work; of an
  /// attempt without a change it is all of it.
  static func samples(tasks: [StoredTask], attempts: [Attempt], changes: [Change]) -> [WorkHistory.Sample] {
    struct Key: Hashable {
      let task: TaskID
      let attempt: Int
    }
    let opened = Dictionary(changes.map { (Key(task: $0.task, attempt: $0.attempt), $0.createdAt) }) { min($0, $1) }
    let byTask = Dictionary(grouping: attempts, by: \.task)
    return tasks.filter { $0.state == .complete }.compactMap { task in
      guard let attempts = byTask[task.id], attempts.contains(where: { $0.outcome == .complete }) else { return nil }
      let duration = attempts.reduce(Duration.zero) { sum, attempt in
        // A change that a later attempt took over was opened before that attempt began.
        let published = opened[Key(task: task.id, attempt: attempt.number)].flatMap {
          $0 >= attempt.startedAt ? $0 : nil
        }
        guard let end = published ?? attempt.endedAt else { return sum }
        return sum + max(.zero, end.since(attempt.startedAt))
      }
      let cost = attempts.reduce(MicroUSD.zero) { $0 + $1.usage.cost }
      return WorkHistory.Sample(task: task.id, complexity: task.plan.complexity, duration: duration, cost: cost)
    }
  }

  /// What is left of a task that is at work: never nothing, because it is not done.
  static func remaining(_ estimate: TaskEstimate, after elapsed: Duration) -> TaskEstimate {
    var rest = estimate
    rest.duration = max(estimate.duration - elapsed, estimate.duration / 10)
    return rest
  }
}
