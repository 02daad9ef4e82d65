package import OrchDomain

/// A built-in rule: its stable name, and what its evidence says about a change.
package struct ReviewRule: Hashable, Sendable {
  package let name: String
  /// `routine` for the rules of policy: they ask for a human without saying what the change is about.
  package let category: Verdict.Category
  /// What it looks for, for people.
  package let summary: String

  private init(_ name: String, _ category: Verdict.Category, _ summary: String) {
    self.name = name
    self.category = category
    self.summary = summary
  }

  static let password = ReviewRule("security.password", .security, "passwords, credentials and their hashes")
  static let auth = ReviewRule("security.auth", .security, "who somebody is, and sessions")
  static let token = ReviewRule("security.token", .security, "tokens, keys and secrets")
  static let permissions = ReviewRule("security.permissions", .security, "who may do what")
  static let crypto = ReviewRule("security.crypto", .security, "encryption, signatures and certificates")
  static let transport = ReviewRule("security.transport", .security, "switched-off checks of a connection")
  static let exec = ReviewRule("security.exec", .security, "running text as code, and starting programs")
  static let secretLiteral = ReviewRule("security.secret-literal", .security, "a secret in the code")
  static let hiddenText = ReviewRule("security.hidden-text", .security, "characters that deceive a reader")
  static let ci = ReviewRule("security.ci", .security, "what runs in CI and on developers' machines")
  static let securityPath = ReviewRule("security.path", .security, "a file whose name says that it guards something")
  static let migrationPath = ReviewRule("migrations.path", .migrations, "a migration or a schema")
  static let migrationSQL = ReviewRule("migrations.sql", .migrations, "a statement that changes a schema")
  static let dependencies = ReviewRule("architecture.dependencies", .architecture, "what the project depends on")
  static let build = ReviewRule("architecture.build", .architecture, "how the project is built and checked")
  static let publicAPI = ReviewRule("architecture.public-api", .architecture, "an interface that others use")
  static let protectedPath = ReviewRule("policy.protected-path", .routine, "a file that only people change")
  static let symlink = ReviewRule("policy.symlink", .routine, "a symbolic link")
  static let submodule = ReviewRule("policy.submodule", .routine, "another repository")
  static let executableBit = ReviewRule("policy.executable-bit", .routine, "a file that can now be executed")
  static let binary = ReviewRule("policy.binary", .routine, "content that cannot be read")
  static let size = ReviewRule("policy.size", .routine, "more than a reviewer takes in")
  static let outsideTouches = ReviewRule("policy.outside-touches", .routine, "a file that the plan does not name")
  static let planStatus = ReviewRule("policy.plan-status", .routine, "a status, criterion or limit of a plan")
  static let secretInProse = ReviewRule("policy.secret-in-prose", .routine, "a secret in a text")
  static let needsReview = ReviewRule("policy.needs-review", .routine, "the plan asks for a human")
  static let unreadable = ReviewRule("policy.unreadable", .routine, "a change that could not be read whole")

  /// Every built-in rule, in the order of its name.
  package static let all: [ReviewRule] = [
    password, auth, token, permissions, crypto, transport, exec, secretLiteral, hiddenText, ci, securityPath,
    migrationPath, migrationSQL, dependencies, build, publicAPI, protectedPath, symlink, submodule, executableBit,
    binary, size, outsideTouches, planStatus, secretInProse, needsReview, unreadable,
  ].sorted { $0.name < $1.name }
}
