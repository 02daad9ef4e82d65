package import OrchDomain
import OrchWeb

/// Why GitHub did not do what it was asked. No case holds a token, and texts of the server are made fit for a line.
package enum GitHubError: Error, Hashable, Sendable {
  /// No login was found.
  case noToken(looked: [String])
  /// The token is not valid, or not any more.
  case unauthorized(String)
  /// The token is not allowed to do this.
  case forbidden(String)
  case notFound(String)
  /// A limit of GitHub's, or our own reserve, is in the way until then. Nothing was done.
  case limited(until: Timestamp, String)
  /// No answer came; for a change it is unknown whether it was made.
  case unreachable(String)
  /// GitHub's own trouble (500 and up); for a change it is unknown whether it was made.
  case server(status: Int, String)
  /// GitHub understood and refused: 405, 409, 422 and the like.
  case refused(status: Int, String)
  /// The answer is not what the description of the API says.
  case unreadable(String)
  /// The configuration cannot be used, such as an address that would send the token in the clear.
  case unusable(String)

  /// Whether the same request may well work a little later.
  package var isTransient: Bool {
    switch self {
    case .limited, .unreachable, .server: true
    case .noToken, .unauthorized, .forbidden, .notFound, .refused, .unreadable, .unusable: false
    }
  }

  /// Whether it says something about what was asked for, and nothing about who asks or about GitHub as a whole.
  var concernsOne: Bool {
    switch self {
    case .notFound, .refused, .unreadable: true
    case .noToken, .unauthorized, .forbidden, .limited, .unreachable, .server, .unusable: false
    }
  }
}

extension GitHubError {
  init(_ failure: HTTPFailure) {
    switch failure {
    case .unreachable(let text): self = .unreachable(text)
    case .tooLong: self = .unreadable(failure.description)
    }
  }
}

extension GitHubError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noToken(let looked):
      "no login for GitHub was found in \(looked.joined(separator: ", ")); "
        + "set one of these variables, or run `gh auth login`"
    case .unauthorized(let text): "GitHub does not accept the token: \(text)"
    case .forbidden(let text): "GitHub does not allow this with the token: \(text)"
    case .notFound(let text): "GitHub does not know \(text), or the token may not see it"
    case .limited(let until, let text): "GitHub is not asked until \(until.rfc3339): \(text)"
    case .unreachable(let text): "GitHub did not answer: \(text)"
    case .server(let status, let text): "GitHub has trouble of its own (\(status)): \(text)"
    case .refused(let status, let text): "GitHub refused (\(status)): \(text)"
    case .unreadable(let text): "an answer of GitHub cannot be read: \(text)"
    case .unusable(let text): text
    }
  }
}
