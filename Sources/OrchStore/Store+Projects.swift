package import OrchDomain

extension Store {
  /// The project with this root, added when it is new. A changed name is taken over.
  ///
  /// - Parameter root: An absolute path in one form: two spellings would be two projects.
  package func project(root: String, name: String, at: Timestamp) throws(StoreError) -> Project {
    // The common case takes no write lock.
    if let known = try project(root: root), known.name == name { return known }
    return try guarded(path) {
      try alone { source, connection in
        try connection.inTransaction(.immediate) { try add(root: root, name: name, at: at, in: source) }
      }
    }
  }

  private func add(root: String, name: String, at: Timestamp, in source: any StatementSource) throws -> Project {
    try SQLStatement(
      source,
      """
      INSERT INTO projects (root, name, created_at) VALUES (?, ?, ?)
      ON CONFLICT (root) DO UPDATE SET name = excluded.name
      """
    ).run([root, name, at.milliseconds]) { _ in }
    guard let project = try Self.projects(source, path, "WHERE root = ?", [root]).first else {
      throw StoreError.damaged(path: path, detail: "the project '\(root)' cannot be read back")
    }
    let transaction = StoreTransaction(source, project: project.id, path: path)
    if try transaction.latestEvents(limit: 1).isEmpty {
      try transaction.appendEvent(.projectAdded, data: ["root": .string(root), "name": .string(name)], at: at)
      try transaction.flush()
    }
    return project
  }

  /// The project with this root; nil when there is none yet.
  package func project(root: String) throws(StoreError) -> Project? {
    try guarded(path) {
      try look { source in try Self.projects(source, path, "WHERE root = ?", [root]).first }
    }
  }

  /// All projects of this file, in the order in which they were added.
  package func projects() throws(StoreError) -> [Project] {
    try guarded(path) {
      try look { source in try Self.projects(source, path, "ORDER BY id", []) }
    }
  }

  private static func projects(
    _ db: any StatementSource, _ path: String, _ condition: String, _ arguments: [(any SQLValue)?]
  ) throws -> [Project] {
    let sql = "SELECT id, root, name, paused, created_at FROM projects " + condition
    var result: [Project] = []
    try SQLStatement(db, sql).run(arguments) { row in
      var reader = RowReader(row, path: path)
      result.append(
        Project(
          id: ProjectID(try reader.integer()), root: try reader.text(), name: try reader.text(),
          isPaused: try reader.bool(), createdAt: try reader.time()))
    }
    return result
  }
}

extension StoreTransaction {
  /// Holds the whole project back, or lets it go again. Does nothing when it is so already.
  package func setProjectPaused(_ isPaused: Bool, at: Timestamp) throws(StoreError) {
    let changed = try run(
      "UPDATE projects SET paused = ? WHERE id = ? AND paused <> ?", [isPaused, project.number, isPaused])
    if changed > 0 { try appendEvent(isPaused ? .projectPaused : .projectResumed, at: at) }
  }

  /// Whether the whole project is held back.
  package func isProjectPaused() throws(StoreError) -> Bool {
    let found = try first("SELECT paused FROM projects WHERE id = ?", [project.number]) { row in try row.bool() }
    guard let found else { throw .unknownProject(project) }
    return found
  }
}
