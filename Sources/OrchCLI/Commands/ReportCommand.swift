import ArgumentParser
import OrchDomain
import OrchEngine
import OrchStore

/// `claude-orch report`
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Tell what has landed with its proof, what waits for whom, what failed and why, and what it cost",
    discussion: """
      Made from the event log, so the report of a past night (--batch, or --since with --until) stays as it was. Only \
      the order of what needs you follows from the plans as they are now: what most work waits for comes first.
      """)

  /// How the report is printed.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, md, html, json
  }

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Option(
    name: .long, help: "Only what happened after this: 12h, 7d, 2026-11-27, or 2026-11-27T06:00:00Z",
    transform: Since.parse)
  var since: Since?

  @Option(name: .long, help: "Only what happened until this, written as for --since", transform: Since.parse)
  var until: Since?

  @Option(name: .long, help: "Only the time of one run of a batch, by its number in `batch history`")
  var batch: Int64?

  @Option(name: .long, help: "text, md, html or json")
  var format: Format = .text

  func validate() throws {
    if batch != nil, since != nil || until != nil {
      throw ValidationError("--batch has a time of its own; leave --since and --until away")
    }
  }

  func run() async throws {
    let clock = EngineClock.system
    let now = clock.now()
    let view = try options.view()
    var (from, to) = (since?.moment(before: now, clock.zone), until?.moment(before: now, clock.zone))
    if let batch {
      guard let run = try view.look({ tx in try tx.batch(batch) }) else {
        throw EngineError.invalid("there is no batch #\(batch); `claude-orch batch history` lists them")
      }
      (from, to) = (run.startedAt, run.endedAt)
    }
    let report = try Report.read(view, since: from, until: to, clock: clock)
    let terminal = Terminal.standardOutput
    switch output.json ? .json : format {
    case .json: terminal.write(report.json(now: now).text() + "\n")
    case .md: terminal.write(report.page(now: now).markdown)
    case .html: terminal.write(report.page(now: now).html)
    case .text: terminal.write(report.page(now: now).text(width: terminal.isInteractive ? terminal.width : nil))
    }
  }
}
