/// What may be read and written within one transaction, always about one project.
///
/// Not copyable and only ever borrowed, so it cannot outlive the closure that it is given to.
package struct StoreTransaction: ~Copyable {
  package let project: ProjectID
  let db: any StatementSource
  let path: String
  let context = TransactionContext()

  init(_ db: any StatementSource, project: ProjectID, path: String) {
    self.db = db
    self.project = project
    self.path = path
  }

  typealias Argument = (any SQLValue)?

  /// Runs one statement that returns no rows.
  ///
  /// - Returns: The number of rows that it changed.
  @discardableResult
  func run(_ sql: String, _ arguments: [Argument]) throws(StoreError) -> Int {
    try guarded(path) { [db] in
      try SQLStatement(db, sql).run(arguments) { _ in }
      return db.changesCount
    }
  }

  /// As ``run(_:_:)``, with every value bound by its own type; for what happens at every step of every task.
  ///
  /// - Parameter bind: Gives every parameter its value, in order.
  func run(_ sql: String, binding bind: (inout ValueBinder) -> Void) throws(StoreError) {
    try guarded(path) { [db] in try SQLStatement(db, sql).runEach([()]) { _, row in bind(&row) } }
  }

  /// The number that SQLite gave to the last inserted row.
  var lastRow: Int64 { db.lastInsertedRowID }

  /// Hands every row to `body`, which must not use the transaction.
  func each(_ sql: String, _ arguments: [Argument], _ body: (inout RowReader) throws -> Void) throws(StoreError) {
    try guarded(path) { [db, path] in
      try SQLStatement(db, sql).run(arguments) { row in
        var reader = RowReader(row, path: path)
        try body(&reader)
      }
    }
  }

  func all<T>(
    _ sql: String, _ arguments: [Argument], _ decode: (inout RowReader) throws -> T
  ) throws(StoreError) -> [T] {
    var result: [T] = []
    try each(sql, arguments) { row in result.append(try decode(&row)) }
    return result
  }

  func first<T>(
    _ sql: String, _ arguments: [Argument], _ decode: (inout RowReader) throws -> T
  ) throws(StoreError) -> T? {
    var result: T?
    try each(sql, arguments) { row in
      if result == nil { result = try decode(&row) }
    }
    return result
  }

  /// Runs one statement once for every item.
  ///
  /// - Parameter bind: Gives every parameter its value, in order.
  func runEach<Item>(
    _ items: [Item], _ sql: String, _ bind: (Item, inout ValueBinder) -> Void
  ) throws(StoreError) {
    guard !items.isEmpty else { return }
    try guarded(path) { [db] in try SQLStatement(db, sql).runEach(items, bind) }
  }

  /// `?, ?, ?` for an IN list.
  static func placeholders(_ count: Int) -> String {
    repeatElement("?", count: count).joined(separator: ", ")
  }
}

/// What a transaction gathers and writes once, at its end.
///
/// A class because the transaction itself is only borrowed; it lives no longer than the transaction.
final class TransactionContext {
  struct Counter: Comparable {
    let kind: String
    let key: String
    var difference: Int

    static func < (a: Counter, b: Counter) -> Bool { (a.kind, a.key) < (b.kind, b.key) }
  }

  /// Two dozen at most, so that looking through them takes less than two hashes.
  var counters: [Counter] = []
  var transitions: [Transition] = []
  var chain: EventChain?
  var chainHasGrown = false
  /// What the last event was hashed as.
  var hashed = HashedText()

  func count(_ kind: String, _ key: String, _ difference: Int) {
    if let place = counters.firstIndex(where: { $0.key == key && $0.kind == kind }) {
      counters[place].difference += difference
    } else {
      counters.append(Counter(kind: kind, key: key, difference: difference))
    }
  }
}

extension StoreTransaction {
  /// Writes what was gathered; called before the commit and before reading what it would change.
  func flush() throws(StoreError) {
    for counter in context.counters.sorted() where counter.difference != 0 {
      try run(
        """
        INSERT INTO counters (project_id, kind, key, n) VALUES (?, ?, ?, ?)
        ON CONFLICT (project_id, kind, key) DO UPDATE SET n = n + excluded.n
        """, [project.number, counter.kind, counter.key, counter.difference])
    }
    context.counters.removeAll(keepingCapacity: true)
    if context.chainHasGrown, let chain = context.chain {
      try run(
        "UPDATE projects SET event_count = ?, event_head = ? WHERE id = ?", [chain.count, chain.head, project.number])
      context.chainHasGrown = false
    }
  }
}
