@testable import OrchStore

extension Store {
  /// Makes SQLite behave as on a full disk: the file may not grow by more than a few pages.
  func limitPages() throws {
    try alone { _, connection in
      try connection.execute("PRAGMA max_page_count = \(try connection.integer("PRAGMA page_count") + 4)")
    }
  }

  /// How SQLite would answer a query.
  func queryPlan(_ sql: String, _ arguments: [(any SQLValue)?]) throws -> String {
    try look { source in
      var steps: [String] = []
      try SQLStatement(source, "EXPLAIN QUERY PLAN " + sql).run(arguments) { row in
        var reader = RowReader(row, path: path)
        for _ in 0..<3 { reader.skip() }
        steps.append(try reader.text())
      }
      return steps.joined(separator: "\n")
    }
  }

  static var driftSQL: String { StoreTransaction.driftSQL }

  static func liveSQL() -> (String, [(any SQLValue)?]) {
    let (sql, arguments) = StoreTransaction.source(.live)
    return ("SELECT id, title FROM " + sql, [1] + arguments)
  }

  /// 1 is NORMAL, 2 is FULL.
  func synchronous() throws -> Int64 { try setting("synchronous") }

  /// What a PRAGMA gives.
  func setting(_ name: String) throws -> Int64 {
    try alone { _, connection in try connection.integer("PRAGMA \(name)") }
  }
}
