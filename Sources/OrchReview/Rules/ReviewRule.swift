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

  static let password = ReviewRule(
    "security.password", .security, "what handles passwords, credentials and their hashes")
  static let auth = ReviewRule("security.auth", .security, "who somebody is, and sessions")
  static let token = ReviewRule("security.token", .security, "tokens, keys and secrets")
  static let permissions = ReviewRule("security.permissions", .security, "who may do what")
  static let crypto = ReviewRule("security.crypto", .security, "encryption, signatures and certificates")
  static let transport = ReviewRule("security.transport", .security, "switched-off checks of a connection")
  static let exec = ReviewRule("security.exec", .security, "running text as code, and starting programs")
  static let network = ReviewRule("security.network", .security, "talking to other machines")
  static let deserialisation = ReviewRule("security.deserialisation", .security, "making objects out of foreign bytes")
  static let injection = ReviewRule(
    "security.injection", .security, "text put into a query, a command or a page without escaping")
  static let unsafe = ReviewRule(
    "security.unsafe", .security, "memory and private members beyond what the language protects")
  static let surroundings = ReviewRule(
    "security.surroundings", .security, "code beside or within what checks who may do what")
  static let loosened = ReviewRule("security.loosened", .security, "a protection that is weaker than before")
  static let ownership = ReviewRule("security.ownership", .security, "a query that no longer asks whose data it is")
  static let guardRemoved = ReviewRule("security.guard-removed", .security, "a check of who may do what that is gone")
  static let secretLiteral = ReviewRule("security.secret-literal", .security, "a secret in the code")
  static let hiddenText = ReviewRule("security.hidden-text", .security, "characters that deceive a reader")
  static let ci = ReviewRule("security.ci", .security, "what runs in CI and on developers' machines")
  static let infrastructure = ReviewRule(
    "security.infrastructure", .security, "what containers, clusters, proxies and hosts are told to do")
  static let agentInstructions = ReviewRule(
    "security.agent-instructions", .security, "what coding agents are told to do")
  static let reviewMachinery = ReviewRule(
    "security.review-machinery", .security, "what decides how a change is judged, and by whom")
  static let securityPath = ReviewRule("security.path", .security, "a file whose name says that it guards something")
  static let pattern = ReviewRule("security.pattern", .security, "which texts a regular expression lets through")
  static let securityTold = ReviewRule(
    "security.told", .security, "a change that its author calls one of security, in a commit message or plan")
  static let architectureTold = ReviewRule(
    "architecture.told", .architecture, "a change that its author calls breaking or a deprecation")
  static let symlink = ReviewRule("security.symlink", .security, "a symbolic link")
  static let executableBit = ReviewRule("security.executable-bit", .security, "a file that can now be executed")
  static let migrationPath = ReviewRule("migrations.path", .migrations, "a migration or a schema")
  static let migrationSQL = ReviewRule("migrations.sql", .migrations, "a statement that changes a schema")
  static let migrationModel = ReviewRule("migrations.model", .migrations, "a schema that is changed in code")
  static let dependencies = ReviewRule(
    "architecture.dependencies", .architecture, "a setting of a package manager, or a manifest that is not understood")
  static let dependencyNew = ReviewRule("architecture.dependency-new", .architecture, "code of somebody new")
  static let dependencyRemoved = ReviewRule(
    "architecture.dependency-removed", .architecture, "a dependency that is gone")
  static let dependencyMajor = ReviewRule(
    "architecture.dependency-major", .architecture, "a version that may break what was promised, or an older one")
  static let dependencySource = ReviewRule(
    "architecture.dependency-source", .architecture, "a dependency from another place than before")
  static let lockOnly = ReviewRule(
    "architecture.lock-only", .architecture, "a lock file that changed without its manifest in more than versions")
  static let build = ReviewRule("architecture.build", .architecture, "how the project is built and checked")
  static let publicAPI = ReviewRule("architecture.public-api", .architecture, "an interface that others use")
  static let refuses = ReviewRule(
    "architecture.refuses", .architecture, "an error that a published package raises where it raised none before")
  static let testsRemoved = ReviewRule("architecture.tests-removed", .architecture, "fewer tests than before")
  static let testsSkipped = ReviewRule("architecture.tests-skipped", .architecture, "a test that no longer runs")
  static let checksRemoved = ReviewRule(
    "architecture.checks-removed", .architecture, "a check of the code that is off or gone")
  static let submodule = ReviewRule("architecture.submodule", .architecture, "another repository")
  static let binary = ReviewRule("architecture.binary", .architecture, "content that cannot be read")
  static let size = ReviewRule("architecture.size", .architecture, "more than a reviewer takes in")
  static let protectedPath = ReviewRule("policy.protected-path", .routine, "a file that only people change")
  static let codeOwner = ReviewRule("policy.code-owner", .routine, "a file that CODEOWNERS gives to somebody")
  static let code = ReviewRule("policy.code", .routine, "code that runs, where code_needs_review asks for a human")
  static let outsideTouches = ReviewRule("policy.outside-touches", .routine, "a file that the plan does not name")
  static let planStatus = ReviewRule("policy.plan-status", .routine, "a status, criterion or limit of a plan")
  static let secretInProse = ReviewRule("policy.secret-in-prose", .routine, "a secret in a text")
  static let needsReview = ReviewRule("policy.needs-review", .routine, "the plan asks for a human")
  static let unknownKind = ReviewRule("policy.unknown-kind", .routine, "a kind of file that no rule knows")
  static let unreadable = ReviewRule("policy.unreadable", .routine, "a change that could not be read whole")
  static let opinion = ReviewRule("policy.agent-opinion", .routine, "the agent itself asks for a human")
  static let secondLook = ReviewRule(
    "policy.second-look", .routine, "a reviewing agent has found what no rule sees, or was required and has not looked")
  static let lostLines = ReviewRule(
    "policy.lost-lines", .routine, "lines that another task landed a few days ago are gone")
  static let droppedLines = ReviewRule(
    "policy.dropped-lines", .routine, "a repaired conflict has lost what one of the sides had added")

  /// Every built-in rule, in the order of its name.
  package static let all: [ReviewRule] = [
    password, auth, token, permissions, crypto, transport, exec, network, deserialisation, injection, unsafe,
    surroundings, loosened,
    ownership, guardRemoved, secretLiteral, hiddenText, ci, infrastructure, agentInstructions, reviewMachinery,
    securityPath, pattern, securityTold, architectureTold, symlink, executableBit, migrationPath, migrationSQL,
    migrationModel,
    dependencies, dependencyNew,
    dependencyRemoved, dependencyMajor, dependencySource, lockOnly, build, publicAPI, refuses, testsRemoved,
    testsSkipped,
    checksRemoved, submodule, binary, size, protectedPath, codeOwner, code, outsideTouches, planStatus, secretInProse,
    needsReview, unknownKind, unreadable, opinion, secondLook, lostLines, droppedLines,
  ].sorted { $0.name < $1.name }
}
