import OrchDomain
import OrchStore

extension StoredNotice {
  /// `sent`, or why not.
  var state: String {
    if sentAt != nil { return "sent" }
    if givenUpAt != nil { return "given up: \(problem ?? "")" }
    return problem.map { "tried \(tries) times, again after \(notBefore.rfc3339): \($0)" } ?? "waits"
  }

  var json: JSONValue {
    .object([
      .init("id", .int(id)), .init("channel", .string(channel)), .init("kind", .string(kind)),
      .init("title", .string(title)), .init("body", .string(body)), .init("created_at", .string(createdAt.rfc3339)),
      .init("sent_at", JSONValue(sentAt?.rfc3339)), .init("given_up_at", JSONValue(givenUpAt?.rfc3339)),
      .init("tries", JSONValue(tries)), .init("problem", JSONValue(problem)),
    ])
  }
}
