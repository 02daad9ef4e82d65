import ArgumentParser
import OrchDomain
import OrchEngine
import OrchStore

/// `claude-orch pr queue`
struct PRQueue: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "queue", abstract: "Show the changes on their way to the base branch, and what each waits for")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Flag(name: .long, help: "Also those that have landed or went back to their agents")
  var all = false

  func run() async throws {
    let (place, store, project) = try options.openStore()
    let view = try QueueView.read(
      ProjectView(place: place, store: store, row: project.id), all: all, now: EngineClock.system.now())
    let terminal = Terminal.standardOutput
    terminal.write(
      output.json ? view.json.text() + "\n" : view.text(width: terminal.isInteractive ? terminal.width : nil))
  }
}
