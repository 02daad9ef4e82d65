import ArgumentParser
import OrchDomain
import OrchEngine

/// `claude-orch serve`
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Run the daemon in the foreground: it works for all its projects, and answers HTTP",
    discussion: """
      Started inside a project it works for that one, too. Ctrl-C or TERM ends it at once: agents go on, and the next \
      daemon or `claude-orch start` adopts them. `claude-orch daemon stop --drain` lets what runs come to its end.
      """)

  @OptionGroup var options: ProjectOptions

  @Option(name: .long, help: "Listen at this port; 0 for any that is free (default: [web] port)")
  var port: Int?

  @Option(name: .long, help: "Listen at this address (default: [web] host)")
  var host: String?

  @Flag(name: .long, help: "Listen at an address of the network without TLS: whoever reads along has the token")
  var insecure = false

  func validate() throws {
    if let port, !(0...65_535).contains(port) { throw ValidationError("--port must be from 0 to 65535") }
  }

  func run() async throws {
    try await ServeRun(
      place: try DaemonPlace(options), config: options.config, host: host, port: port, isInsecure: insecure
    ).execute()
  }
}
