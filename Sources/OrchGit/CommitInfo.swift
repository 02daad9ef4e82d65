package import OrchDomain

/// The name and address on a commit.
package struct GitIdentity: Hashable, Sendable {
  package var name: String
  package var email: String

  package init(name: String, email: String) {
    self.name = name
    self.email = email
  }

  /// Who commits when nobody else is meant.
  package static let orchestrator = GitIdentity(name: "claude-orch", email: "claude-orch@localhost")

  /// Without what would break the header of a commit; never empty.
  var cleaned: GitIdentity {
    GitIdentity(name: GitIdentity.clean(name, "unknown"), email: GitIdentity.clean(email, "unknown@localhost"))
  }

  private static func clean(_ text: String, _ fallback: String) -> String {
    let kept = text.unicodeScalars.filter { $0.value >= 0x20 && $0 != "<" && $0 != ">" && $0.value != 0x7F }
    // libgit2 and git trim the same characters at both ends, and then refuse an empty rest.
    let crud = { (c: Unicode.Scalar) in
      c == " " || c == "." || c == "," || c == ":" || c == ";" || c == "\"" || c == "\\" || c == "'"
    }
    let start = kept.firstIndex { !crud($0) }
    let end = kept.lastIndex { !crud($0) }
    guard let start, let end else { return fallback }
    return String(String.UnicodeScalarView(kept[start...end]))
  }
}

/// One commit without its files.
package struct CommitInfo: Hashable, Sendable {
  package var id: String
  /// The whole message.
  package var message: String
  package var author: GitIdentity
  /// When it was committed, in whole seconds.
  package var time: Timestamp
  package var parents: [String]

  package init(id: String, message: String, author: GitIdentity, time: Timestamp, parents: [String]) {
    self.id = id
    self.message = message
    self.author = author
    self.time = time
    self.parents = parents
  }

  /// The first line of the message.
  package var subject: String { message.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? "" }
}
