package import OrchDomain

/// What a person, or another agent, writes to the agent of a task.
package struct Message: Hashable, Sendable {
  package let number: Int64
  package let task: TaskID
  package let sender: String
  package let text: String
  package let sentAt: Timestamp
  /// Nil while it waits for the next turn.
  package let deliveredAt: Timestamp?
  /// The turn whose prompt has it.
  package let attempt: Int?
  package let turn: Int?
}

extension StoreTransaction {
  private static let messageColumns = "number, task, sender, text, sent_at, delivered_at, attempt, turn"

  private static func message(_ row: inout RowReader) throws -> Message {
    Message(
      number: try row.integer(), task: try row.task(), sender: try row.text(), text: try row.text(),
      sentAt: try row.time(), deliveredAt: try row.optionalTime(), attempt: try row.optionalInt(),
      turn: try row.optionalInt())
  }

  /// Keeps a message for the next turn of a task.
  package func sendMessage(
    _ text: String, to id: TaskID, from sender: String, at: Timestamp
  ) throws(StoreError) -> Message {
    try run(
      "INSERT INTO messages (project_id, task, sender, text, sent_at) VALUES (?, ?, ?, ?, ?)",
      [project.number, id.description, sender, text, at.milliseconds])
    let number = lastRow
    try answerQuestions(about: id, with: number)
    try appendEvent(.messageSent, task: id, data: ["message": .int(number), "from": .string(sender)], at: at)
    return Message(
      number: number, task: id, sender: sender, text: text, sentAt: at, deliveredAt: nil, attempt: nil, turn: nil)
  }

  /// What no turn has been told yet, oldest first.
  package func waitingMessages(for id: TaskID) throws(StoreError) -> [Message] {
    try all(
      """
      SELECT \(Self.messageColumns) FROM messages INDEXED BY messages_waiting
      WHERE project_id = ? AND task = ? AND delivered_at IS NULL ORDER BY number
      """, [project.number, id.description], Self.message)
  }

  /// Every message to a task, oldest first.
  package func messages(to id: TaskID) throws(StoreError) -> [Message] {
    try all(
      "SELECT \(Self.messageColumns) FROM messages WHERE project_id = ? AND task = ? ORDER BY number",
      [project.number, id.description], Self.message)
  }

  /// Takes note of the turn whose prompt has the messages, in the transaction that records the turn.
  package func deliverMessages(
    _ numbers: [Int64], to id: TaskID, attempt: Int, turn: Int, at: Timestamp
  ) throws(StoreError) {
    for number in numbers {
      let changed = try run(
        """
        UPDATE messages SET delivered_at = ?, attempt = ?, turn = ?
        WHERE project_id = ? AND number = ? AND delivered_at IS NULL
        """, [at.milliseconds, attempt, turn, project.number, number])
      guard changed == 1 else { continue }
      try appendEvent(
        .messageDelivered, task: id, attempt: attempt,
        data: ["message": .int(number), "turn": .int(Int64(turn))], at: at)
    }
  }
}
