import ArgumentParser
import OrchDomain

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
      if let command = frequent(arguments) { return try await command.answer() }
      var command = try ClaudeOrch.parseAsRoot(arguments)
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      end(with: error)
    }
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
    if let status = error as? ExitStatus { exit(status.rawValue) }
    if let described = UserFacing.describe(error) {
      Terminal.standardError.write("error: \(described.text)\n")
      exit(described.status.rawValue)
    }
    ClaudeOrch.exit(withError: error)
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
