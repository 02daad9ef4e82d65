package import OrchDomain

/// A project that the daemon works for.
package struct ServedProject: Hashable, Sendable {
  package let project: Project
  /// The configuration file that was named when it was added; nil for the one that is found.
  package let config: String?
  package let addedAt: Timestamp
}

/// An event with the project that it is about.
package struct ProjectEvent: Hashable, Sendable {
  package let project: ProjectID
  package let event: StoredEvent
}

// What the daemon asks across projects.
extension Store {
  /// In the order of their roots.
  package func servedProjects() throws(StoreError) -> [ServedProject] {
    let known = Dictionary(uniqueKeysWithValues: try projects().map { ($0.id, $0) })
    return try guarded(path) {
      try look { db in
        var served: [ServedProject] = []
        try SQLStatement(db, "SELECT project_id, config, added_at FROM served_projects").run([]) { row in
          var reader = RowReader(row, path: path)
          guard let project = known[ProjectID(try reader.integer())] else { return }
          served.append(
            ServedProject(project: project, config: try reader.optionalText(), addedAt: try reader.time()))
        }
        return served.sorted { $0.project.root < $1.project.root }
      }
    }
  }

  /// Events of all projects after `seq`, oldest first.
  package func allEvents(after seq: Int64, limit: Int) throws(StoreError) -> [ProjectEvent] {
    try guarded(path) {
      try look { db in
        var found: [ProjectEvent] = []
        let sql =
          "SELECT project_id, \(StoreTransaction.eventColumns) FROM events WHERE seq > ? ORDER BY seq LIMIT ?"
        try SQLStatement(db, sql).run([seq, max(0, limit)]) { row in
          var reader = RowReader(row, path: path)
          let project = ProjectID(try reader.integer())
          found.append(ProjectEvent(project: project, event: try StoreTransaction.event(&reader)))
        }
        return found
      }
    }
  }

  /// Takes the write lock and gives it back.
  ///
  /// - Throws: When the file cannot be written, such as on a full disk that it lies on, or one that is read-only.
  package func checkWritable() throws(StoreError) {
    try guarded(path) {
      try alone { _, connection in try connection.execute("BEGIN IMMEDIATE; ROLLBACK") }
    }
  }

  /// The number of the newest event of any project; 0 before the first.
  package func lastEventNumber() throws(StoreError) -> Int64 {
    try guarded(path) { try integer("SELECT max(seq) FROM events") }
  }
}

extension StoreTransaction {
  /// Puts the project into the daemon's care, or takes it out of it.
  ///
  /// - Returns: Whether that changed anything.
  @discardableResult
  package func setServed(_ isServed: Bool, config: String? = nil, at: Timestamp) throws(StoreError) -> Bool {
    if isServed {
      return try run(
        """
        INSERT INTO served_projects (project_id, config, added_at) VALUES (?, ?, ?)
        ON CONFLICT (project_id) DO UPDATE SET config = excluded.config WHERE config IS NOT excluded.config
        """, [project.number, config, at.milliseconds]) > 0
    }
    return try run("DELETE FROM served_projects WHERE project_id = ?", [project.number]) > 0
  }

  /// The configuration file that was named for the daemon; outer nil when the daemon does not work for the project.
  package func servedConfig() throws(StoreError) -> String?? {
    try first("SELECT config FROM served_projects WHERE project_id = ?", [project.number]) { row in
      try row.optionalText()
    }
  }
}
