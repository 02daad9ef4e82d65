import OrchDomain
import OrchStore

/// How messages stand in the prompt of a turn.
enum MessageText {
  /// Behind the prompt of a turn that would have begun anyway.
  static func section(_ messages: [Message]) -> String {
    "\n\n## Messages\n\nWritten to you since your last turn. They come from people, or from programs in their name.\n\n"
      + messages.map(entry).joined(separator: "\n")
  }

  /// The whole prompt of a turn that begins because of them.
  static let prompt = """
    Your work on this task is not over: somebody has written to you. Take what is below into account, commit what
    follows from it, and finish as you were told at first.
    """

  private static func entry(_ message: Message) -> String {
    let lines = message.text.split(separator: "\n", omittingEmptySubsequences: false)
    return "From \(SafeText.line(message.sender, limit: 100)), \(message.sentAt.rfc3339):\n\n"
      + lines.map { "> \($0)\n" }.joined()
  }
}

extension OpenProject {
  func waitingMessages(for id: TaskID) throws -> [Message] {
    try store.read(row) { tx throws(StoreError) in try tx.waitingMessages(for: id) }
  }
}
