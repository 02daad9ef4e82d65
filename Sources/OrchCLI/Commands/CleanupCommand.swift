import ArgumentParser
import OrchDomain
import OrchEngine

/// `claude-orch cleanup`
struct CleanupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cleanup", abstract: "Remove what is no longer needed, and nothing that would be lost",
    subcommands: [CleanupWorktreesCommand.self])
}

/// `claude-orch cleanup worktrees`
struct CleanupWorktreesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worktrees", abstract: "Remove worktrees that no task needs any more",
    discussion: """
      Commits and uncommitted files of a worktree are made reachable below refs/orch before it is removed. Worktrees \
      of work that is under way are never removed.
      """)

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  @Flag(name: .long, help: "Show what would be removed and change nothing")
  var dryRun = false

  @Flag(
    name: .long, help: "Also those of failed, stuck and parked tasks, which then begin a new attempt, and the gate's")
  var all = false

  func run() async throws {
    let project = try await options.open()
    let entries = try await WorktreeCleanup(project: project).run(all: all, dryRun: dryRun)
    if output.json {
      Terminal.standardOutput.write(json(entries).text() + "\n")
      return
    }
    var text = ""
    for entry in entries {
      let verb = entry.isRemoved ? (dryRun ? "would remove" : "removed") : "kept"
      text += "\(verb.padding(to: 12))  \(SafeText.visible(entry.path)): \(SafeText.line(entry.reason, limit: 300))"
      text += entry.ref.map { "; its content is \($0)" } ?? ""
      text += "\n"
    }
    let removed = entries.count(where: \.isRemoved)
    let verb = dryRun ? "Would remove" : "Removed"
    Terminal.standardOutput.write(text + "\(verb) \(removed) of \(entries.count)\n")
  }

  private func json(_ entries: [WorktreeCleanup.Entry]) -> JSONValue {
    .object([
      .init("dry_run", .bool(dryRun)),
      .init(
        "worktrees",
        .array(
          entries.map { entry in
            .object([
              .init("path", .string(entry.path)), .init("task", JSONValue(entry.task?.description)),
              .init("attempt", JSONValue(entry.attempt)), .init("removed", .bool(entry.isRemoved && !dryRun)),
              .init("removable", .bool(entry.isRemoved)), .init("reason", .string(entry.reason)),
              .init("ref", JSONValue(entry.ref)),
            ])
          })),
    ])
  }
}
