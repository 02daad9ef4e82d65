extension StoreTransaction {
  /// Every known plan file, in the order of paths.
  ///
  /// - Parameter includingUnits: Without them ``PlanFile/unit`` is empty, and reading is several times faster.
  package func planFiles(includingUnits: Bool = true) throws(StoreError) -> [PlanFile] {
    try all(
      """
      SELECT path, inode, size, mtime_ns, hash\(includingUnits ? ", unit" : "") FROM plan_files
      WHERE project_id = ? ORDER BY path
      """, [project.number]
    ) { row in
      PlanFile(
        path: try row.text(), inode: try row.bits(), size: try row.integer(), modified: try row.integer(),
        hash: try row.bits(), unit: includingUnits ? try row.bytes() : [])
    }
  }

  /// One plan file with its unit; nil when it is not known.
  package func planFile(_ path: String) throws(StoreError) -> PlanFile? {
    try first(
      "SELECT path, inode, size, mtime_ns, hash, unit FROM plan_files WHERE project_id = ? AND path = ?",
      [project.number, path]
    ) { row in
      PlanFile(
        path: try row.text(), inode: try row.bits(), size: try row.integer(), modified: try row.integer(),
        hash: try row.bits(), unit: try row.bytes())
    }
  }

  /// How many things the last compilation found for which an edit of one plan may concern others; nil when nobody has
  /// counted them yet.
  package func looseEnds() throws(StoreError) -> Int? {
    try first(
      "SELECT n FROM counters WHERE project_id = ? AND kind = 'plans' AND key = 'loose_ends'", [project.number]
    ) { row in try row.int() }
  }

  package func setLooseEnds(_ count: Int) throws(StoreError) {
    try run(
      """
      INSERT INTO counters (project_id, kind, key, n) VALUES (?, 'plans', 'loose_ends', ?)
      ON CONFLICT (project_id, kind, key) DO UPDATE SET n = excluded.n WHERE n <> excluded.n
      """, [project.number, count])
  }

  /// Writes what has changed since ``planFiles()``; a row that says the same already is not touched.
  ///
  /// A cache and not history, so it has no events.
  package func updatePlanFiles(changed: [PlanFile], removed: [String]) throws(StoreError) {
    try runEach(
      changed,
      """
      INSERT INTO plan_files (project_id, path, inode, size, mtime_ns, hash, unit) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (project_id, path) DO UPDATE SET inode = excluded.inode, size = excluded.size,
        mtime_ns = excluded.mtime_ns, hash = excluded.hash, unit = excluded.unit
      WHERE inode <> excluded.inode OR size <> excluded.size OR mtime_ns <> excluded.mtime_ns
        OR hash <> excluded.hash OR unit <> excluded.unit
      """
    ) { [project] file, values in
      values.add(project.number)
      values.add(file.path)
      values.add(Int64(bitPattern: file.inode))
      values.add(file.size)
      values.add(file.modified)
      values.add(Int64(bitPattern: file.hash))
      values.add(file.unit)
    }
    for path in removed {
      try run("DELETE FROM plan_files WHERE project_id = ? AND path = ?", [project.number, path])
    }
  }
}
