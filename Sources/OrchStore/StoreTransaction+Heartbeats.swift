package import OrchDomain

extension StoreTransaction {
  /// Longest time between two signs of life before somebody has to wonder.
  package static let heartbeatGap = Duration.seconds(150)

  /// Whoever drives the project begins to give signs of life. The caller holds the project's lock, so whoever did so
  /// before and has not ended has died: that is told.
  ///
  /// - Returns: The number for ``beat(_:at:)``.
  package func beginHeartbeat(_ who: String, at: Timestamp) throws(StoreError) -> Int64 {
    let open = try all(
      "SELECT id, who, last_at FROM heartbeats WHERE project_id = ? AND ended_at IS NULL ORDER BY id", [project.number]
    ) { row in (id: try row.integer(), who: try row.text(), last: try row.time()) }
    for old in open {
      try run("UPDATE heartbeats SET ended_at = last_at WHERE id = ?", [old.id])
      try appendEvent(
        .heartbeatLost,
        data: ["who": .string(old.who), "from": .int(old.last.milliseconds), "to": .int(at.milliseconds)], at: at)
    }
    try run(
      "INSERT INTO heartbeats (project_id, who, began_at, last_at) VALUES (?, ?, ?, ?)",
      [project.number, who, at.milliseconds, at.milliseconds])
    return lastRow
  }

  /// A sign of life. One that comes late, because the machine slept or the process was stopped, is told as a gap.
  package func beat(_ id: Int64, at: Timestamp) throws(StoreError) {
    let found = try first("SELECT who, last_at FROM heartbeats WHERE project_id = ? AND id = ?", [project.number, id]) {
      row in (who: try row.text(), last: try row.time())
    }
    guard let found else { return }
    if at.since(found.last) > Self.heartbeatGap {
      try appendEvent(
        .heartbeatGap,
        data: ["who": .string(found.who), "from": .int(found.last.milliseconds), "to": .int(at.milliseconds)], at: at)
    }
    try run("UPDATE heartbeats SET last_at = ? WHERE project_id = ? AND id = ?", [at.milliseconds, project.number, id])
  }

  /// The end of somebody who ends as intended.
  package func endHeartbeat(_ id: Int64, at: Timestamp) throws(StoreError) {
    try beat(id, at: at)
    try run(
      "UPDATE heartbeats SET ended_at = ? WHERE project_id = ? AND id = ?", [at.milliseconds, project.number, id])
  }
}
