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

  /// Writes what has changed since ``planFiles()``; a row that says the same already is not touched.
  ///
  /// A cache and not history, so it has no events.
  package func updatePlanFiles(changed: [PlanFile], removed: [String]) throws(StoreError) {
    for file in changed {
      try run(
        """
        INSERT INTO plan_files (project_id, path, inode, size, mtime_ns, hash, unit) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (project_id, path) DO UPDATE SET inode = excluded.inode, size = excluded.size,
          mtime_ns = excluded.mtime_ns, hash = excluded.hash, unit = excluded.unit
        WHERE inode <> excluded.inode OR size <> excluded.size OR mtime_ns <> excluded.mtime_ns
          OR hash <> excluded.hash OR unit <> excluded.unit
        """,
        [
          project.number, file.path, Int64(bitPattern: file.inode), file.size, file.modified,
          Int64(bitPattern: file.hash), file.unit,
        ])
    }
    for path in removed {
      try run("DELETE FROM plan_files WHERE project_id = ? AND path = ?", [project.number, path])
    }
  }
}
