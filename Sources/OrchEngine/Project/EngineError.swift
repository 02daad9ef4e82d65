package import OrchDomain

/// Why the engine could not do what it was asked. The text says what happened and what to do.
package enum EngineError: Error, Hashable, CustomStringConvertible {
  /// Another process works on this project.
  case locked(holder: String)
  /// Something that the command needs is missing or broken: git, the shim, the repository.
  case unavailable(String)
  /// No git repository is around this directory.
  case outsideRepository(String)
  case unknownTask(TaskID, nearest: TaskID?)
  /// The task is not in a state in which the command makes sense.
  case wrongState(TaskID, state: TaskState, wanted: String)
  /// A task without a change, or whose change is closed.
  case noChange(TaskID)
  /// It is too late to send it back.
  case landed(TaskID)
  case invalid(String)

  package var description: String {
    switch self {
    case .locked(let holder):
      "this project is being worked on: \(holder). Wait for it, or stop it with `claude-orch stop`"
    case .unavailable(let text): text
    case .outsideRepository(let directory):
      "\(directory) is not inside a git repository; run `git init` there, or name another directory with --project"
    case .unknownTask(let id, let nearest):
      "there is no task '\(id)'" + (nearest.map { "; did you mean '\($0)'?" } ?? "; `claude-orch list` shows them all")
    case .wrongState(let id, let state, let wanted): "\(id) is \(state.rawValue); \(wanted)"
    case .noChange(let id): "\(id) has no open change; `claude-orch show \(id)` tells where it is"
    case .landed(let id):
      "\(id) has landed already, so nothing is left to reject; what should be different is another task"
    case .invalid(let text): text
    }
  }

  /// The exit status that product.md, section 5, gives this kind of trouble.
  package var exitStatus: Int32 {
    switch self {
    case .locked: 75
    case .unavailable, .outsideRepository: 69
    case .unknownTask, .wrongState, .noChange, .landed, .invalid: 1
    }
  }
}
