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
    if CommandLine.arguments.dropFirst() == ["--version"] {
      return Terminal.standardOutput.write("\(Version.text)\n")
    }
    do {
      var command = try parse(Array(CommandLine.arguments.dropFirst()))
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      end(with: error)
    }
  }

  /// Asked from prompts, scripts and timers: their command lines are read without the tree of all commands, and without
  /// the library's look for a request of completions, which together cost as much as their answers.
  private static let frequent: [any ParsableCommand.Type] = [StatusCommand.self, ListCommand.self, SyncCommand.self]

  /// The command that a command line names.
  static func parse(_ arguments: [String]) throws -> any ParsableCommand {
    if let frequent = frequent.first(where: { $0.configuration.commandName == arguments.first }),
      // The whole parser tells what is wrong, because it knows the place of the command in the tree.
      let command = try? frequent.parseAsRoot(Array(arguments.dropFirst())), type(of: command) == frequent
    {
      return command
    }
    return try ClaudeOrch.parseAsRoot(arguments)
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
