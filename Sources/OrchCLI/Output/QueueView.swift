import OrchConfig
import OrchDomain
import OrchEngine
import OrchSchedule
import OrchStore

/// The merge queue for people and programs.
struct QueueView {
  /// One change.
  struct Row: Hashable {
    let change: Int
    let task: TaskID
    let state: QueueState
    /// nil when it has left the queue.
    let priority: TaskPriority?
    let enteredAt: Timestamp
    /// When it came into its state.
    let since: Timestamp
    let isFlaky: Bool
    /// What it waits for, or what became of it.
    let waits: String
  }

  /// In the order in which they are to land.
  let rows: [Row]
  /// Those that have left the queue, the latest first.
  let past: [Row]
  /// Why nothing lands at all; nil while the queue goes on.
  let stop: String?
  let now: Timestamp

  private static let shownPast = 50

  static func read(_ view: ProjectView, all: Bool, now: Timestamp) throws -> QueueView {
    let changes = try view.look { tx throws(StoreError) in try tx.changes([.approved, .landing]) }
    let records = try view.look { tx throws(StoreError) in try tx.queueRecords(all: true) }
    let known = Dictionary(records.map { ($0.change, $0) }) { $1 }
    let isDriven = try view.holder() != nil
    let order = QueueOrder(starvedAfter: view.place.loaded.settings.landing.starvedAfter, now: now)
    var waiting: [(entry: QueueEntry, change: Change, task: StoredTask)] = []
    var stop: String?
    for change in changes {
      guard let task = try view.store.task(view.row, change.task) else { continue }
      if task.state == .stuck, change.landedTree != nil { stop = task.reason }
      guard task.state == .approved || task.state == .landing else { continue }
      let record = known[change.number].flatMap { $0.state.isOver ? nil : $0 }
      let entry = QueueEntry(
        task: task.id, priority: task.plan.priority, enteredAt: record?.enteredAt ?? change.updatedAt)
      waiting.append((entry, change, task))
    }
    let places = Dictionary(
      uniqueKeysWithValues: order.sorted(waiting.map(\.entry)).enumerated().map { ($1.task, $0) })
    let open = waiting.sorted { places[$0.entry.task] ?? 0 < places[$1.entry.task] ?? 0 }
    let rows = open.map { item in
      let record = known[item.change.number].flatMap { $0.state.isOver ? nil : $0 }
      return Row(
        item, record, order, before: places[item.entry.task] == 0 ? nil : open.first?.entry.task, isDriven: isDriven)
    }
    let past = all ? records.filter(\.state.isOver).sorted { ($0.since, $0.change) > ($1.since, $1.change) } : []
    return QueueView(rows: rows, past: past.prefix(shownPast).map { Row(past: $0) }, stop: stop, now: now)
  }

  func text(width: Int?) -> String {
    var text = stop.map { "The queue has stopped: \(SafeText.line($0, limit: 400))\n" } ?? ""
    guard !rows.isEmpty || !past.isEmpty else { return text + "Nothing waits to land.\n" }
    var table = TextTable(header: ["TASK", "STATE", "AGE", "PRIORITY", "WAITS FOR"])
    for row in rows + past {
      table.add([
        row.task.description, row.state.rawValue, row.age(now).text, row.priority?.rawValue ?? "-",
        SafeText.line(row.waits, limit: 300),
      ])
    }
    text += table.text(width: width)
    return text
  }

  var json: JSONValue {
    .object([
      .init("entries", .array(rows.map { $0.json(now) })), .init("past", .array(past.map { $0.json(now) })),
      .init("stopped", JSONValue(stop)),
    ])
  }
}

extension QueueView.Row {
  /// - Parameters:
  ///   - before: The first in the queue; nil for that one itself.
  ///   - isDriven: Whether a process lands changes now.
  fileprivate init(
    _ item: (entry: QueueEntry, change: Change, task: StoredTask), _ record: QueueRecord?, _ order: QueueOrder,
    before: TaskID?, isDriven: Bool
  ) {
    change = item.change.number
    task = item.entry.task
    priority = item.entry.priority
    enteredAt = item.entry.enteredAt
    since = record?.since ?? enteredAt
    isFlaky = record?.isFlaky ?? false
    var state = record?.state ?? .waiting
    // What nobody works on any more waits, whatever its record says.
    if state.isUnderWay, !isDriven { state = .waiting }
    if state == .waiting, order.isStarved(item.entry) { state = .starved }
    self.state = state
    waits = Self.waits(state, record, item.task, before: before, isDriven: isDriven)
  }

  private static func waits(
    _ state: QueueState, _ record: QueueRecord?, _ task: StoredTask, before: TaskID?, isDriven: Bool
  ) -> String {
    switch state {
    case .building: "its merge with what goes before it"
    case .testing: "the gate on its merged tree"
    case .flaky, .landing: "the base branch to move"
    case .redInherited: task.reason ?? record?.reason ?? "the base branch to be repaired"
    case .landed: "nothing"
    case .conflict, .redOwn: record?.reason ?? "its agent"
    case .waiting, .starved:
      if let reason = task.reason {
        reason
      } else if !isDriven {
        "`claude-orch start`, or `claude-orch pr merge \(task.id)`"
      } else if let reason = record?.reason {
        reason
      } else {
        before.map { "its turn; \($0) is first" } ?? "its turn"
      }
    }
  }

  /// How long it has waited, or did until it left the queue.
  func age(_ now: Timestamp) -> Duration { (priority == nil ? since : now).since(enteredAt) }

  fileprivate init(past record: QueueRecord) {
    change = record.change
    task = record.task
    state = record.state
    priority = nil
    enteredAt = record.enteredAt
    since = record.since
    isFlaky = record.isFlaky
    waits = record.reason ?? (record.isFlaky ? "nothing; its gate is flaky" : "nothing")
  }

  fileprivate func json(_ now: Timestamp) -> JSONValue {
    .object([
      .init("task", .string(task.description)), .init("number", JSONValue(change)),
      .init("state", .string(state.rawValue)), .init("priority", JSONValue(priority?.rawValue)),
      .init("entered_at", .string(enteredAt.rfc3339)), .init("since", .string(since.rfc3339)),
      .init("age_seconds", .double(age(now).inSeconds)), .init("flaky", .bool(isFlaky)),
      .init("waits_for", .string(waits)),
    ])
  }
}
