import ArgumentParser
import OrchDomain
import OrchEngine

/// `claude-orch diff`
struct DiffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Show what a task changes",
    discussion: """
      Of the open change, else of what the agent at work has committed so far, else of the last change, else of the \
      last attempt that was kept. Characters that could deceive a terminal are made visible; --raw leaves them as \
      they are in a pipe, fit for `git apply`.
      """)

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: "The task", transform: TaskOption.parse)
  var task: TaskID

  @Flag(name: .long, help: "Only the patch; in a pipe as it is")
  var raw = false

  func run() async throws {
    let diff = try await TaskDiff.read(task, in: try await options.open())
    let terminal = Terminal.standardOutput
    if output.json {
      terminal.write(diff.json.text() + "\n")
    } else if raw && !terminal.isInteractive {
      terminal.write(diff.patch)
    } else {
      terminal.write((raw ? "" : diff.heading) + TaskDiff.shown(diff.patch, colour: terminal.allowsColour))
    }
  }
}
