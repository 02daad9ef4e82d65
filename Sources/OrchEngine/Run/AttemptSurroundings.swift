import OrchConfig
import OrchDomain
import OrchStore

/// What an attempt has of the machine for itself: ports and a directory for temporary files.
struct AttemptSurroundings: Sendable {
  let project: OpenProject

  /// Gives the attempt its ports, unless it has them. In one transaction with the look at those of all others.
  func reservePorts(_ attempt: LiveAttempt) throws {
    let settings = project.settings.worktree
    guard settings.portsPerAttempt > 0 else { return }
    let name = "\(project.paths.key)/\(attempt.task)/\(attempt.number)"
    let isReserved = try project.store.write(project.row) { tx throws(StoreError) in
      if try tx.ports(of: attempt.task, attempt: attempt.number) != nil { return true }
      let span = settings.firstPort...max(settings.firstPort, settings.lastPort)
      guard
        let range = PortRange.choose(
          for: name, count: settings.portsPerAttempt, in: span, taken: try tx.portsInUse())
      else { return false }
      try tx.setPorts(of: attempt.task, attempt: attempt.number, to: range)
      return true
    }
    guard isReserved else {
      throw WorkspaceError.noPorts(settings.portsPerAttempt, first: settings.firstPort, last: settings.lastPort)
    }
  }

  /// The variables that tell programs of them. Makes the directory.
  func environment(of attempt: LiveAttempt) throws -> [String: String] {
    let directory = project.paths.temporary(attempt.runID)
    try FileTree.makeDirectories(directory)
    var result = ["TMPDIR": directory]
    let range = try project.store.read(project.row) { tx throws(StoreError) in
      try tx.ports(of: attempt.task, attempt: attempt.number)
    }
    if let range {
      result["ORCH_PORT_BASE"] = String(range.first)
      result["ORCH_PORT_COUNT"] = String(range.count)
    }
    return result
  }

  /// Removes the temporary directories of attempts that have ended, also of those that a killed run left.
  func sweep() throws {
    let open = try project.store.read(project.row) { tx throws(StoreError) in try tx.openAttempts() }
    let kept = Set(open.compactMap(\.runID).map(project.paths.temporary))
    let (parent, prefix) = project.paths.temporaries
    for name in try FileTree.names(in: parent) where name.hasPrefix(prefix) {
      let path = "\(parent)/\(name)"
      if !kept.contains(path) { try FileTree.removeIfPresent(path) }
    }
  }
}
