import ArgumentParser
import OrchDomain
import OrchEngine
import OrchStore

/// `claude-orch replay`
struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Decide again what the scheduler decided, from what the log says it knew, and compare",
    discussion: """
      Every run records what it was told about the tasks and which of them it started. This asks the scheduler of this
      version the same questions and names the first answer that differs. It changes nothing.
      """)

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let view = try options.view()
    var audit = DecisionAudit()
    var difference: DecisionAudit.Difference?
    var pages = EventPages(view: view)
    try pages.each { event in
      difference = audit.take(event, data: EventLog.data(event))
      return difference == nil
    }
    if output.json { Terminal.standardOutput.write(Self.json(audit, difference).text() + "\n") }
    guard let difference else {
      guard !output.json else { return }
      let text = "\(audit.decisions) decisions of \(audit.runs) runs were made again, over \(audit.events) events"
      return Terminal.standardOutput.write("\(text): no difference.\n")
    }
    Terminal.standardError.write(
      """
      error: event \(difference.seq) records: \(SafeText.visible(difference.recorded)); the scheduler says now: \
      \(SafeText.visible(difference.now))
        Either the log was changed (`claude-orch audit verify`) or this version orders tasks otherwise.

      """)
    throw ExitStatus.failed
  }

  private static func json(_ audit: DecisionAudit, _ difference: DecisionAudit.Difference?) -> JSONValue {
    .object([
      .init("events", JSONValue(audit.events)), .init("runs", JSONValue(audit.runs)),
      .init("decisions", JSONValue(audit.decisions)),
      .init(
        "difference",
        difference.map {
          .object([.init("seq", .int($0.seq)), .init("recorded", .string($0.recorded)), .init("now", .string($0.now))])
        } ?? .null),
    ])
  }
}
