package import OrchDomain
import OrchStore

/// What an agent was told, or would be told now.
package struct PromptPreview: Sendable {
  package let attempt: Int
  package let turn: Int
  /// The file in the run directory; nil for a prompt that nobody has got yet.
  package let path: String?
  package let bytes: [UInt8]

  /// - Parameters:
  ///   - attempt: From 1; nil for the one that is under way, else the next one.
  ///   - turn: From 1; nil for the latest.
  /// - Throws: ``EngineError`` for an attempt or a turn that there is not.
  package static func read(
    _ id: TaskID, attempt: Int?, turn: Int?, in project: OpenProject
  ) async throws -> PromptPreview {
    let task = try project.task(id)
    let latest = try project.attempt(id)
    let open = latest.flatMap { $0.record.endedAt == nil ? $0 : nil }
    // An attempt whose first turn has not begun is the next one: nobody has been told anything in it.
    let begun = open.flatMap { $0.turns.isEmpty ? $0 : nil }
    let next = begun?.number ?? (latest?.number ?? 0) + 1
    let wanted = attempt ?? (open != nil && begun == nil ? next - 1 : next)
    if wanted < next {
      let turns = try project.store.read(project.row) { tx throws(StoreError) in try tx.turns(of: id, attempt: wanted) }
      guard let number = turn ?? turns.last?.number, turns.contains(where: { $0.number == number }) else {
        throw EngineError.invalid(
          "attempt \(wanted) at \(id) has \(turns.count.counted("turn")); `claude-orch attempts \(id)` lists them")
      }
      // An agent without sessions gets the first prompt again, with the news behind it.
      let whole = "\(project.paths.input(id, attempt: wanted, turn: number))/whole-prompt.md"
      let path = FileTree.exists(whole) ? whole : project.paths.prompt(id, attempt: wanted, turn: number)
      return PromptPreview(attempt: wanted, turn: number, path: path, bytes: try FileTree.read(path))
    }
    guard wanted == next, (turn ?? 1) == 1 else {
      throw EngineError.invalid(
        "\(id) has had \((next - 1).counted("attempt")), and only the first turn of attempt \(next) is known beforehand"
      )
    }
    let place =
      if let begun { begun.place } else {
        Prompts.Place(
          attempt: next, branch: id.branch, worktree: project.paths.worktree(id, attempt: next),
          base: try await project.baseCommit())
      }
    let plan = try await project.planBytes(task)
    let text = try await Prompts(project: project).first(task, place, plan: plan)
    return PromptPreview(attempt: next, turn: 1, path: nil, bytes: Array(text.utf8))
  }
}
