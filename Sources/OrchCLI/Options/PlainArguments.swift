import ArgumentParser
import OrchDomain

/// A command line that is nothing but `--option value` and `--flag`, taken apart without the parser.
struct PlainArguments {
  private var values: [String: String] = [:]
  private var flags: Set<String> = []

  /// - Parameters:
  ///   - options: The names that have a value, with their dashes.
  ///   - flags: The names that have none.
  /// - Returns: nil for whatever else there is, which is for the parser to read or to refuse.
  init?(_ arguments: some Sequence<String>, options: [String], flags: [String]) {
    var rest = arguments.makeIterator()
    while let name = rest.next() {
      guard values[name] == nil, !self.flags.contains(name) else { return nil }
      if flags.contains(name) {
        self.flags.insert(name)
      } else if options.contains(name), let value = rest.next(), !value.isEmpty, !value.hasPrefix("-") {
        values[name] = value
      } else {
        return nil
      }
    }
  }

  subscript(option: String) -> String? { values[option] }

  func has(_ flag: String) -> Bool { flags.contains(flag) }
}

/// A command that prompts, scripts and timers run: its plain command lines are read without the parser, which costs
/// more than most answers.
protocol FrequentCommand: AsyncParsableCommand {
  /// Every option with a value, with its dashes.
  static var plainOptions: [String] { get }
  /// Every flag, with its dashes.
  static var plainFlags: [String] { get }

  /// The command with every option set; nil for a value that the parser has to refuse.
  init?(plain arguments: PlainArguments)

  /// What `run` does, on the thread of the caller: the library's own requirement would start another.
  func answer() async throws
}

extension FrequentCommand {
  /// The command that arguments describe, without the command's name.
  static func plain(_ arguments: some Sequence<String>) -> (any FrequentCommand)? {
    PlainArguments(arguments, options: plainOptions, flags: plainFlags).flatMap { Self(plain: $0) }
  }
}

extension StatusCommand: FrequentCommand {
  static let plainOptions = ProjectOptions.plainNames
  static let plainFlags = OutputOptions.plainNames

  init?(plain arguments: PlainArguments) {
    self.init()
    options = ProjectOptions(plain: arguments)
    output = OutputOptions(plain: arguments)
  }
}

extension ListCommand: FrequentCommand {
  static let plainOptions = ProjectOptions.plainNames + ["--module", "--status", "--priority"]
  static let plainFlags = OutputOptions.plainNames + ["--ready"]

  init?(plain arguments: PlainArguments) {
    self.init()
    options = ProjectOptions(plain: arguments)
    output = OutputOptions(plain: arguments)
    module = arguments["--module"]
    status = arguments["--status"].flatMap { TaskStatus(argument: $0) }
    priority = arguments["--priority"].flatMap { TaskPriority(argument: $0) }
    ready = arguments.has("--ready")
    if (status == nil) != (arguments["--status"] == nil) { return nil }
    if (priority == nil) != (arguments["--priority"] == nil) { return nil }
  }
}

extension SyncCommand: FrequentCommand {
  static let plainOptions = ProjectOptions.plainNames
  static let plainFlags = OutputOptions.plainNames + ["--dry-run", "--theirs", "--ours", "--skip-issues"]

  init?(plain arguments: PlainArguments) {
    self.init()
    options = ProjectOptions(plain: arguments)
    output = OutputOptions(plain: arguments)
    dryRun = arguments.has("--dry-run")
    theirs = arguments.has("--theirs")
    ours = arguments.has("--ours")
    skipIssues = arguments.has("--skip-issues")
    if theirs && ours { return nil }
  }
}

extension ProjectOptions {
  fileprivate static let plainNames = ["--config", "--project"]

  fileprivate init(plain arguments: PlainArguments) {
    self.init()
    config = arguments["--config"]
    project = arguments["--project"]
  }
}

extension OutputOptions {
  fileprivate static let plainNames = ["--json"]

  fileprivate init(plain arguments: PlainArguments) {
    self.init()
    json = arguments.has("--json")
  }
}
