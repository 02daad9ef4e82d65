import ArgumentParser
import OrchDomain
import OrchEngine
import OrchStore

/// `claude-orch send`
struct SendCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send", abstract: "Write to the agent of a task; it is in the prompt of its next turn, once",
    discussion: """
      No agent's program takes a message in the middle of its work, so it waits for the next turn. An agent at work \
      gets a turn for it when it says that it is done; `--list` shows what was delivered, and with which turn.
      """)

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: "The task", transform: TaskOption.parse)
  var task: TaskID

  @Argument(help: "What to tell it")
  var text: String?

  @Flag(name: .long, help: "Show what was sent, with the receipts")
  var list = false

  func validate() throws {
    if list == (text != nil) { throw ValidationError("give a text to send, or --list") }
    if let text, !text.contains(where: { !$0.isWhitespace }) { throw ValidationError("the text must say something") }
    if let text, text.utf8.count > 16 << 10 { throw ValidationError("a message may have 16 KiB at most") }
  }

  func run() async throws {
    let view = try options.view()
    guard let text else {
      _ = try view.task(task)
      return show(try view.look { tx in try tx.messages(to: task) })
    }
    let message = try Messages.send(
      text, to: task, from: Surroundings.userName, in: view, now: EngineClock.system.now())
    if output.json { return Terminal.standardOutput.write(message.json.text() + "\n") }
    let state = try view.task(task).state
    let when =
      switch state {
      case .running, .fixing: "it gets it when it says that it is done"
      case .blocked, .ready, .queued, .preparing: "it is in the first prompt"
      default: "it is in the prompt of the next turn; the task is \(state.rawValue.replacing("_", with: " "))"
      }
    Terminal.standardOutput.write("Message \(message.number) to \(task): \(when)\n")
  }

  private func show(_ messages: [Message]) {
    let terminal = Terminal.standardOutput
    if output.json {
      return terminal.write(JSONValue.object([.init("messages", .array(messages.map(\.json)))]).text() + "\n")
    }
    guard !messages.isEmpty else { return terminal.write("Nothing was sent to \(task).\n") }
    var table = TextTable(header: ["#", "FROM", "SENT", "DELIVERED", "TURN", "TEXT"])
    for message in messages {
      let turn = message.turn.flatMap { turn in message.attempt.map { "\($0)/\(turn)" } }
      table.add([
        String(message.number), message.sender, message.sentAt.rfc3339, message.deliveredAt?.rfc3339 ?? "waits",
        turn ?? "-", message.text,
      ])
    }
    terminal.write(table.text(width: terminal.isInteractive ? terminal.width : nil))
  }
}
