package import OrchDomain

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension StoreTransaction {
  /// Opens the change of a task; its number is the project's next.
  ///
  /// - Parameter describe: Sets title, body, branch, commits, verdict and the like.
  package func createChange(
    _ task: TaskID, attempt: Int, forge: String, at: Timestamp, _ describe: (inout Change) -> Void
  ) throws(StoreError) -> Change {
    if let open = try unfinishedChange(of: task) { throw .changeIsOpen(task, number: open.number) }
    guard try self.task(task, includingRemoved: true) != nil else { throw .unknownTask(task) }
    let latest = try first("SELECT max(number) FROM changes WHERE project_id = ?", [project.number]) { row in
      try row.optionalInt()
    }
    var change = Change(
      number: ((latest ?? nil) ?? 0) + 1, task: task, attempt: attempt, title: "", body: "", branch: "",
      baseBranch: "", baseCommit: "", headCommit: "", state: .open, needsHuman: true, forge: forge, createdAt: at,
      updatedAt: at)
    describe(&change)
    let key: [Argument] = [project.number, change.number, task.description, at.milliseconds]
    try run(
      """
      INSERT INTO changes (project_id, number, task, created_at, attempt, title, body, branch, base_branch,
        base_commit, head_commit, state, verdict, needs_human, forge, forge_number, url, approved_by, rejected_reason,
        landing_commit, landing_tip, landing_base, tested_tree, landed_tree, updated_at)
      VALUES (\(Self.placeholders(25)))
      """, key + values(of: change))
    context.count("change", change.state.rawValue, 1)
    try appendEvent(
      .changeOpened, task: task, attempt: attempt,
      data: [
        "number": EventValue(change.number), "branch": .string(change.branch), "head": .string(change.headCommit),
        "base": .string(change.baseCommit), "category": EventValue(change.verdict?.category.rawValue),
        "needs_human": .bool(change.needsHuman),
      ], at: at)
    return change
  }

  /// Changes the record of a change, and its state when `state` is given, if it still is where the caller saw it.
  ///
  /// - Parameters:
  ///   - expected: The states in which the caller's decision holds.
  ///   - data: Added to what the event tells anyhow.
  /// - Throws: ``StoreError/staleChange(number:expected:actual:)`` when another process was faster.
  @discardableResult
  package func updateChange(
    _ number: Int, from expected: Set<Change.State>, to state: Change.State? = nil, data: [String: EventValue] = [:],
    at: Timestamp, _ edit: (inout Change) -> Void = { _ in }
  ) throws(StoreError) -> Change {
    guard let old = try change(number) else { throw .unknownChange(number: number) }
    guard expected.contains(old.state) else {
      throw .staleChange(number: number, expected: expected, actual: old.state)
    }
    let next = state ?? old.state
    guard next == old.state || old.state.successors.contains(next) else {
      throw .illegalChange(number: number, from: old.state, to: next)
    }
    if old.state.isFinished, !next.isFinished, let open = try unfinishedChange(of: old.task) {
      throw .changeIsOpen(old.task, number: open.number)
    }
    var new = old
    edit(&new)
    new.state = next
    guard new != old else { return old }
    new.updatedAt = at
    let key: [Argument] = [project.number, number]
    try run(
      """
      UPDATE changes SET attempt = ?, title = ?, body = ?, branch = ?, base_branch = ?, base_commit = ?,
        head_commit = ?, state = ?, verdict = ?, needs_human = ?, forge = ?, forge_number = ?, url = ?,
        approved_by = ?, rejected_reason = ?, landing_commit = ?, landing_tip = ?, landing_base = ?, tested_tree = ?,
        landed_tree = ?, updated_at = ?
      WHERE project_id = ? AND number = ?
      """, try values(of: new) + key)
    try appendUpdate(old, new, data, at: at)
    return new
  }

  private func appendUpdate(
    _ old: Change, _ new: Change, _ data: [String: EventValue], at: Timestamp
  ) throws(StoreError) {
    var facts: [String: EventValue] = ["number": EventValue(new.number)]
    if new.headCommit != old.headCommit { facts["head"] = .string(new.headCommit) }
    if new.landingCommit != old.landingCommit { facts["landing_commit"] = EventValue(new.landingCommit) }
    if new.landedTree != old.landedTree { facts["landed_tree"] = EventValue(new.landedTree) }
    if new.approvedBy != old.approvedBy { facts["approved_by"] = EventValue(new.approvedBy) }
    if new.rejectedReason != old.rejectedReason { facts["rejected_reason"] = EventValue(new.rejectedReason) }
    if new.verdict != old.verdict { facts["category"] = EventValue(new.verdict?.category.rawValue) }
    if new.state != old.state {
      facts["from"] = .string(old.state.rawValue)
      facts["to"] = .string(new.state.rawValue)
      context.count("change", old.state.rawValue, -1)
      context.count("change", new.state.rawValue, 1)
    }
    facts.merge(data) { $1 }
    try appendEvent(
      new.state == old.state ? .changeUpdated : .changeState, task: new.task, attempt: new.attempt, data: facts, at: at)
  }

  /// The values of attempt to updated_at, in the order of the statements above.
  private func values(of change: Change) throws(StoreError) -> [Argument] {
    let verdict: String? = try guarded(path) {
      guard let verdict = change.verdict else { return nil }
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return String(decoding: try encoder.encode(verdict), as: UTF8.self)
    }
    return [
      change.attempt, change.title, change.body, change.branch, change.baseBranch, change.baseCommit,
      change.headCommit, change.state.rawValue, verdict, change.needsHuman, change.forge, change.forgeNumber,
      change.url, change.approvedBy, change.rejectedReason, change.landingCommit, change.landingTip,
      change.landingBase, change.testedTree, change.landedTree, change.updatedAt.milliseconds,
    ]
  }

  private static let changeColumns = """
    number, task, attempt, title, body, branch, base_branch, base_commit, head_commit, state, verdict, needs_human,
    forge, forge_number, url, approved_by, rejected_reason, landing_commit, landing_tip, landing_base, tested_tree,
    landed_tree, created_at, updated_at
    """

  private static func change(_ row: inout RowReader) throws -> Change {
    Change(
      number: try row.int(), task: try row.task(), attempt: try row.int(), title: try row.text(),
      body: try row.text(), branch: try row.text(), baseBranch: try row.text(), baseCommit: try row.text(),
      headCommit: try row.text(), state: try row.value(), verdict: try row.verdict(), needsHuman: try row.bool(),
      forge: try row.text(), forgeNumber: try row.optionalInt(), url: try row.optionalText(),
      approvedBy: try row.optionalText(), rejectedReason: try row.optionalText(),
      landingCommit: try row.optionalText(), landingTip: try row.optionalText(),
      landingBase: try row.optionalText(), testedTree: try row.optionalText(),
      landedTree: try row.optionalText(), createdAt: try row.time(), updatedAt: try row.time())
  }

  package func change(_ number: Int) throws(StoreError) -> Change? {
    try first(
      "SELECT \(Self.changeColumns) FROM changes WHERE project_id = ? AND number = ?", [project.number, number],
      Self.change)
  }

  /// The one change of a task that is neither merged nor closed.
  package func unfinishedChange(of task: TaskID) throws(StoreError) -> Change? {
    try first(
      """
      SELECT \(Self.changeColumns) FROM changes
      WHERE project_id = ? AND task = ? AND state NOT IN ('merged', 'closed')
      """, [project.number, task.description], Self.change)
  }

  /// Changes in ascending order of number; an empty set of states asks for all.
  package func changes(_ states: Set<Change.State> = [], of task: TaskID? = nil) throws(StoreError) -> [Change] {
    let unfinished = !states.isEmpty && !states.contains(where: \.isFinished)
    // The condition must be that of the index.
    var sql =
      "SELECT \(Self.changeColumns) FROM changes "
      + (unfinished
        ? "INDEXED BY changes_unfinished WHERE state NOT IN ('merged', 'closed') AND project_id = ?"
        : "WHERE project_id = ?")
    var arguments: [Argument] = [project.number]
    if let task {
      sql += " AND task = ?"
      arguments.append(task.description)
    }
    if !states.isEmpty {
      sql += " AND state IN (\(Self.placeholders(states.count)))"
      for state in states.map(\.rawValue).sorted() { arguments.append(state) }
    }
    return try all(sql, arguments, Self.change).sorted { $0.number < $1.number }
  }
}

extension RowReader {
  fileprivate mutating func verdict() throws -> Verdict? {
    guard let text = try optionalText() else { return nil }
    do {
      return try JSONDecoder().decode(Verdict.self, from: Data(text.utf8))
    } catch is DecodingError {
      throw damage("verdict", text)
    }
  }
}
