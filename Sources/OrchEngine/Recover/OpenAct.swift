import OrchDomain
import OrchGit
import OrchSchedule
import OrchStore

/// Something outside the database that was begun and is not known to be done, whichever record tells about it.
package struct OpenAct: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case worktree, agent, landing, retirement, tidying, request, statuses, baseMove
  }

  package var kind: Kind
  /// A task, or the branch that moves; empty for the project.
  package var subject: String

  /// For people: `landing billing/E05`.
  package var text: String {
    switch kind {
    case .worktree: "making the worktree of \(subject)"
    case .agent: "the agent's turn of \(subject)"
    case .landing: "landing \(subject)"
    case .retirement: "taking the worktree of \(subject) away"
    case .tidying: "tidying up on GitHub behind \(subject)"
    case .request: subject.isEmpty ? "a request" : "a request about \(subject)"
    case .statuses: "writing the status of \(subject)"
    case .baseMove: "moving \(subject)"
    }
  }
}

extension OpenProject {
  /// All of them, in a fixed order. While a run goes on, most are simply under way.
  package func openActs() async throws -> [OpenAct] {
    var acts = try store.read(row) { tx throws(StoreError) -> [OpenAct] in
      var acts: [OpenAct] = []
      for attempt in try tx.openAttempts() {
        guard let state = try tx.task(attempt.task, includingRemoved: true)?.state else { continue }
        if state == .preparing { acts.append(OpenAct(kind: .worktree, subject: attempt.task.description)) }
        let turn = try tx.turns(of: attempt.task, attempt: attempt.number).last
        if state == .running || state == .fixing, let turn, turn.endedAt == nil {
          acts.append(OpenAct(kind: .agent, subject: attempt.task.description))
        }
        if try tx.unfinishedChange(of: attempt.task)?.landingCommit != nil {
          acts.append(OpenAct(kind: .landing, subject: attempt.task.description))
        }
      }
      acts += try tx.intents().map {
        OpenAct(kind: $0.kind == .retire ? .retirement : .tidying, subject: $0.task.description)
      }
      acts += try tx.pendingRequests().map { OpenAct(kind: .request, subject: $0.task?.description ?? "") }
      for drift in try tx.statusDrift() where drift.actual != drift.written && drift.markdown == drift.written {
        acts.append(OpenAct(kind: .statuses, subject: drift.task.description))
      }
      return acts
    }
    if let ref = try await repository.unfinishedAdvance() { acts.append(OpenAct(kind: .baseMove, subject: ref)) }
    return acts
  }
}
