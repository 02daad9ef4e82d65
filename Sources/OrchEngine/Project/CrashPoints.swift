import OrchStore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Acts in the world behind which nothing is recorded yet.
enum CrashPoint: String, CaseIterable, Sendable {
  case worktreeAdded = "worktree.added"
  case agentSpawned = "agent.spawned"
  case turnRecorded = "turn.recorded"
  case attemptPreserved = "attempt.preserved"
  case landingIntended = "landing.intended"
  case baseMoved = "base.moved"
  case statusesMoved = "statuses.moved"
  case worktreeRemoved = "worktree.removed"
  case branchDeleted = "branch.deleted"
}

/// Where tests let a process die, as by `kill -9`. Only in debug builds: a release has neither the code nor the name.
///
/// `ORCH_CRASH_AT` lists points, separated by `;`: `before running>verifying`, `after running>verifying core/E01`,
/// `act base.moved`. See docs/decisions/0016.
struct CrashPoints: Sendable {
  #if DEBUG
    private let wanted: Set<String>

    init(_ environment: [String: String]) {
      wanted = Set((environment["ORCH_CRASH_AT"] ?? "").split(separator: ";").map(String.init))
    }

    func reached(_ point: CrashPoint) { reached("act \(point.rawValue)") }

    /// Nil when there is nothing to look out for.
    var witness: TransitionWitness? {
      wanted.isEmpty
        ? nil
        : TransitionWitness { moment, transition in
          reached("\(moment.rawValue) \(transition)")
          reached("\(moment.rawValue) \(transition) \(transition.task)")
        }
    }

    private func reached(_ name: String) {
      guard wanted.contains(name) else { return }
      let line = Array("crash point: \(name)\n".utf8)
      _ = write(2, line, line.count)
      kill(getpid(), SIGKILL)
    }
  #else
    init(_: [String: String]) {}
    func reached(_: CrashPoint) {}
    var witness: TransitionWitness? { nil }
  #endif
}
