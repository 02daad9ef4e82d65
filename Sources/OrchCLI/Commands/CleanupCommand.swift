import ArgumentParser
import OrchDomain
import OrchEngine

/// `claude-orch cleanup`
struct CleanupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cleanup", abstract: "Remove what is no longer needed, and nothing that would be lost",
    subcommands: [CleanupWorktreesCommand.self, CleanupEventsCommand.self])
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

  @Flag(
    name: .long,
    help: "Take worktrees away until there is room below the limits of [worktree], the least useful first")
  var reclaim = false

  @Flag(name: .long, help: "Bring the worktrees of the last --reclaim back")
  var undo = false

  func validate() throws {
    if [all, reclaim, undo].count(where: { $0 }) > 1 {
      throw ValidationError("--all, --reclaim and --undo do not go together")
    }
    if undo && dryRun { throw ValidationError("--undo has no --dry-run") }
  }

  func run() async throws {
    let project = try await options.open()
    let cleanup = WorktreeCleanup(project: project)
    let entries =
      if undo {
        try await cleanup.undoReclaim()
      } else if reclaim {
        try await cleanup.reclaim(dryRun: dryRun)
      } else {
        try await cleanup.run(all: all, dryRun: dryRun)
      }
    if output.json {
      Terminal.standardOutput.write(json(entries).text() + "\n")
      return
    }
    var text = ""
    for entry in entries {
      text += "\(verb(entry).padding(to: 12))  \(SafeText.visible(entry.path)): "
      text += SafeText.line(entry.reason, limit: 300)
      text += entry.ref.map { "; its content is \($0)" } ?? ""
      text += "\n"
    }
    let count = entries.count { $0.isRemoved || $0.isRestored }
    let total = undo ? "Brought back" : dryRun ? "Would remove" : "Removed"
    Terminal.standardOutput.write(text + "\(total) \(count) of \(entries.count)\n")
  }

  private func verb(_ entry: WorktreeCleanup.Entry) -> String {
    if entry.isRemoved { return dryRun ? "would remove" : "removed" }
    if undo { return entry.isRestored ? "brought back" : "still gone" }
    return "kept"
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
              .init("removable", .bool(entry.isRemoved)), .init("restored", .bool(entry.isRestored)),
              .init("reason", .string(entry.reason)),
              .init("ref", JSONValue(entry.ref)),
            ])
          })),
    ])
  }
}
