import ArgumentParser
import OrchDomain
import OrchEngine
import OrchStore

/// What the five commands that ask something of tasks accept.
struct ControlOptions: ParsableArguments {
  @OptionGroup var project: ProjectOptions
  @OptionGroup var output: OutputOptions
}

/// `claude-orch stop`
struct StopCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "Stop agents, with their work and their sessions kept",
    discussion: """
      A task that is named waits for `claude-orch resume TASK`. Without tasks everything that runs is stopped, the \
      `start` that drives it ends, and the next `start` goes on where it was.
      """)

  @OptionGroup var options: ControlOptions
  @Argument(help: "Tasks to stop; without any, all that run", transform: TaskOption.parse)
  var tasks: [TaskID] = []

  func run() async throws { try await ControlRun(options: options, kind: .stop, tasks: tasks).execute() }
}

/// `claude-orch pause`
struct PauseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Keep tasks from being started; what runs goes on")

  @OptionGroup var options: ControlOptions
  @Argument(help: "Tasks to hold back; without any, the whole project", transform: TaskOption.parse)
  var tasks: [TaskID] = []

  func run() async throws { try await ControlRun(options: options, kind: .pause, tasks: tasks).execute() }
}

/// `claude-orch resume`
struct ResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Let paused, parked or stuck tasks go on where they were",
    discussion: "Without tasks it ends the pause of the project; parked tasks are resumed by name.")

  @OptionGroup var options: ControlOptions
  @Argument(help: "Tasks to let go on; without any, the whole project", transform: TaskOption.parse)
  var tasks: [TaskID] = []

  func run() async throws { try await ControlRun(options: options, kind: .resume, tasks: tasks).execute() }
}

/// `claude-orch retry`
struct RetryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "Give failed, stuck or parked tasks a new attempt",
    discussion: "What the attempt before has made stays reachable below refs/orch/attempts.")

  @OptionGroup var options: ControlOptions
  @Argument(help: "Tasks to try again", transform: TaskOption.parse)
  var tasks: [TaskID]

  func run() async throws { try await ControlRun(options: options, kind: .retry, tasks: tasks).execute() }
}

/// `claude-orch reset`
struct ResetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset", abstract: "Put tasks back to where they were before their first attempt",
    discussion: "An agent at work is stopped. What attempts have made stays reachable below refs/orch/attempts.")

  @OptionGroup var options: ControlOptions
  @Argument(help: "Tasks to put back", transform: TaskOption.parse)
  var tasks: [TaskID]

  func run() async throws { try await ControlRun(options: options, kind: .reset, tasks: tasks).execute() }
}
