import OrchAgents
import OrchConfig
import OrchDomain
import OrchEngine
import OrchFiles
import OrchGit
import OrchGitHub
import OrchProcess
import OrchStore

/// What a person is told about an error, and the exit status that goes with it.
enum UserFacing {
  static func describe(_ error: any Error) -> (text: String, status: ExitStatus)? {
    switch error {
    case let error as EngineError: (error.description, ExitStatus(rawValue: error.exitStatus) ?? .failed)
    case let error as GitError: (error.description, .unavailable)
    case let error as GitHubError:
      (error.description, error.isTransient ? .parked : .unavailable)
    case ForgeTrouble.later(let text, _): (text, .parked)
    case let error as ForgeTrouble: (error.description, .unavailable)
    case let error as StoreError: (error.description, .unavailable)
    case let error as ProcessError: (error.description, .unavailable)
    case let error as ConfigError: (error.description, .failed)
    case let error as FileError: (error.description, .failed)
    case let error as AgentError: (error.description, .failed)
    default: nil
    }
  }
}

extension Verdict {
  /// `security`, `needs a human`.
  var summary: String { needsHuman ? "\(category.rawValue), needs a human" : category.rawValue }
}
