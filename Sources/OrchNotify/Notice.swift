package import OrchDomain

/// What somebody is told. Both texts are hostile: they come from plans, agents and issues.
package struct Notice: Hashable, Sendable {
  /// What notices are about; a route names the channels for each.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// A change waits for a review, a task is stuck, or an agent asks something.
    case needsYou = "needs_you"
    case failed
    case landed
    /// Most or all of a limit is used.
    case limit
    /// An agent gets no work, because its login or account was refused.
    case agent
    /// A batch has ended.
    case batch
    /// A due time got no run, or nobody was there.
    case missed
  }

  /// One for each thing that is told, the same whenever it is told again.
  package var ids: [String]
  package var kind: Kind
  package var project: String
  /// One line.
  package var title: String
  /// May have many lines.
  package var body: String
  package var at: Timestamp
  /// A secret: whoever opens it can decide what the notice is about.
  package var link: String?

  /// Of the whole message.
  package var id: String { ids.count > 1 ? "\(ids[0])-\(ids.count)" : ids.first ?? "" }

  package init(
    ids: [String], kind: Kind, project: String, title: String, body: String, at: Timestamp, link: String? = nil
  ) {
    self.ids = ids
    self.kind = kind
    self.project = project
    self.title = SafeText.line(title, limit: 200)
    self.body = SafeText.visible(body, keepingNewlines: true)
    self.at = at
    self.link = link
  }

  /// The body cut to a number of characters, with the link, which is never cut, as its last line.
  func text(_ limit: Int) -> String {
    guard let link else { return Channel.cut(body, limit) }
    return Channel.cut(body, max(0, limit - link.count - 12)) + (body.isEmpty ? "" : "\n\n") + "Decide: \(link)"
  }
}

/// Why a notice did not arrive. No case holds an address, a token or a header.
package struct NoticeFailure: Error, Hashable, Sendable, CustomStringConvertible {
  package var description: String
  /// How long the receiver wants to be left alone.
  package var retryAfter: Duration?

  package init(_ description: String, retryAfter: Duration? = nil) {
    self.description = description
    self.retryAfter = retryAfter
  }

  /// The same without what the receiver said.
  package var withoutAnswer: NoticeFailure {
    NoticeFailure(String(description.prefix { $0 != ":" }), retryAfter: retryAfter)
  }
}
