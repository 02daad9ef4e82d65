import OrchConfig
import OrchDomain
import OrchGit
import OrchStore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Puts right what can be put right without losing anything. No branch, no ref, no files and no row go.
package struct DoctorRepair: Sendable {
  let place: ProjectPlace
  let clock: EngineClock

  package init(place: ProjectPlace, clock: EngineClock = .system) {
    self.place = place
    self.clock = clock
  }

  /// - Returns: What was done, one sentence each; empty when there was nothing to do.
  /// - Throws: ``EngineError/locked(holder:)`` while somebody drives the project.
  package func run() async throws -> [String] {
    let isNew = !FileTree.exists(place.paths.home)
    let project = try await place.open(clock: clock)
    let lock = try ProjectLock(project, purpose: "doctor --fix")
    defer { lock.release() }
    var done = isNew ? ["made \(place.paths.home)"] : []
    done += try closeState()
    if let stale = try DaemonHandshake.read(in: place.config.stateDir), !stale.isAlive {
      try stale.remove(from: place.config.stateDir)
      done.append("removed the handshake file of a daemon that is gone")
    }
    for worktree in try await project.goneWorktrees() {
      try await project.repository.forgetGoneWorktree(at: worktree.path)
      done.append("made git forget \(worktree.path), which is gone")
    }
    let before = try project.openIntents()
    try await Reconciler(project: project).settleIntents()
    let left = try project.openIntents()
    for intent in before where !left.contains(intent) {
      done.append(
        intent.kind == .retire
          ? "took the worktree of \(intent.task) away" : "tidied up on GitHub behind \(intent.task)")
    }
    return done
  }

  /// Nobody else looks into the state directory, and at its secrets.
  private func closeState() throws -> [String] {
    var status = stat()
    let isOpen = stat(place.paths.home, &status) == 0 && status.st_mode & 0o077 != 0
    let all = (isOpen ? [(place.paths.home, mode_t(0o700))] : []) + place.exposedFiles.map { ($0, mode_t(0o600)) }
    return try all.map { path, mode in
      guard chmod(path, mode) == 0 else {
        throw EngineError.invalid("cannot change the mode of \(path): \(String(cString: strerror(errno)))")
      }
      return "closed \(path) to others"
    }
  }
}
