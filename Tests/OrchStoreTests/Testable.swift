import GRDB
@testable import OrchStore

extension Store {
  /// Makes SQLite behave as on a full disk: the file may not grow by more than a few pages.
  func limitPages() throws {
    try queue.writeWithoutTransaction { db in
      let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
      try db.execute(sql: "PRAGMA max_page_count = \(pages + 4)")
    }
  }

  /// How SQLite would answer a query.
  func queryPlan(_ sql: String, _ arguments: StatementArguments) throws -> String {
    try queue.read { db in
      try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments).map { $0["detail"] as String }
        .joined(separator: "\n")
    }
  }

  static var driftSQL: String { StoreTransaction.driftSQL }

  static func liveSQL() -> (String, StatementArguments) {
    let (sql, arguments) = StoreTransaction.source(.live)
    let values = arguments.map { $0 as? any DatabaseValueConvertible }
    return ("SELECT id, title FROM " + sql, StatementArguments([1] + values))
  }
}

extension Store {
  /// 1 is NORMAL, 2 is FULL.
  func synchronous() throws -> Int? {
    try queue.writeWithoutTransaction { db in try Int.fetchOne(db, sql: "PRAGMA synchronous") }
  }
}
