import ArgumentParser
import OrchDomain
import OrchEngine
import OrchHTTP
import OrchProcess

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// `claude-orch daemon`
struct DaemonCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "daemon", abstract: "The process that stays: it works for all its projects, and answers HTTP",
    subcommands: [
      DaemonStartCommand.self, DaemonStopCommand.self, DaemonStatusCommand.self, DaemonLinkCommand.self,
      DaemonInstallCommand.self,
    ], defaultSubcommand: DaemonStatusCommand.self)
}

/// `claude-orch daemon start`
struct DaemonStartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "Start the daemon in the background, if none runs, and wait until it answers")

  @OptionGroup var options: ProjectOptions

  @Option(name: .long, help: "Listen at this port; 0 for any that is free (default: [web] port)")
  var port: Int?

  @Option(name: .long, help: "Listen at this address (default: [web] host)")
  var host: String?

  @Flag(name: .long, help: "Listen at an address of the network without TLS")
  var insecure = false

  /// How long it may take to listen.
  private static let patience = Duration.seconds(60)

  func validate() throws {
    if let port, !(0...65_535).contains(port) { throw ValidationError("--port must be from 0 to 65535") }
  }

  func run() async throws {
    let place = try DaemonPlace(options)
    if let running = try place.daemon() {
      return Terminal.standardOutput.write("A daemon runs already: \(running.url), process \(running.process.pid)\n")
    }
    guard let program = Surroundings.programPath else {
      throw EngineError.unavailable("the path of this program cannot be found out")
    }
    let log = try DaemonLogFile.prepare(place.log)
    let began = log.size
    let pid = try DetachedProgram.start([program, "serve"] + arguments, log: place.log)
    let clock = EngineClock.system
    let deadline = clock.elapsed() + Self.patience
    while clock.elapsed() < deadline {
      if let running = try place.daemon(), running.process.pid == pid {
        return Terminal.standardOutput.write(
          "The daemon runs: \(running.url), process \(pid), log \(SafeText.visible(place.log))\n")
      }
      if DetachedProgram.hasEnded(pid) {
        let said = try OutputTail.read(place.log, limit: min(4096, max(0, DaemonLogFile.size(place.log) - began)))
        Terminal.standardError.write(SafeText.visible(said, keepingNewlines: true))
        throw ExitStatus.unavailable
      }
      try await clock.sleep(.milliseconds(50))
    }
    throw EngineError.unavailable("the daemon does not answer; \(place.log) tells why")
  }

  private var arguments: [String] {
    var words: [String] = []
    if let project = options.project { words += ["--project", project] }
    if let config = options.config { words += ["--config", config] }
    if let port { words += ["--port", String(port)] }
    if let host { words += ["--host", host] }
    return words + (insecure ? ["--insecure"] : [])
  }
}

/// `claude-orch daemon stop`
struct DaemonStopCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "End the daemon; agents go on, and the next daemon or `start` adopts them",
    discussion: "What was submitted and is not done goes on with the next daemon; `claude-orch stop` ends work.")

  @OptionGroup var options: ProjectOptions

  @Flag(name: .long, help: "Start nothing more, and let what runs come to its end first")
  var drain = false

  /// How long it may take to end when nothing is waited for.
  private static let patience = Duration.seconds(60)

  func run() async throws {
    let place = try DaemonPlace(options)
    guard let running = try place.daemon() else {
      return Terminal.standardOutput.write("No daemon runs here.\n")
    }
    guard running.process.send(signal: drain ? SIGUSR1 : SIGTERM) else {
      return Terminal.standardOutput.write("The daemon has ended by itself.\n")
    }
    let clock = EngineClock.system
    let deadline = clock.elapsed() + Self.patience
    if drain { Terminal.standardError.write("Waiting for what runs; Ctrl-C stops waiting, not the daemon.\n") }
    while running.process.isAlive {
      guard drain || clock.elapsed() < deadline else {
        throw EngineError.unavailable("process \(running.process.pid) has not ended; \(place.log) tells what it does")
      }
      try await clock.sleep(.milliseconds(50))
    }
    Terminal.standardOutput.write("The daemon has ended.\n")
  }
}

/// `claude-orch daemon status`
struct DaemonStatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Tell whether the daemon runs, where, and for which projects",
    discussion: "Exit status: 0 it runs; 69 it does not.")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let place = try DaemonPlace(options)
    let status = try DaemonStatus.read(place, now: EngineClock.system.now())
    Terminal.standardOutput.write(output.json ? status.json.text() + "\n" : status.text)
    if status.daemon == nil { throw ExitStatus.unavailable }
  }
}

/// `claude-orch daemon link`
struct DaemonLinkCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "link", abstract: "Print a link that begins a session in a browser; it works once, for two minutes")

  @OptionGroup var options: ProjectOptions

  func run() async throws {
    guard let running = try DaemonPlace(options).daemon() else { throw EngineError.unavailable(DaemonPlace.none) }
    let key = BrowserSessions.key(
      token: running.token, nonce: DaemonToken.shortID(), now: EngineClock.system.now())
    Terminal.standardOutput.write("\(running.url)/login?key=\(key)\n")
  }
}
