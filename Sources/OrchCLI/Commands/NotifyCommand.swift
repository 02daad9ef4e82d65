import ArgumentParser
import OrchConfig
import OrchDomain
import OrchEngine
import OrchNotify
import OrchStore

/// `claude-orch notify`
struct NotifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notify", abstract: "Notices to people: try the channels, see and send what waits",
    subcommands: [NotifyList.self, NotifyTest.self, NotifySend.self], defaultSubcommand: NotifyList.self)
}

extension ProjectOptions {
  /// The desk of the project's notices; trouble with its configuration is printed.
  fileprivate func desk() throws -> (desk: NoticeDesk, view: ProjectView) {
    let view = try view()
    let desk = NoticeDesk(view, environment: view.place.launch.environment, clock: .system)
    for problem in desk.problems { Terminal.standardError.write("warning: \(problem)\n") }
    return (desk, view)
  }
}

/// `claude-orch notify list`
struct NotifyList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List the newest notices")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let (_, view) = try options.desk()
    let notices = try view.look { tx in try tx.notices(limit: 50) }
    if output.json {
      let list = notices.map(\.json)
      return Terminal.standardOutput.write(JSONValue.object([.init("notices", .array(list))]).text() + "\n")
    }
    guard !notices.isEmpty else { return Terminal.standardOutput.write("There was no notice yet.\n") }
    var table = TextTable(header: ["AT", "CHANNEL", "WHAT", "STATE"])
    for notice in notices { table.add([notice.createdAt.rfc3339, notice.channel, notice.title, notice.state]) }
    let terminal = Terminal.standardOutput
    terminal.write(table.text(width: terminal.isInteractive ? terminal.width : nil))
  }
}

/// `claude-orch notify test`
struct NotifyTest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Send a notice by each channel at once, whatever quiet hours and routes say")

  @OptionGroup var options: ProjectOptions

  func run() async throws {
    let (desk, view) = try options.desk()
    guard !desk.book.channels.isEmpty else {
      throw EngineError.invalid(
        "no channel is configured that works here; see [notifications] in docs/configuration.md")
    }
    let now = EngineClock.system.now()
    let project = view.place.root.split(separator: "/").last.map(String.init) ?? view.place.root
    let notice = Notice(
      ids: ["test-\(now.milliseconds)"], kind: .batch, project: project, title: "\(project): a test",
      body: "claude-orch can reach you here.", at: now)
    var isBroken = !desk.problems.isEmpty
    for channel in desk.book.channels {
      do throws(NoticeFailure) {
        try await channel.send(notice)
        Terminal.standardOutput.write("\(channel.name): sent\n")
      } catch {
        isBroken = true
        Terminal.standardOutput.write("\(channel.name): \(error.description)\n")
      }
    }
    if isBroken { throw ExitStatus.failed }
  }
}

/// `claude-orch notify send`
struct NotifySend: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send", abstract: "Send what waits and whose time has come; for cron, while nothing else runs",
    discussion: "Exit status: 0 all that could be sent was; 75 a receiver did not take it, and it is tried again.")

  @OptionGroup var options: ProjectOptions

  func run() async throws {
    let (desk, _) = try options.desk()
    try desk.collect()
    let problems = try await desk.deliver()
    for problem in problems { Terminal.standardError.write("warning: \(problem)\n") }
    if !problems.isEmpty { throw ExitStatus.parked }
  }
}
