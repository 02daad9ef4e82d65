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

  @Argument(help: "The task", transform: TaskOption.parse)
  var task: TaskID

  func run() async throws {
    let project = try await options.open()
    let details = try await ChangeDetails.read(task, in: project)
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
  @OptionGroup var output: OutputOptions

  @Argument(help: "The task", transform: TaskOption.parse)
  var task: TaskID

  func run() async throws {
    let project = try await options.open()
    _ = try project.task(task)
    try Controls(project: project).approve(task, by: Surroundings.userName)
    let holder = try ProjectLock.holder(project.paths)
    let next = holder ?? "the next `claude-orch start`, or now with `claude-orch pr merge \(task)`"
    let text = "Approved \(task). It lands with \(SafeText.visible(next))."
    try ChangeAnswer(task: task, outcome: .approved, holder: holder, text: text).tell(project, json: output.json)
  }
}

/// `claude-orch pr merge`
struct PRMerge: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "Approve a change and land it now",
    discussion: "The gate runs on the merged tree first; a red gate or a conflict sends the change back to its agent.")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: "The task", transform: TaskOption.parse)
  var task: TaskID

  func run() async throws {
    let isQuiet = output.json
    let project = try await options.open { if !isQuiet { RunPrinter(json: false).show($0) } }
    _ = try project.task(task)
    try Controls(project: project).approve(task, by: Surroundings.userName)
    try await land(project).tell(project, json: output.json)
  }

  private func land(_ project: OpenProject) async throws -> ChangeAnswer {
    let id = task
    do {
      let lock = try ProjectLock(project, purpose: "pr merge \(id)")
      defer { lock.release() }
      switch try await Landing(project: project).land(id) {
      case .landed(let commit): return ChangeAnswer(task: id, outcome: .landed, text: "Landed \(id) as \(commit)")
      case .sentBack(let why): return refusal(.sentBack, "was sent back to its agent", why)
      case .waiting(let why): return refusal(.waiting, "cannot land yet", why)
      case .stuck(let why): return refusal(.stuck, "is stuck", why)
      case .withdrawn: throw EngineError.noChange(id)
      }
    } catch EngineError.locked(let holder) {
      let text = "Approved \(id). It is landed by the process at work: \(holder)"
      return ChangeAnswer(task: id, outcome: .approved, holder: holder, text: text)
    }
  }

  private func refusal(_ outcome: ChangeAnswer.Outcome, _ what: String, _ why: String) -> ChangeAnswer {
    ChangeAnswer(task: task, outcome: outcome, reason: why, text: "\(task) \(what): \(SafeText.visible(why))")
  }
}

/// `claude-orch pr reject`
struct PRReject: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reject", abstract: "Send a change back to its agent with the reason")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: "The task", transform: TaskOption.parse)
  var task: TaskID

  @Option(name: .long, help: "What is wrong and what should be different")
  var reason: String

  func run() async throws {
    guard reason.contains(where: { !$0.isWhitespace }) else {
      throw ValidationError("--reason must say something; the agent gets it word for word")
    }
    let project = try await options.open()
    _ = try project.task(task)
    try await Controls(project: project).reject(task, reason: reason, by: Surroundings.userName)
    let text = "Rejected \(task). Its agent gets the reason with the `start` that runs, or with the next one."
    try ChangeAnswer(task: task, outcome: .rejected, text: text).tell(project, json: output.json)
  }
}
