import ArgumentParser
import OrchDomain
import OrchEngine

/// `claude-orch report`
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Tell what work has cost by task, agent, model and day, what limits leave, and what waits for whom")

  /// How the report is printed.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Option(
    name: .long, help: "Only what happened after this: 12h, 7d, 2026-11-27, or 2026-11-27T06:00:00Z",
    transform: Since.parse)
  var since: Since?

  @Option(name: .long, help: "text or json")
  var format: Format = .text

  func run() async throws {
    let clock = EngineClock.system
    let now = clock.now()
    let report = try Report.read(try options.view(), since: since?.moment(before: now, clock.zone), clock: clock)
    let terminal = Terminal.standardOutput
    let isJSON = output.json || format == .json
    terminal.write(
      isJSON ? report.json.text() + "\n" : report.text(width: terminal.isInteractive ? terminal.width : nil))
  }
}
