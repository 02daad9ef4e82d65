import OrchDomain
import OrchEngine
import OrchGit
import OrchStore

/// Everything about one change.
struct ChangeDetails {
  let change: Change
  /// What each stage of the gate said, by tree.
  let checks: [StageCheck]
  let patch: String

  /// - Throws: ``EngineError/noChange(_:)`` when the task never had one.
  static func read(_ id: TaskID, in project: OpenProject) async throws -> ChangeDetails {
    _ = try project.task(id)
    let changes = try project.store.read(project.row) { tx throws(StoreError) in try tx.changes(of: id) }
    guard let change = changes.last else { throw EngineError.noChange(id) }
    let patch = try await project.repository.patch(from: change.baseCommit, to: change.headCommit, limit: 4 << 20)
    return ChangeDetails(change: change, checks: try await project.checks(of: change), patch: patch)
  }

  func text(colour: Bool) -> String {
    var text = ChangeList.evidence(change)
    text += "  state: \(change.state.rawValue)"
    if let person = change.approvedBy { text += ", approved by \(SafeText.visible(person))" }
    if let reason = change.rejectedReason { text += ", sent back: \(SafeText.line(reason, limit: 300))" }
    text += "\n  branch: \(SafeText.visible(change.branch)) at \(change.headCommit.prefix(12)), "
    text += "from \(change.baseCommit.prefix(12)) of \(SafeText.visible(change.baseBranch))\n"
    for check in checks {
      let result = check.result
      text += "  gate: \(result.passed ? "green" : "red") in stage \(check.stage) on tree \(result.tree.prefix(12))"
      text += ", \(result.duration.text), \(result.ranAt.rfc3339)\n"
    }
    for check in change.verdict?.criteria ?? [] {
      text += "  criterion: \(check.finding.text): \(SafeText.line(check.criterion, limit: 300))\n"
      text += check.evidence.map { "    \(SafeText.line($0.summary, limit: 300))\n" }.joined()
    }
    if let look = change.verdict?.secondLook { text += "  second look: \(SafeText.line(look, limit: 300))\n" }
    if let commit = change.landingCommit, let tree = change.landedTree {
      text += "  landed as \(commit.prefix(12)) with tree \(tree.prefix(12))\n"
    }
    return text + "\n" + SafeText.visible(change.body, keepingNewlines: true) + "\n"
      + AnnotatedPatch(patch: patch, verdict: change.verdict).text(colour: colour)
  }

  var json: JSONValue {
    guard case .object(var members) = TaskView.json(change) else { return .null }
    members.append(
      .init(
        "checks",
        .array(
          checks.map { check in
            let result = check.result
            return .object([
              .init("stage", .string(check.stage)), .init("commands", JSONValue(check.commands)),
              .init("tree", .string(result.tree)), .init("passed", .bool(result.passed)),
              .init("ran_at", .string(result.ranAt.rfc3339)),
              .init("duration_seconds", .double(result.duration.inSeconds)), .init("log", JSONValue(result.logPath)),
            ])
          })))
    members.append(.init("criteria", change.verdict?.criteriaJSON ?? .array([])))
    members.append(.init("second_look", JSONValue(change.verdict?.secondLook)))
    members.append(.init("landed_commit", change.landedTree == nil ? .null : JSONValue(change.landingCommit)))
    members.append(.init("body", .string(change.body)))
    return .object(members)
  }
}
