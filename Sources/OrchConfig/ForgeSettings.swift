/// `[forge]`: where changes are kept.
package struct ForgeSettings: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case local, github
  }

  package var kind = Kind.local
  /// `OWNER/NAME`. Never taken from the repository's own configuration, which agents can write.
  package var repo: String?
  package var apiURL = "https://api.github.com"
  package var token: String?
  /// Of a GitHub App.
  package var appID: String?
  package var appKeyFile: String?
  package var appInstallation: Int?
  package var draft = false
  /// Under which our own proof is told on GitHub; nil says nothing.
  package var checkName: String? = "claude-orch"
  /// Whether the status commits of the base branch are pushed.
  package var pushStatuses = true
  package var deleteBranch = true
  /// Time between two looks at the open pull requests.
  package var pollInterval: Duration = .seconds(60)
  /// How long the first check of a new head may take to appear before it counts as having none.
  package var checksGrace: Duration = .seconds(30)
  /// How long a run stays for checks that are under way.
  package var checksTimeout: Duration = .seconds(3600)
  /// Turns of one attempt that follow from what the forge tells.
  package var maxTurns = 5
  /// Logins that are listened to besides those whom GitHub calls owner, member or collaborator.
  package var reviewers: [String] = []

  package init() {}
}
