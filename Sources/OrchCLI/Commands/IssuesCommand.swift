import ArgumentParser
import OrchDomain
import OrchEngine
import OrchGitHub

/// `claude-orch issues`
struct IssuesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "issues", abstract: "Issues that become plans, and plans whose issues are done",
    subcommands: [IssuesList.self, IssuesSync.self, IssuesAnalyze.self, IssuesClose.self],
    defaultSubcommand: IssuesList.self)
}

/// `claude-orch issues list`
struct IssuesList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the open issues with one of the labels, and the tasks that name them")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let entries = try await IssueIntake(project: try await options.open()).entries()
    if output.json {
      let items = entries.map { entry in
        JSONValue.object([
          .init("number", .int(Int64(entry.issue.number))), .init("title", .string(entry.issue.title)),
          .init("stage", .string(entry.stage)), .init("priority", JSONValue(entry.priority?.rawValue)),
          .init("author", .string(entry.issue.author)),
          .init("url", .string(entry.issue.url)), .init("tasks", JSONValue(entry.tasks.map(\.description))),
        ])
      }
      Terminal.standardOutput.write(JSONValue.object([.init("issues", .array(items))]).text() + "\n")
      return
    }
    if entries.isEmpty { return Terminal.standardOutput.write("No open issue has one of the labels.\n") }
    for entry in entries {
      let priority = entry.priority.map { ", \($0.rawValue)" } ?? ""
      let tasks = entry.tasks.isEmpty ? "" : " (\(entry.tasks.map(\.description).joined(separator: ", ")))"
      Terminal.standardOutput.write(
        "#\(entry.issue.number) \(entry.stage)\(priority): \(SafeText.line(entry.issue.title, limit: 100))\(tasks)\n")
    }
  }
}

/// `claude-orch issues sync`
struct IssuesSync: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync", abstract: "Write plans for all candidates, and close the issues that are done")

  @OptionGroup var options: ProjectOptions

  func run() async throws {
    try await Self.run(try await options.open { RunPrinter(json: false).show($0) }, to: Terminal.standardOutput)
  }

  /// What `issues sync` does, and `sync` behind it where `[github_issues] enabled` says so.
  static func run(_ project: OpenProject, to output: Terminal) async throws {
    let intake = try IssueIntake(project: project)
    var isRefused = false
    for entry in try await intake.entries() where entry.stage == "candidate" {
      do {
        let result = try await intake.analyze(entry.issue.number)
        if case .refused = result { isRefused = true }
        IssuesAnalyze.tell(result, entry.issue.number, to: output)
      } catch let error where error is EngineError || (error as? GitHubError)?.isTransient == false {
        // One that cannot be analysed keeps no other from it.
        Terminal.standardError.write("error: #\(entry.issue.number): \(SafeText.visible("\(error)"))\n")
        isRefused = true
      } catch let error as ForgeTrouble {
        Terminal.standardError.write("error: #\(entry.issue.number): \(SafeText.visible("\(error)"))\n")
        isRefused = true
      }
    }
    for number in try await intake.closeFinished(again: false) { output.write("Closed #\(number).\n") }
    if isRefused { throw ExitStatus.failed }
  }
}

/// `claude-orch issues analyze`
struct IssuesAnalyze: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze", abstract: "Let an agent write a plan for an issue, on a branch of its own",
    discussion:
      "It works in a copy of the repository that leads nowhere. The label moves when `check` accepts the plan.")

  @OptionGroup var options: ProjectOptions

  @Argument(help: "The number of the issue")
  var number: Int

  func run() async throws {
    let project = try await options.open()
    let result = try await IssueIntake(project: project).analyze(number)
    Self.tell(result, number, to: Terminal.standardOutput)
    if case .refused = result { throw ExitStatus.failed }
  }

  static func tell(_ result: IssueIntake.Result, _ number: Int, to output: Terminal) {
    switch result {
    case .planned(let branch, let path, let url):
      let next = url.map { "review it at \(SafeText.visible($0))" } ?? "look at it, and merge '\(branch)'"
      output.write("#\(number) has a plan: \(path) on '\(branch)'; \(next)\n")
    case .refused(let reasons):
      for reason in reasons { Terminal.standardError.write("error: #\(number): \(SafeText.visible(reason))\n") }
    }
  }
}

/// `claude-orch issues close`
struct IssuesClose: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "close", abstract: "Close the issues all of whose tasks are complete")

  @OptionGroup var options: ProjectOptions

  func run() async throws {
    let closed = try await IssueIntake(project: try await options.open()).closeFinished(again: true)
    let text = closed.isEmpty ? "No open issue is done." : "Closed \(closed.map { "#\($0)" }.joined(separator: ", "))."
    Terminal.standardOutput.write(text + "\n")
  }
}
