import OrchDomain

/// What a refused request means for the task. Source: the measured outcome table of Claude Code.
enum APIFailure {
  /// - Parameters:
  ///   - status: The HTTP status; nil when no answer came.
  ///   - names: The vendor's names for the error, best first; unknown ones are passed over.
  /// - Returns: nil when nothing here names a known trouble.
  static func classify(status: Int?, names: [String], text: String) -> FailureClass? {
    // Billing is told with status 400, so the name must win over the number.
    if names.contains("billing_error") || text.contains("Credit balance is too low") { return .billing }
    switch status {
    case 429: return .rateLimit
    case 529, 500, 502, 503, 504, 408: return .overloaded
    case 401, 403: return .auth
    case 402: return .billing
    // The model or the endpoint does not exist: the same start would end in the same way.
    case 404: return .environment
    case 413: return .implementation
    default: break
    }
    for name in names {
      switch name {
      case "rate_limit", "rate_limit_error": return .rateLimit
      case "overloaded", "overloaded_error", "server_error", "api_error", "timeout_error": return .overloaded
      case "authentication_failed", "authentication_error", "permission_error": return .auth
      case "max_output_tokens", "invalid_request", "invalid_request_error": return .implementation
      // The API could not be reached at all; a pause helps more than a new attempt.
      case "unknown" where status == nil: return .overloaded
      default: continue
      }
    }
    return nil
  }
}

/// What standard error says about a CLI that printed no result.
struct StderrClue: Hashable {
  let failure: FailureClass
  /// The line that told.
  let line: String
  /// The session does not exist or belongs to somebody else: start anew.
  let losesSession: Bool

  private static let clues: [(text: String, failure: FailureClass, losesSession: Bool)] = [
    ("is already in use", .crash, true), ("No conversation found", .crash, true),
    ("cannot be used with root", .environment, false), ("unknown option", .environment, false),
    ("Invalid session ID", .environment, true), ("requires --verbose", .environment, false),
    ("Input must be provided", .environment, false), ("Invalid API key", .auth, false),
    ("Please run /login", .auth, false), ("No space left on device", .environment, false),
    ("ENOSPC", .environment, false), ("command not found", .environment, false),
    ("Cannot find module", .environment, false), ("Invalid MCP configuration", .environment, false),
  ]

  static func find(in stderr: String) -> StderrClue? {
    for line in stderr.split(whereSeparator: \.isNewline) {
      for clue in clues where line.contains(clue.text) {
        return StderrClue(failure: clue.failure, line: String(line), losesSession: clue.losesSession)
      }
    }
    return nil
  }
}
