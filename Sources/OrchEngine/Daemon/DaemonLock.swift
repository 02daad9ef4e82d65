import OrchFiles
package import OrchDomain

/// Held by the one daemon of a state directory.
package struct DaemonLock: Sendable {
  private let lock: FileLock

  /// - Throws: ``EngineError/unavailable(_:)`` at once, when another daemon holds it.
  package init(in stateDirectory: String, now: Timestamp) throws {
    try FileTree.makeDirectories("\(stateDirectory)/locks")
    do {
      lock = try FileLock("\(stateDirectory)/locks/daemon.lock", purpose: "daemon", now: now)
    } catch {
      guard case .held(_, let holder) = error else { throw EngineError.unavailable(error.description) }
      let who = holder.map { " (process \($0.process), since \($0.since.rfc3339))" } ?? ""
      throw EngineError.unavailable(
        "a daemon works for this state directory already\(who); `claude-orch daemon status` tells more")
    }
  }

  package func release() { lock.release() }
}
