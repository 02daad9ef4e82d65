import OrchDomain
import OrchFiles
import OrchSchedule
import OrchStore

/// Held by the one process that may drive a project's tasks.
package struct ProjectLock: Sendable {
  private let lock: FileLock

  /// - Throws: ``EngineError/locked(holder:)`` at once, when another process holds it.
  package init(_ project: OpenProject, purpose: String) throws {
    try self.init(project, path: project.paths.lock, purpose: purpose)
  }

  /// Held by the one process that runs a job's program, which drives no tasks.
  package init(_ project: OpenProject, job: String) throws {
    try self.init(project, path: project.paths.jobLock(job), purpose: "batch run \(job)")
  }

  private init(_ project: OpenProject, path: String, purpose: String) throws {
    try FileTree.makeDirectories("\(project.paths.home)/locks")
    do {
      lock = try FileLock(path, purpose: purpose, now: project.clock.now())
    } catch {
      guard case .held(_, let holder) = error else { throw EngineError.unavailable(error.description) }
      throw EngineError.locked(holder: holder.map(Self.text) ?? "by a process that is just starting")
    }
  }

  package func release() { lock.release() }

  /// Who drives the project; nil when nobody does.
  package static func holder(_ paths: ProjectPaths) throws -> String? {
    guard FileTree.exists(paths.lock), let holder = try FileLock.holder(of: paths.lock) else { return nil }
    return text(holder)
  }

  /// Whether somebody has the lock under which a batch or job runs.
  static func isHeld(_ paths: ProjectPaths, for spec: BatchSpec) throws -> Bool {
    let path = spec.kind == .command ? paths.jobLock(spec.name) : paths.lock
    return try FileTree.exists(path) && FileLock.holder(of: path) != nil
  }

  private static func text(_ holder: FileLock.Holder) -> String {
    "\(holder.purpose) (process \(holder.process) on \(holder.host), since \(holder.since.rfc3339))"
  }
}
