import OrchConfig
import OrchDomain
import OrchStore
import Testing

@testable import OrchEngine

@Suite("Syncing without the repository")
struct QuickSyncTests {
  private static let noon = Timestamp(milliseconds: 1_700_000_000_000)

  /// A checkout of which only the files exist that the decision is made by: git itself would not open it.
  private static func outcome(
    head: String = "ref: refs/heads/main\n", config: String = "[core]\n", remoteHead: String? = nil,
    plan: String = "---\nstatus: not_started\n---\n# One\n", readme: Bool = false, settings: String? = nil,
    access: Store.Access = .readWrite
  ) throws -> (outcome: QuickSync.Outcome, again: QuickSync.Outcome, tasks: Int) {
    let scratch = "/tmp/orch-quick-\(randomUUID())"
    let root = "\(scratch)/repo"
    defer { #expect(throws: Never.self) { try FileTree.removeIfPresent(scratch) } }
    try FileTree.makeDirectories("\(root)/.git/refs/remotes/origin")
    try FileTree.makeDirectories("\(root)/docs/plans/core")
    try FileTree.write("\(root)/.git/HEAD", Array(head.utf8))
    try FileTree.write("\(root)/.git/config", Array(config.utf8))
    if let remoteHead { try FileTree.write("\(root)/.git/refs/remotes/origin/HEAD", Array(remoteHead.utf8)) }
    try FileTree.write("\(root)/docs/plans/core/epic-01-one.md", Array(plan.utf8))
    if readme { try FileTree.write("\(root)/README.md", Array("# Read me\n".utf8)) }
    if let settings { try FileTree.write("\(root)/.claude-orchestrator.toml", Array(settings.utf8)) }
    let place = try ProjectPlace(
      LaunchContext(
        configFlag: nil, projectFlag: nil, environment: ["CLAUDE_ORCH_HOME": "\(scratch)/home"],
        currentDirectory: root, home: scratch))
    let (store, project) = try place.openStore(now: noon, access: access)
    let first = try QuickSync.run(place, store: store, row: project.id, at: noon)
    let second = try QuickSync.run(place, store: store, row: project.id, at: noon)
    return (first, second, try store.counts(project.id).total)
  }

  /// A checkout with two plans and, unless it is the first sync, the store of an older one.
  private static func first(_ isFirst: Bool, knowing plans: [String]) throws -> [String] {
    let scratch = "/tmp/orch-quick-\(randomUUID())"
    let root = "\(scratch)/repo"
    defer { #expect(throws: Never.self) { try FileTree.removeIfPresent(scratch) } }
    try FileTree.makeDirectories("\(root)/.git")
    try FileTree.makeDirectories("\(root)/docs/plans/core")
    try FileTree.write("\(root)/.git/HEAD", Array("ref: refs/heads/main\n".utf8))
    try FileTree.write("\(root)/.git/config", Array("[core]\n".utf8))
    let place = try ProjectPlace(
      LaunchContext(
        configFlag: nil, projectFlag: nil, environment: ["CLAUDE_ORCH_HOME": "\(scratch)/home"],
        currentDirectory: root, home: scratch))
    func write(_ plans: [String]) throws {
      for plan in plans {
        try FileTree.write("\(root)/docs/plans/core/\(plan).md", Array("---\nstatus: not_started\n---\n# One\n".utf8))
      }
    }
    if !plans.isEmpty {
      try write(plans)
      #expect(try isDone(QuickSync.run(place, at: noon)))
      for plan in plans { try FileTree.removeIfPresent("\(root)/docs/plans/core/\(plan).md") }
    }
    try write(["epic-01-one", "epic-02-two"])
    guard case .done(let report) = try QuickSync.run(place, isFirst: isFirst, at: noon) else { return ["repository"] }
    let (store, project) = try place.openStore(now: noon)
    #expect(try store.counts(project.id).total == report.tasks)
    #expect(try store.planFiles(project.id).map(\.path).count == 2)
    #expect(try isDone(QuickSync.run(place, at: noon)))
    return report.inserted.map(\.description) + report.removed.map { "-\($0)" }
  }

  @Test func makesTheStoreWhileThePlansAreReadAndLooksAgainWhenSomebodyElseWasFaster() throws {
    #expect(try Self.first(true, knowing: []) == ["core/E01", "core/E02"])
    for isFirst in [false, true] {
      #expect(try Self.first(isFirst, knowing: ["epic-01-one", "epic-07-old"]) == ["core/E02", "-core/E07"])
    }
  }

  private static func isDone(_ outcome: QuickSync.Outcome) -> Bool {
    if case .done = outcome { true } else { false }
  }

  @Test(arguments: [Store.Access.readWrite, .brief])
  func storesThePlansAndThenFindsNothingToDo(access: Store.Access) throws {
    let (first, second, tasks) = try Self.outcome(access: access)
    guard case .done(let report) = first, case .done(let again) = second else {
      Issue.record("the repository was asked for: \(first), \(second)")
      return
    }
    #expect(report.inserted.map(\.description) == ["core/E01"] && report.tasks == 1 && tasks == 1)
    #expect(again.inserted.isEmpty && again.updated.isEmpty && again.removed.isEmpty && again.tasks == 1)
  }

  @Test func takesTheBranchThatIsConfiguredOrThatTheRemoteNames() throws {
    let topic = "ref: refs/heads/topic\n"
    #expect(try Self.isDone(Self.outcome(head: topic, settings: "[general]\nbase_branch = \"topic\"\n").outcome))
    #expect(try Self.isDone(Self.outcome(head: topic, remoteHead: "ref: refs/remotes/origin/topic\n").outcome))
  }

  @Test func asksForTheRepositoryInEveryCaseOfDoubt() throws {
    let cases = [
      try Self.outcome(head: "ref: refs/heads/topic\n"), try Self.outcome(head: "ref: refs/heads/master\n"),
      try Self.outcome(head: String(repeating: "a", count: 40) + "\n"), try Self.outcome(head: ""),
      try Self.outcome(config: "[core]\n\tworkTree = /elsewhere\n"),
      try Self.outcome(remoteHead: "ref: refs/remotes/origin/topic\n"),
      try Self.outcome(settings: "[general]\nbase_branch = \"topic\"\n"),
      // Older projects may have the status in the table of a README.
      try Self.outcome(plan: "# One\n", readme: true),
    ]
    for (index, found) in cases.enumerated() {
      guard case .needsRepository(nil) = found.outcome else {
        Issue.record("case \(index) did without the repository: \(found.outcome)")
        continue
      }
      #expect(found.tasks == 0, "case \(index) stored something")
    }
  }

  @Test func tellsErrorsOfAFileAtEverySync() throws {
    let (first, second, _) = try Self.outcome(plan: "---\nstatus: [\n---\n# One\n")
    for outcome in [first, second] {
      guard case .done(let report) = outcome else {
        Issue.record("the repository was asked for")
        continue
      }
      #expect(report.hasErrors)
    }
  }
}
