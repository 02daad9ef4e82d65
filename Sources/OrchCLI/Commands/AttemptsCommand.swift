import ArgumentParser
import OrchDomain
import OrchEngine
import OrchStore

/// `claude-orch attempts`
struct AttemptsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attempts", abstract: "List what agents tried at a task, what it cost, and where the work is kept")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: "The task", transform: TaskOption.parse)
  var task: TaskID

  func run() async throws {
    let list = try AttemptList.read(task, in: try options.view())
    let terminal = Terminal.standardOutput
    if output.json {
      terminal.write(list.json.text() + "\n")
    } else {
      terminal.write(list.text(now: EngineClock.system.now(), width: terminal.isInteractive ? terminal.width : nil))
    }
  }
}
