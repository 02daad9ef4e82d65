import ArgumentParser
import OrchProcess

/// `claude-orch network-proxy`: what stands around a sandbox with an allow-list. Started by us alone.
struct NetworkProxyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "network-proxy", abstract: "Serve the network of one sandbox", shouldDisplay: false)

  @Option(help: "File that gets a line for every connection") var log: String
  @Option(name: .customLong("allow"), help: "Host that may be talked to") var hosts: [String] = []
  @Argument(parsing: .captureForPassthrough, help: "The sandbox") var command: [String]

  func run() async throws {
    let words = command.first == "--" ? Array(command.dropFirst()) : command
    let status = try await ProxyProgram.run(
      log: log, hosts: hosts, command: words, environment: Surroundings.environment)
    throw ExitCode(status)
  }
}
