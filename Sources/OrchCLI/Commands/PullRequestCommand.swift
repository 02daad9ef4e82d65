import ArgumentParser
import OrchDomain
import OrchEngine
import OrchStore

/// `claude-orch pr`
struct PullRequestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pr", abstract: "Changes: what they are, what waits for a human, and what to do about it",
    subcommands: [
      PRList.self, PRQueue.self, PRReview.self, PRShow.self, PRApprove.self, PRMerge.self, PRReject.self,
      PRRoute.self, PRReplay.self,
    ])
}

/// `claude-orch pr list`
struct PRList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List the changes, newest last")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Flag(name: .long, help: "Also those that have landed or were closed")
  var all = false

  func run() async throws {
    let (_, store, project) = try options.openStore()
    let states: Set<Change.State> = all ? [] : [.open, .approved, .rejected, .landing]
    try ChangeList.show(
      try store.read(project.id) { tx throws(StoreError) in try tx.changes(states) }, json: output.json,
      empty: "No open changes.")
  }
}

/// `claude-orch pr review`
struct PRReview: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "review", abstract: "List the changes that wait for a human, with the evidence")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let (_, store, project) = try options.openStore()
    let changes = try store.read(project.id) { tx throws(StoreError) in try tx.changes([.open]) }
    if output.json {
      try ChangeList.show(changes, json: true, empty: "")
      return
    }
    guard !changes.isEmpty else {
      Terminal.standardOutput.write("Nothing waits for you.\n")
      return
    }
    for change in changes { Terminal.standardOutput.write(ChangeList.evidence(change)) }
    Terminal.standardOutput.write(
      "Next: `claude-orch pr show TASK`, then `pr approve TASK` or `pr reject TASK --reason \"…\"`\n")
  }
}

/// `claude-orch pr show`
struct PRShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one change with its verdict, its checks and its diff")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: "The task")
  var task: TaskArgument

  func run() async throws {
    let project = try await options.open()
    let details = try await ChangeDetails.read(task.id, in: project)
    let terminal = Terminal.standardOutput
    terminal.write(output.json ? details.json.text() + "\n" : details.text(colour: terminal.allowsColour))
  }
}

/// `claude-orch pr approve`
struct PRApprove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve", abstract: "Let a change land that waits for a human",
    discussion: "It lands with the `start` that is running, or with the next one; `pr merge` lands it now.")

  @OptionGroup var options: ProjectOptions

  @Argument(help: "The task")
  var task: TaskArgument

  func run() async throws {
    let project = try await options.open()
    _ = try project.task(task.id)
    try Controls(project: project).approve(task.id, by: Surroundings.userName)
    let holder = try ProjectLock.holder(project.paths)
    let next =
      holder == nil ? "the next `claude-orch start`, or now with `claude-orch pr merge \(task.id)`" : holder ?? ""
    Terminal.standardOutput.write("Approved \(task.id). It lands with \(SafeText.visible(next)).\n")
  }
}

/// `claude-orch pr merge`
struct PRMerge: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "Approve a change and land it now",
    discussion: "The gate runs on the merged tree first; a red gate or a conflict sends the change back to its agent.")

  @OptionGroup var options: ProjectOptions

  @Argument(help: "The task")
  var task: TaskArgument

  func run() async throws {
    let project = try await options.open { RunPrinter(json: false).show($0) }
    _ = try project.task(task.id)
    try Controls(project: project).approve(task.id, by: Surroundings.userName)
    let outcome: Landing.Outcome
    do {
      let lock = try ProjectLock(project, purpose: "pr merge \(task.id)")
      defer { lock.release() }
      outcome = try await Landing(project: project).land(task.id)
    } catch EngineError.locked(let holder) {
      Terminal.standardOutput.write("Approved \(task.id). It is landed by the process at work: \(holder)\n")
      return
    }
    switch outcome {
    case .landed(let commit): Terminal.standardOutput.write("Landed \(task.id) as \(commit)\n")
    case .sentBack(let reason):
      Terminal.standardError.write("error: \(task.id) was sent back to its agent: \(SafeText.visible(reason))\n")
      throw ExitStatus.failed
    case .waiting(let reason):
      Terminal.standardError.write("error: \(task.id) cannot land yet: \(SafeText.visible(reason))\n")
      throw ExitStatus.parked
    case .stuck(let reason):
      Terminal.standardError.write("error: \(task.id) is stuck: \(SafeText.visible(reason))\n")
      throw ExitStatus.failed
    }
  }
}

/// `claude-orch pr reject`
struct PRReject: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reject", abstract: "Send a change back to its agent with the reason")

  @OptionGroup var options: ProjectOptions

  @Argument(help: "The task")
  var task: TaskArgument

  @Option(name: .long, help: "What is wrong and what should be different")
  var reason: String

  func run() async throws {
    guard reason.contains(where: { !$0.isWhitespace }) else {
      throw ValidationError("--reason must say something; the agent gets it word for word")
    }
    let project = try await options.open()
    _ = try project.task(task.id)
    try await Controls(project: project).reject(task.id, reason: reason, by: Surroundings.userName)
    Terminal.standardOutput.write(
      "Rejected \(task.id). Its agent gets the reason with the `start` that runs, or with the next one.\n")
  }
}
