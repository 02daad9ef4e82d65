package import OrchDomain

/// Where the logs of batches are.
package enum BatchLog {
  /// The path of a new log without its ending; its directory is made.
  package static func stem(_ name: String, in paths: ProjectPaths, at now: Timestamp) throws -> String {
    try FileTree.makeDirectories(paths.logs)
    let time = now.rfc3339.filter { $0 != ":" && $0 != "-" }
    return "\(paths.logs)/batch-\(BatchInstallation.unitName(name))-\(time)"
  }
}
