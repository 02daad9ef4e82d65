package import OrchDomain

extension StoreTransaction {
  /// Records what is going to be done to the worktree and branch of an attempt. Making an intent again changes nothing.
  @discardableResult
  package func makeIntent(
    _ kind: Intent.Kind, _ task: TaskID, attempt: Int, at: Timestamp
  ) throws(StoreError) -> Intent {
    let key = "\(task)/\(attempt)"
    let made = try run(
      """
      INSERT INTO intents (project_id, kind, key, task, attempt, made_at) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT DO NOTHING
      """, [project.number, kind.rawValue, key, task.description, attempt, at.milliseconds])
    if made == 1 {
      try appendEvent(
        .intentMade, task: task, attempt: attempt, data: ["kind": .string(kind.rawValue), "key": .string(key)], at: at)
    }
    return Intent(kind: kind, key: key, task: task, attempt: attempt, madeAt: at)
  }

  /// Records that the world is as it was intended. Settling an intent that is not there changes nothing.
  package func settleIntent(_ intent: Intent, at: Timestamp) throws(StoreError) {
    let settled = try run(
      "DELETE FROM intents WHERE project_id = ? AND kind = ? AND key = ?",
      [project.number, intent.kind.rawValue, intent.key])
    guard settled == 1 else { return }
    try appendEvent(
      .intentSettled, task: intent.task, attempt: intent.attempt,
      data: ["kind": .string(intent.kind.rawValue), "key": .string(intent.key)], at: at)
  }

  /// What was decided and is not known to be done, in a fixed order.
  package func intents(of task: TaskID? = nil) throws(StoreError) -> [Intent] {
    try all(
      """
      SELECT kind, key, task, attempt, made_at FROM intents
      WHERE project_id = ? AND (? IS NULL OR task = ?) ORDER BY kind, key
      """, [project.number, task?.description, task?.description]
    ) { row in
      Intent(
        kind: try row.value(), key: try row.text(), task: try row.task(), attempt: try row.int(),
        madeAt: try row.time())
    }
  }
}
