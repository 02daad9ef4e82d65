/// What came of a request, in the form in which the mailbox keeps it.
package enum RequestOutcome: Hashable, Sendable {
  case done
  /// - Parameter reason: For people: what is in the way and what to do.
  case refused(String)

  private static let refusal = "refused: "

  /// Anything that is not a refusal counts as done, so that older records stay readable.
  package init(text: String?) {
    if let text, text.hasPrefix(Self.refusal) {
      self = .refused(String(text.dropFirst(Self.refusal.count)))
    } else {
      self = .done
    }
  }

  package var text: String {
    switch self {
    case .done: "done"
    case .refused(let reason): Self.refusal + reason
    }
  }
}
