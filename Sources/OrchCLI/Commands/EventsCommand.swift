import ArgumentParser
import OrchDomain
import OrchEngine
import OrchStore

/// `claude-orch events`
struct EventsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "Print the log of everything that happened, or follow it",
    discussion: "With --json every event is one line, in the form that `start --json` prints, with its hash.")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Flag(name: [.customShort("f"), .long], help: "Wait for new events, until Ctrl-C")
  var follow = false

  @Option(
    name: .long, help: "Only what happened after this: 12h, 7d, 2026-11-27, or 2026-11-27T06:00:00Z",
    transform: Since.parse)
  var since: Since?

  @Option(name: .long, help: "Only events behind the one with this number")
  var after: Int64 = 0

  @Option(name: .long, help: "Only events of this task", transform: TaskOption.parse)
  var task: TaskID?

  @Option(name: .long, help: "Only the newest events, at most this many")
  var last: Int?

  @Flag(name: .long, help: "Compute the chain of hashes again and compare; as `audit verify` does, among more")
  var verify = false

  func validate() throws {
    if after < 0 { throw ValidationError("--after must not be negative") }
    if let last, last < 1 { throw ValidationError("--last must be at least 1") }
    if verify && (after != 0 || task != nil || last != nil || since != nil || follow) {
      throw ValidationError("--verify looks at the whole log; leave the other options out")
    }
  }

  func run() async throws {
    let view = try options.view()
    if verify { return try ChainReport(status: view.store.verifyChain(view.row)).write(asJSON: output.json) }
    if let task { _ = try view.task(task) }
    if follow { ExitStatus.endAtInterrupt() }
    let clock = EngineClock.system
    var pages = EventPages(view: view, after: after, task: task)
    pages.since = since?.moment(before: clock.now(), clock.zone)
    var latest: [StoredEvent] = []
    try pages.each { event in
      if last == nil { show(event) } else { latest.append(event) }
      if let last, latest.count >= 2 * last { latest.removeFirst(latest.count - last) }
      return true
    }
    for event in latest.suffix(last ?? 0) { show(event) }
    while follow {
      try await clock.sleep(Self.interval)
      try pages.each { event in
        show(event)
        return true
      }
    }
  }

  /// How long something may be in the log before it is shown.
  private static let interval = Duration.milliseconds(200)

  private func show(_ event: StoredEvent) {
    Terminal.standardOutput.write(output.json ? EventLog.json(event).text() + "\n" : EventLog.line(event))
  }
}

/// Reads the log from its beginning, or from an event on, page by page; asked again, it goes on where it was.
struct EventPages {
  let view: ProjectView
  var after: Int64 = 0
  var task: TaskID?
  var since: Timestamp?
  private static let size = 500

  /// - Parameter body: Gets every event; false ends the reading.
  mutating func each(_ body: (StoredEvent) throws -> Bool) throws {
    while true {
      let page = try view.store.events(view.row, after: after, limit: Self.size, task: task)
      for event in page {
        after = event.seq
        if let since, event.at < since { continue }
        guard try body(event) else { return }
      }
      if page.count < Self.size { return }
    }
  }
}
