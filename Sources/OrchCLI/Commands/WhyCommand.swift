import ArgumentParser
import OrchDomain
import OrchEngine

/// `claude-orch why`
struct WhyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why", abstract: "Tell why a task does not start now, in the order of what to do about it")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: "The task", transform: TaskOption.parse)
  var task: TaskID

  func run() async throws {
    let reasons = try TaskReasons.read(task, in: try options.view())
    Terminal.standardOutput.write(output.json ? reasons.json.text() + "\n" : reasons.text)
  }
}
