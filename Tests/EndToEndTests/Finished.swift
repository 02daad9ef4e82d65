import Foundation
import OrchDomain
import OrchStore
import Testing

extension Workshop {
  /// Everything that must be so once every task has landed, however often the work was killed in between.
  func expectFinished(
    _ ids: [String], oneAttemptEach: Bool = true, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let status = try await expect(0, "status", sourceLocation: sourceLocation)
    let count = ids.count
    #expect(
      status.lines == ["Tasks: \(count) total | 0 not started | 0 in progress | \(count) complete"],
      sourceLocation: sourceLocation)
    try expectProvenChanges(ids, sourceLocation)
    try expectNothingLeftOver(ids, oneAttemptEach, sourceLocation)
    let chain = try inStore { store, project in try store.verifyChain(project) }
    guard case .intact(let events, _) = chain, events > ids.count else {
      Issue.record("the log was changed: \(chain)", sourceLocation: sourceLocation)
      return
    }
    let strays = try await strays()
    #expect(strays.isEmpty, sourceLocation: sourceLocation)
  }

  /// One merged change for each task; what landed is what was tested; every head is on the base branch.
  private func expectProvenChanges(_ ids: [String], _ sourceLocation: SourceLocation) throws {
    let changes = try changes()
    let merged = changes.filter { $0.state == .merged }
    #expect(merged.map(\.task.description).sorted() == ids.sorted(), sourceLocation: sourceLocation)
    #expect(
      Set(changes.map(\.headCommit)).count == changes.count, "two changes for one head", sourceLocation: sourceLocation)
    for change in merged {
      let commit = try #require(change.landingCommit, sourceLocation: sourceLocation)
      let tested = try #require(change.testedTree, sourceLocation: sourceLocation)
      #expect(
        try tree(change.landingTip ?? commit) == tested, "\(change.task) landed untested",
        sourceLocation: sourceLocation)
      #expect(change.landedTree == tested, sourceLocation: sourceLocation)
      for point in [commit, change.headCommit] {
        #expect(try git("merge-base", point, "main") == point, "\(point) is lost", sourceLocation: sourceLocation)
      }
      let gates = try inStore { store, project in
        try store.events(project, after: 0, limit: 100_000).filter { $0.type == .gateRan }.map(\.data)
      }
      #expect(
        gates.contains { $0.contains(tested) && $0.contains("\"passed\":true") }, "no green gate for \(change.task)",
        sourceLocation: sourceLocation)
    }
    let landings = try git("log", "--first-parent", "--format=%s", "main").split(separator: "\n")
      .filter { $0.hasPrefix("feat(") }
    #expect(landings.count == ids.count, "\(landings)", sourceLocation: sourceLocation)
  }

  private func expectNothingLeftOver(
    _ ids: [String], _ oneAttemptEach: Bool, _ sourceLocation: SourceLocation
  ) throws {
    let bare = try git("rev-parse", "--is-bare-repository") == "true"
    if !bare { #expect(try uncommitted() == [], sourceLocation: sourceLocation) }
    let readme = try git("show", "main:README.md")
    #expect(readme.count { $0 == "🟢" } == ids.count, "\(readme)", sourceLocation: sourceLocation)
    #expect(!readme.contains("🔴") && !readme.contains("🟡"), "\(readme)", sourceLocation: sourceLocation)
    for id in ids {
      let plan = try git("show", "main:\(Plan(id).path)")
      #expect(plan.contains("status: complete\n"), "\(id)", sourceLocation: sourceLocation)
    }
    let kept = try git("for-each-ref", "--format=%(refname)", "refs/orch/attempts").split(separator: "\n")
    if oneAttemptEach {
      #expect(
        kept.sorted() == ids.map { "refs/orch/attempts/\($0)/1" }.sorted().map { $0[...] },
        sourceLocation: sourceLocation)
    }
    for id in ids {
      #expect(kept.contains { $0.hasPrefix("refs/orch/attempts/\(id)/") }, "\(id)", sourceLocation: sourceLocation)
    }
    #expect(
      try git("for-each-ref", "--format=%(refname)", "refs/heads") == "refs/heads/main", sourceLocation: sourceLocation)
    let worktrees = try git("worktree", "list", "--porcelain").split(separator: "\n")
      .filter { $0.hasPrefix("worktree ") && !$0.contains("/_gate") }
    #expect(worktrees.count == 1, "\(worktrees)", sourceLocation: sourceLocation)
    #expect(
      try git("stash", "list", in: bare ? nil : root).isEmpty, "something was stashed", sourceLocation: sourceLocation)
  }
}

/// The plans of the main job: a chain over modules, one that is red at first, two that conflict, one for a human.
enum MainJob {
  static let plans: [Plan] = [
    Plan("core/E01", front: "priority: high"),
    .fixing("core/E02"),
    Plan("core/E03", front: "depends_on: [storage/E01]"),
    .word("core/REG01", "transfer", meeting: "report/REG01", front: "depends_on: [core/E01]"),
    Plan("storage/E01", front: "priority: high"),
    Plan(
      "storage/E02", front: "touches: [migrations/**]",
      script: """
        mkdir -p migrations
        echo "CREATE TABLE accounts (name TEXT PRIMARY KEY);" > migrations/001_accounts.sql
        git add migrations
        git commit --quiet -m "Create the table of accounts"
        """),
    Plan("storage/E03"),
    Plan("report/E01", front: "depends_on: core/E02"),
    .word("report/REG01", "summary", meeting: "core/REG01", front: "depends_on: [core/E01]"),
  ]
  /// Without the one that waits for a human.
  static let automatic = plans.filter { !$0.id.hasPrefix("storage/E02") && !$0.id.hasPrefix("storage/E03") }
}
