package import OrchDomain

/// How often a forge was asked in one hour.
package struct ForgeRequests: Hashable, Sendable {
  package var requests: Int
  /// Answered with "not changed".
  package var unchanged: Int
  /// Refused for asking too much.
  package var refused: Int
  /// No answer, or the forge's own trouble.
  package var failed: Int
  /// Requests an hour that the forge allows, and what is left, by its last answer.
  package var limit: Int?
  package var remaining: Int?

  package init(
    requests: Int = 0, unchanged: Int = 0, refused: Int = 0, failed: Int = 0, limit: Int? = nil, remaining: Int? = nil
  ) {
    self.requests = requests
    self.unchanged = unchanged
    self.refused = refused
    self.failed = failed
    self.limit = limit
    self.remaining = remaining
  }
}

extension StoreTransaction {
  /// What the agent of a change was told of what its forge says.
  package func toldFacts(ofChange number: Int) throws(StoreError) -> Set<String> {
    Set(
      try all("SELECT fact FROM forge_facts WHERE project_id = ? AND change = ?", [project.number, number]) { row in
        try row.text()
      })
  }

  /// Notes facts as told, in the transaction that begins the turn which tells them.
  package func addToldFacts(_ facts: [String], ofChange number: Int, at: Timestamp) throws(StoreError) {
    for fact in facts {
      try run(
        "INSERT INTO forge_facts (project_id, change, fact, told_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [project.number, number, fact, at.milliseconds])
    }
  }

  /// Adds to the requests of the present hour.
  package func addForgeRequests(_ more: ForgeRequests, at: Timestamp) throws(StoreError) {
    try run(
      """
      INSERT INTO forge_requests (project_id, hour, requests, unchanged, refused, failed, rate_limit, remaining)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (project_id, hour) DO UPDATE SET requests = requests + excluded.requests,
        unchanged = unchanged + excluded.unchanged, refused = refused + excluded.refused,
        failed = failed + excluded.failed, rate_limit = excluded.rate_limit, remaining = excluded.remaining
      """,
      [
        project.number, Self.hour(of: at), more.requests, more.unchanged, more.refused, more.failed, more.limit,
        more.remaining,
      ])
  }

  /// The requests of the hour that `at` is in.
  package func forgeRequests(at: Timestamp) throws(StoreError) -> ForgeRequests? {
    try first(
      """
      SELECT requests, unchanged, refused, failed, rate_limit, remaining FROM forge_requests
      WHERE project_id = ? AND hour = ?
      """, [project.number, Self.hour(of: at)]
    ) { row in
      ForgeRequests(
        requests: try row.int(), unchanged: try row.int(), refused: try row.int(), failed: try row.int(),
        limit: try row.optionalInt(), remaining: try row.optionalInt())
    }
  }

  private static func hour(of moment: Timestamp) -> Int64 { moment.milliseconds.floorDivided(by: 3_600_000) }
}
