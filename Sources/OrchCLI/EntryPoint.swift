import ArgumentParser
import OrchDiagnostics
import OrchDomain
import OrchEngine
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The door of the program: reads the command line, runs the command, turns every outcome into an exit status.
package enum EntryPoint {
  package static func main() async {
    // A reader that goes away (`| head`) must end a listing, not raise a signal in the middle of a write.
    signal(SIGPIPE, SIG_IGN)
    // Asked by scripts, often; reading the whole command line costs more than the answer.
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments == ["--version"] { return Terminal.standardOutput.write("\(Version.text)\n") }
    do {
      // Not looked at for what else it is: the program has thousands of conformances, and each look is at all of them.
      if let command = frequent(arguments) {
        try await command.answer()
      } else {
        try await run(arguments)
      }
      if let text = lostOutput { throw EngineError.invalid(text) }
    } catch {
      end(with: error)
    }
  }

  private static func run(_ arguments: [String]) async throws {
    var command = try ClaudeOrch.parseAsRoot(arguments)
    if var asynchronous = command as? any AsyncParsableCommand {
      try await asynchronous.run()
    } else {
      try command.run()
    }
  }

  /// What to say when the answer is not whole, so that nobody goes on with a part of it.
  private static var lostOutput: String? {
    let code = Terminal.lostOutput.load(ordering: .relaxed)
    return code == 0 ? nil : "the output is not complete: \(String(cString: strerror(code)))"
  }

  /// The frequent command that a command line describes in the plain form; nil for all others.
  static func frequent(_ arguments: [String]) -> (any FrequentCommand)? {
    let rest = arguments.dropFirst()
    return switch arguments.first {
    case "status": StatusCommand.plain(rest)
    case "list": ListCommand.plain(rest)
    case "sync": SyncCommand.plain(rest)
    default: nil
    }
  }

  private static func end(with error: any Error) -> Never {
    if let status = error as? ExitStatus {
      if status == .done, let lostOutput { end(with: EngineError.invalid(lostOutput)) }
      exit(status.rawValue)
    }
    if let described = UserFacing.describe(error) {
      Terminal.standardError.write("error: \(described.text)\n")
      exit(described.status.rawValue)
    }
    if let text = unknownCommand(in: Array(CommandLine.arguments.dropFirst())) {
      Terminal.standardError.write("error: \(text)\n")
      exit(ExitStatus.usage.rawValue)
    }
    ClaudeOrch.exit(withError: error)
  }

  /// What to say about a command line that names a command which does not exist; nil when it names none, or one that
  /// does.
  static func unknownCommand(in arguments: [String]) -> String? {
    var command: any ParsableCommand.Type = ClaudeOrch.self
    var path = ""
    for word in arguments {
      let known = command.configuration.subcommands.map { $0.configuration }
      guard !known.isEmpty, command.configuration.defaultSubcommand == nil, !word.hasPrefix("-"), word != "help" else {
        return nil
      }
      let next = command.configuration.subcommands.first {
        $0.configuration.commandName == word || $0.configuration.aliases.contains(word)
      }
      guard let next else {
        let names = known.filter { $0.shouldDisplay }.compactMap { $0.commandName }
        let advice =
          NearestName.find(word, in: names).map { "did you mean '\(path)\($0)'?" }
          ?? "`claude-orch \(path)--help` lists them"
        return "there is no command '\(path)\(SafeText.line(word, limit: 60))'; \(advice)"
      }
      command = next
      path += word + " "
    }
    return nil
  }
}

/// The exit statuses of product.md, section 5.
package enum ExitStatus: Int32, Error {
  case done = 0
  /// Errors in the input, or a task failed.
  case failed = 1
  /// Wrong usage.
  case usage = 64
  /// A forge, daemon or tool is unavailable.
  case unavailable = 69
  /// Parked: a rate limit, a budget or a lock; try later.
  case parked = 75
  case interrupted = 130

  /// For commands that only look: Ctrl-C ends them at once, with the status that product.md names for it.
  static func endAtInterrupt() { signal(SIGINT) { _ in _exit(ExitStatus.interrupted.rawValue) } }
}
