import OrchDomain
import OrchFiles

/// Held by the one process that may drive a project's tasks.
package struct ProjectLock: Sendable {
  private let lock: FileLock

  /// - Throws: ``EngineError/locked(holder:)`` at once, when another process holds it.
  package init(_ project: OpenProject, purpose: String) throws {
    try FileTree.makeDirectories("\(project.paths.home)/locks")
    do {
      lock = try FileLock(project.paths.lock, purpose: purpose, now: project.clock.now())
    } catch {
      guard case .held = error else { throw EngineError.unavailable(error.description) }
      throw EngineError.locked(holder: error.description)
    }
  }

  package func release() { lock.release() }

  /// Who drives the project; nil when nobody does.
  package static func holder(_ paths: ProjectPaths) throws -> String? {
    guard FileTree.exists(paths.lock), let holder = try FileLock.holder(of: paths.lock) else { return nil }
    return "\(holder.purpose) (process \(holder.process) on \(holder.host), since \(holder.since.rfc3339))"
  }
}
