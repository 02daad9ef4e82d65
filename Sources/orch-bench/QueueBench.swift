import OrchDomain
import OrchStore

/// Makes every ready task of a store look as if its agent had just finished: an attempt, and an approved change whose
/// branch exists already. What is measured is the landing of all of them by the real program.
struct QueueBench {
  private let graph: StoredGraph

  init(database: String) throws { graph = try StoredGraph(database: database) }

  /// - Parameters:
  ///   - base: The commit that all branches start from.
  ///   - heads: Lines of `commit refs/heads/feat/…`, as `git for-each-ref` prints them.
  func approveAll(base: String, heads: String) throws {
    let tips = Dictionary(
      heads.split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ").map(String.init)
        return words.count == 2 ? (words[1], words[0]) : nil
      }, uniquingKeysWith: { first, _ in first })
    let steps: [TaskState] = [.preparing, .running, .verifying, .publishing, .approved]
    let now = Timestamp(milliseconds: 1_700_000_000_000)
    for task in graph.open {
      let branch = "feat/\(task.id.slug)"
      guard let head = tips["refs/heads/\(branch)"] else { continue }
      _ = try graph.store.write(graph.project) { tx throws(StoreError) -> Change in
        try tx.transition(task.id, from: [.ready], to: .queued, at: now)
        _ = try tx.beginAttempt(task.id, agent: "script", at: now) {
          $0.branch = branch
          $0.baseCommit = base
        }
        for (from, to) in zip([.queued] + steps, steps) { try tx.transition(task.id, from: [from], to: to, at: now) }
        let change = try tx.createChange(task.id, attempt: 1, forge: "local", at: now) {
          $0.title = "feat: \(task.id)"
          $0.branch = branch
          $0.baseBranch = "main"
          $0.baseCommit = base
          $0.headCommit = head
          $0.needsHuman = false
        }
        return try tx.updateChange(change.number, from: [.open], to: .approved, at: now)
      }
    }
    print(try graph.store.counts(graph.project).states[.approved] ?? 0)
  }
}
