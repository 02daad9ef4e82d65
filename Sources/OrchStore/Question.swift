package import OrchDomain

/// What an agent asks a person. Any message to its task is the answer.
package struct Question: Hashable, Sendable {
  /// That of its event.
  package let number: Int64
  package let task: TaskID
  package let text: String
  package let askedAt: Timestamp
}

extension StoreTransaction {
  /// Asks people something.
  @discardableResult
  package func ask(_ text: String, about id: TaskID, at: Timestamp) throws(StoreError) -> Question {
    let number = try appendEvent(.questionAsked, task: id, data: ["text": .string(text)], at: at)
    try run(
      "INSERT INTO questions (number, project_id, task, text, asked_at) VALUES (?, ?, ?, ?, ?)",
      [number, project.number, id.description, text, at.milliseconds])
    return Question(number: number, task: id, text: text, askedAt: at)
  }

  /// What nobody has answered, oldest first; only of tasks that are not over.
  package func openQuestions() throws(StoreError) -> [Question] {
    try all(
      """
      SELECT q.number, q.task, q.text, q.asked_at FROM questions q INDEXED BY questions_open
      JOIN tasks t ON t.project_id = q.project_id AND t.id = q.task
      WHERE q.project_id = ? AND q.message IS NULL AND t.removed_at IS NULL AND t.state NOT IN (?, ?)
      ORDER BY q.number
      """, [project.number, TaskState.complete.rawValue, TaskState.cancelled.rawValue]
    ) { row in
      Question(
        number: try row.integer(), task: try row.task(), text: try row.text(), askedAt: try row.time())
    }
  }

  /// Takes a message for the answer to everything that was asked about its task.
  func answerQuestions(about id: TaskID, with message: Int64) throws(StoreError) {
    try run(
      "UPDATE questions SET message = ? WHERE project_id = ? AND task = ? AND message IS NULL",
      [message, project.number, id.description])
  }
}
