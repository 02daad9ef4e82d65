import OrchAgents
import OrchDomain
import OrchGit
import OrchStore

extension OpenProject {
  /// What earlier attempts tried and why they ended, bounded. Everything of theirs that a prompt quotes goes through
  /// here.
  func memory(of id: TaskID, before number: Int) async throws -> String {
    let earlier = try store.read(row) { tx throws(StoreError) in
      var result: [LiveAttempt] = []
      for record in try tx.attempts(of: id) where record.number < number && record.outcome != .complete {
        result.append(LiveAttempt(record, turns: try tx.turns(of: id, attempt: record.number), paths: paths))
      }
      return result
    }
    var memories: [AttemptMemory] = []
    for attempt in earlier.suffix(10) { memories.append(try await memory(of: attempt)) }
    return AttemptMemory.text(of: memories)
  }

  private func memory(of attempt: LiveAttempt) async throws -> AttemptMemory {
    let record = attempt.record
    let why = record.failureDetail.map { ": \($0)" } ?? ""
    let ending = record.failureClass.map { "failed (\($0.rawValue))" } ?? "was called off"
    var memory = AttemptMemory(
      number: attempt.number, agent: record.agent, ending: ending + why, redLines: record.redLines ?? "",
      message: attempt.turns.last { $0.message != nil }?.message ?? "", keptAs: record.preservedRef)
    guard let ref = record.preservedRef, let tip = try await repository.commitID(ofRef: ref),
      !attempt.baseCommit.isEmpty
    else { return memory }
    memory.commits = try await repository.commits(from: attempt.baseCommit, to: tip, limit: 50).reversed().map {
      "\($0.id.prefix(10)) \($0.subject)"
    }
    let fork = try await repository.mergeBase(attempt.baseCommit, tip) ?? attempt.baseCommit
    memory.files = try await repository.diff(from: fork, to: tip).map(Self.stat)
    return memory
  }

  /// `Sources/A.swift +10 -2`
  private static func stat(_ file: FileDiff) -> String {
    let lines = file.hunks.flatMap(\.lines)
    return "\(file.path) +\(lines.count { $0.origin == .added }) -\(lines.count { $0.origin == .removed })"
  }
}
