package import OrchDomain

/// A run that somebody started, found again by its record: it may be running, and whoever holds this may wait for it.
package struct SupervisedRun: Hashable, Sendable {
  package let runDirectory: String
  package let runID: String
  package let shim: ProcessIdentity
  package let child: ProcessIdentity
  /// The boot of the machine that the identities belong to.
  package let bootID: String
  package let startedAt: Timestamp
}

/// How a run ended, as its supervisor wrote it down.
package struct ExitRecord: Hashable, Sendable {
  package enum Outcome: Hashable, Sendable {
    case exited(Int32)
    case signalled(Int32)
    /// Ended because its time was over.
    case deadline
    /// Ended on request, or because the starter died and the run was to die with it.
    case stopped
    case outputLimit
    case spawnFailed(errno: Int32)
  }

  package let runID: String
  package let outcome: Outcome
  /// How the child itself ended, whatever the reason was; nil when it never ran or could not be killed.
  package let exit: ProcessExit?
  /// What could not be done when the outcome is `spawnFailed`: `exec`, `chdir`, `fork`, ...
  package let failedStep: String?
  /// Whether it was stopped because its starter died.
  package let starterDied: Bool
  package let startedAt: Timestamp
  package let endedAt: Timestamp
  /// From a clock that does not jump, unlike the difference of the two times.
  package let elapsed: Duration
  /// Of all processes of the tree together.
  package let userTime: Duration
  package let systemTime: Duration
  /// Of the largest process of the tree.
  package let maxResidentBytes: Int64
  /// Processes that could not be killed. Normally none.
  package let survivors: Int
}

/// The state of the run in a run directory.
package enum RunState: Hashable, Sendable {
  case notStarted
  case running(SupervisedRun)
  case ended(ExitRecord)
  /// It ran, and nobody will ever know how it ended.
  case lost(LostReason)
}

/// Why nothing is known about the end of a run.
package enum LostReason: Hashable, Sendable, CustomStringConvertible {
  case rebooted
  case supervisorDied
  /// `record` is a file name in the run directory.
  case unreadable(record: String, detail: String)

  package var description: String {
    switch self {
    case .rebooted: "the machine was restarted while it ran"
    case .supervisorDied: "its supervisor was killed"
    case .unreadable(let record, let detail): "its '\(record)' record cannot be read: \(detail)"
    }
  }
}
