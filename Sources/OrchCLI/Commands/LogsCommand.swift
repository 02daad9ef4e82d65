import ArgumentParser
import OrchDomain
import OrchEngine

/// `claude-orch logs`
struct LogsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Show what an agent did and said, turn by turn",
    discussion: """
      --raw prints the agent's own stream: as it is into a pipe, with control characters made visible on a terminal. \
      With --json every part is one line.
      """)

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: "The task", transform: TaskOption.parse)
  var task: TaskID

  @Flag(name: [.customShort("f"), .long], help: "Go on until the task has settled; Ctrl-C ends it")
  var follow = false

  @Option(name: .long, help: "The attempt, from 1 (default: the latest)")
  var attempt: Int?

  @Flag(name: .long, help: "The agent's stream as it is")
  var raw = false

  func validate() throws {
    if let attempt, attempt < 1 { throw ValidationError("--attempt must be at least 1") }
    if raw && output.json { throw ValidationError("--raw and --json exclude each other") }
  }

  func run() async throws {
    let view = try options.view()
    _ = try view.task(task)
    let form: TranscriptRun.Form = raw ? .raw : output.json ? .json : .text
    try await TranscriptRun(view: view, task: task, attempt: attempt, form: form, follow: follow).execute()
  }
}
