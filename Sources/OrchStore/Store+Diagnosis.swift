import GRDB

extension Store {
  /// The version of the SQLite library that the program runs with.
  package func sqliteVersion() throws(StoreError) -> String {
    try guarded(path) {
      try queue.unsafeRead { db in try String.fetchOne(db, sql: "SELECT sqlite_version()") ?? "unknown" }
    }
  }

  /// What SQLite finds wrong with the file; empty when it is sound. Reads the whole file.
  package func damage() throws(StoreError) -> [String] {
    try guarded(path) {
      try queue.unsafeRead { db in try String.fetchAll(db, sql: "PRAGMA quick_check(20)") }
    }.filter { $0 != "ok" }
  }
}
