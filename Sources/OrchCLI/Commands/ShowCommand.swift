import ArgumentParser
import OrchDomain
import OrchEngine

/// `claude-orch show`
struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show everything that is known about a task")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: "The task", transform: TaskOption.parse)
  var task: TaskID

  func run() async throws {
    let details = try TaskDetails.read(task, in: try options.view())
    Terminal.standardOutput.write(output.json ? details.json.text() + "\n" : details.text)
  }
}
