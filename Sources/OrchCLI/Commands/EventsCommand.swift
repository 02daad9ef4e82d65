import ArgumentParser
import OrchDomain
import OrchEngine
import OrchStore

/// `claude-orch events`
struct EventsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "Print the log of everything that happened, or prove that nobody changed it",
    discussion: "With --json every event is one line, in the form that `start --json` prints, with its hash.")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Option(name: .long, help: "Only events behind the one with this number")
  var after: Int64 = 0

  @Option(name: .long, help: "Only events of this task", transform: TaskOption.parse)
  var task: TaskID?

  @Option(name: .long, help: "Only the newest events, at most this many")
  var last: Int?

  @Flag(name: .long, help: "Compute the chain of hashes again and compare")
  var verify = false

  func validate() throws {
    if after < 0 { throw ValidationError("--after must not be negative") }
    if let last, last < 1 { throw ValidationError("--last must be at least 1") }
    if verify && (after != 0 || task != nil || last != nil) {
      throw ValidationError("--verify looks at the whole log; leave --after, --last and --task out")
    }
  }

  func run() async throws {
    let view = try options.view()
    if verify { return try verify(view) }
    if let task { _ = try view.task(task) }
    guard let last else { return try pages(view) { show($0) } }
    var latest: [StoredEvent] = []
    try pages(view) { latest = (latest + $0).suffix(last) }
    show(latest)
  }

  private func pages(_ view: ProjectView, _ body: ([StoredEvent]) -> Void) throws {
    var position = after
    while true {
      let page = try view.store.events(view.row, after: position, limit: 500, task: task)
      body(page)
      guard page.count == 500, let seq = page.last?.seq else { return }
      position = seq
    }
  }

  private func show(_ events: [StoredEvent]) {
    let text = events.map { output.json ? EventLog.json($0).text() + "\n" : EventLog.line($0) }.joined()
    if !text.isEmpty { Terminal.standardOutput.write(text) }
  }

  private func verify(_ view: ProjectView) throws {
    let status = try view.store.verifyChain(view.row)
    if output.json { Terminal.standardOutput.write(EventLog.json(status).text() + "\n") }
    switch status {
    case .intact(let events):
      if !output.json { Terminal.standardOutput.write("The log is intact: \(events) events, every hash fits.\n") }
    case .broken(let seq, let reason):
      let place = seq.map { "event \($0)" } ?? "its end"
      Terminal.standardError.write("error: the log was changed by somebody, at \(place): \(SafeText.visible(reason))\n")
      throw ExitStatus.failed
    }
  }
}
