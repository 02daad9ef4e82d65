import ArgumentParser
import OrchDomain
import OrchEngine

/// `claude-orch prompt`
struct PromptCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prompt", abstract: "Print exactly what an agent was told, or would be told now",
    discussion: "Without options: the latest turn of the attempt under way, else the first turn of the next attempt.")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: "The task", transform: TaskOption.parse)
  var task: TaskID

  @Option(name: .long, help: "The attempt, from 1")
  var attempt: Int?

  @Option(name: .long, help: "The turn of that attempt, from 1 (default: the latest)")
  var turn: Int?

  func validate() throws {
    if let attempt, attempt < 1 { throw ValidationError("--attempt must be at least 1") }
    if let turn, turn < 1 { throw ValidationError("--turn must be at least 1") }
  }

  func run() async throws {
    let prompt = try await PromptPreview.read(task, attempt: attempt, turn: turn, in: try await options.open())
    let text = String(decoding: prompt.bytes, as: UTF8.self)
    guard output.json else {
      // Into a pipe as it is; a terminal must not obey what plans and programs say.
      guard Terminal.standardOutput.isInteractive else {
        return Terminal.standardOutput.write(bytes: prompt.bytes[...])
      }
      return Terminal.standardOutput.write(SafeText.visible(text, keepingNewlines: true))
    }
    let json = JSONValue.object([
      .init("task", .string(task.description)), .init("attempt", JSONValue(prompt.attempt)),
      .init("turn", JSONValue(prompt.turn)), .init("path", JSONValue(prompt.path)), .init("prompt", .string(text)),
    ])
    Terminal.standardOutput.write(json.text() + "\n")
  }
}
