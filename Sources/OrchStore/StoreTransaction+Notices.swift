package import OrchDomain

/// A notice on its way to people, by one channel.
package struct StoredNotice: Hashable, Sendable {
  package let id: Int64
  package let channel: String
  package let kind: String
  /// `event-17` for a notice of event 17.
  package let key: String
  package let title: String
  package let body: String
  package let createdAt: Timestamp
  package let notBefore: Timestamp
  /// How often it was tried.
  package let tries: Int
  /// Why it did not arrive the last time.
  package let problem: String?
  package let sentAt: Timestamp?
  package let givenUpAt: Timestamp?
}

extension StoreTransaction {
  /// Puts a notice into the outbox. Does nothing when one with this key is or was there.
  package func addNotice(
    channel: String, kind: String, key: String, title: String, body: String, at: Timestamp
  ) throws(StoreError) {
    try run(
      """
      INSERT OR IGNORE INTO notices (project_id, channel, kind, key, title, body, created_at, not_before)
      VALUES (\(Self.placeholders(8)))
      """, [project.number, channel, kind, key, title, body, at.milliseconds, at.milliseconds])
  }

  private static let noticeColumns = """
    id, channel, kind, key, title, body, created_at, not_before, tries, problem, sent_at, given_up_at
    """

  private static func notice(_ row: inout RowReader) throws -> StoredNotice {
    StoredNotice(
      id: try row.integer(), channel: try row.text(), kind: try row.text(), key: try row.text(),
      title: try row.text(), body: try row.text(), createdAt: try row.time(), notBefore: try row.time(),
      tries: try row.int(),
      problem: try row.optionalText(), sentAt: try row.optionalTime(), givenUpAt: try row.optionalTime())
  }

  /// Notices that wait, of one channel or of all, in the order in which they were written.
  package func waitingNotices(_ channel: String? = nil, limit: Int = 1000) throws(StoreError) -> [StoredNotice] {
    try all(
      """
      SELECT \(Self.noticeColumns) FROM notices
      WHERE project_id = ?1 AND (?2 IS NULL OR channel = ?2) AND sent_at IS NULL AND given_up_at IS NULL
      ORDER BY id LIMIT ?3
      """, [project.number, channel, limit], Self.notice)
  }

  /// The newest notices, newest first.
  package func notices(limit: Int) throws(StoreError) -> [StoredNotice] {
    try all(
      "SELECT \(Self.noticeColumns) FROM notices WHERE project_id = ? ORDER BY id DESC LIMIT ?",
      [project.number, limit], Self.notice)
  }

  /// Notices that were tried and have not arrived, newest first; without those that were given up before a moment.
  package func undeliveredNotices(since: Timestamp? = nil) throws(StoreError) -> [StoredNotice] {
    try all(
      """
      SELECT \(Self.noticeColumns) FROM notices
      WHERE project_id = ?1 AND sent_at IS NULL AND problem IS NOT NULL
        AND (given_up_at IS NULL OR given_up_at >= ?2)
      ORDER BY id DESC LIMIT 200
      """, [project.number, since?.milliseconds ?? 0], Self.notice)
  }

  /// Notices that were settled before a moment are of no use to anybody.
  package func forgetNotices(before: Timestamp) throws(StoreError) {
    try run(
      "DELETE FROM notices WHERE project_id = ?1 AND (sent_at < ?2 OR given_up_at < ?2)",
      [project.number, before.milliseconds])
  }

  /// When messages were sent on a channel since a moment, the oldest first. Those of one message count once.
  package func noticeTimes(_ channel: String, since: Timestamp) throws(StoreError) -> [Timestamp] {
    try all(
      "SELECT DISTINCT sent_at FROM notices WHERE project_id = ? AND channel = ? AND sent_at >= ? ORDER BY sent_at",
      [project.number, channel, since.milliseconds]
    ) { row in try row.time() }
  }

  /// Notices have arrived.
  package func setSent(_ notices: [Int64], at: Timestamp) throws(StoreError) {
    for id in notices {
      try run(
        "UPDATE notices SET sent_at = ?, problem = NULL, tries = tries + 1 WHERE project_id = ? AND id = ?",
        [at.milliseconds, project.number, id])
    }
  }

  /// Notices have not arrived.
  ///
  /// - Parameter until: When they are tried again; nil to give up.
  package func setUnsent(_ notices: [Int64], problem: String, until: Timestamp?, at: Timestamp) throws(StoreError) {
    for id in notices {
      try run(
        """
        UPDATE notices SET problem = ?, tries = tries + 1, not_before = COALESCE(?, not_before), given_up_at = ?
        WHERE project_id = ? AND id = ?
        """,
        [problem, until?.milliseconds, until == nil ? at.milliseconds : nil, project.number, id])
    }
  }

  /// The number of the last event of which people have been told; nil before the first time.
  package func noticeMark() throws(StoreError) -> Int64? {
    try first("SELECT event FROM notice_marks WHERE project_id = ?", [project.number]) { row in try row.integer() }
  }

  package func setNoticeMark(_ event: Int64) throws(StoreError) {
    try run("INSERT OR REPLACE INTO notice_marks (project_id, event) VALUES (?, ?)", [project.number, event])
  }
}
