extension Store {
  /// The version of the SQLite library that the program runs with.
  package func sqliteVersion() throws(StoreError) -> String {
    try guarded(path) { try texts("SELECT sqlite_version()").first ?? "unknown" }
  }

  /// What SQLite finds wrong with the file; empty when it is sound. Reads the whole file.
  package func damage() throws(StoreError) -> [String] {
    try guarded(path) { try texts("PRAGMA quick_check(20)") }.filter { $0 != "ok" }
  }

  /// The first column of every row.
  private func texts(_ sql: String) throws -> [String] {
    try look { source in
      var texts: [String] = []
      try SQLStatement(source, sql).run([]) { row in
        var reader = RowReader(row, path: path)
        texts.append(try reader.text())
      }
      return texts
    }
  }
}
