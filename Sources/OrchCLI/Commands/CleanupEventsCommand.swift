import ArgumentParser
import OrchDomain
import OrchEngine
import OrchStore

/// `claude-orch cleanup events`
struct CleanupEventsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "Take old events out of the log; the chain of hashes goes on",
    discussion: """
      The log keeps the hash of the last event that went, so what is left can still be proved. Events of work that is
      under way stay. `[general] keep_events` does the same at every start.
      """)

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Option(
    name: .long, help: "Age in 12h, or the first day or moment to keep; without it `[general] keep_events`",
    transform: Since.parse)
  var olderThan: Since?

  @Flag(name: .long, help: "Say how many would go and change nothing")
  var dryRun = false

  func run() async throws {
    let project = try await options.open()
    let clock = EngineClock.system
    let now = clock.now()
    guard let before = olderThan?.moment(before: now, clock.zone) ?? project.oldestEventToKeep(now) else {
      throw ValidationError("say --older-than, or set [general] keep_events")
    }
    let count = try project.compactLog(before: before, dryRun: dryRun)
    if output.json {
      let result = JSONValue.object([.init("events", JSONValue(count)), .init("dry_run", .bool(dryRun))])
      return Terminal.standardOutput.write(result.text() + "\n")
    }
    let verb = dryRun ? "would go" : "are gone"
    Terminal.standardOutput.write("\(count.counted("event")) from before \(before.rfc3339) \(verb).\n")
  }
}
