import Foundation
import OrchConfig
import OrchDomain
import OrchStore
import Testing

@testable import OrchEngine

/// Two processes that settle the statuses of one project at the same time.
@Suite("Syncs beside each other", .timeLimit(.minutes(15))) struct SyncBesideTests {
  private let scratch =
    FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path + "/orch-beside-\(randomUUID())"
  private var root: String { "\(scratch)/ledger" }
  private var environment: [String: String] {
    [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": scratch,
      "CLAUDE_ORCH_HOME": "\(scratch)/state", "GIT_CONFIG_NOSYSTEM": "1",
    ]
  }

  private func plan(_ number: Int, _ status: String) throws {
    let path = "\(root)/docs/plans/core/epic-0\(number)-x.md"
    try FileTree.removeIfPresent(path)
    try FileTree.write(path, Array("---\nstatus: \(status)\n---\n# Title\n\nText.\n".utf8))
  }

  private func git(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["git"] + arguments
    process.currentDirectoryURL = URL(filePath: root)
    process.environment = environment
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "git \(arguments)")
  }

  private func open(_ clock: EngineClock = .system) async throws -> OpenProject {
    let place = try ProjectPlace(
      LaunchContext(
        configFlag: nil, projectFlag: nil, environment: environment, currentDirectory: root, home: scratch))
    return try await place.open(clock: clock)
  }

  private func start(_ status: String, _ more: String...) throws {
    try FileTree.makeDirectories("\(root)/docs/plans/core")
    try FileTree.write("\(scratch)/.gitconfig", Array("[user]\n\tname = T\n\temail = t@example.invalid\n".utf8))
    try FileTree.write("\(root)/.claude-orchestrator.toml", Array("[general]\nbase_branch = \"main\"\n".utf8))
    for number in 1...3 { try plan(number, status) }
    try git(["init", "--quiet", "--initial-branch=main"] + more)
    try git(["add", "--all"])
    try git(["commit", "--quiet", "-m", "Start"])
  }

  @Test("An edit that another sync carries out at the same moment is neither an error nor carried out twice")
  func sameEdit() async throws {
    defer { #expect(throws: Never.self) { try FileTree.removeIfPresent(scratch) } }
    try start("complete")
    let beside = try await open()
    _ = try await PlanSync(project: beside).run()
    for number in 1...3 { try plan(number, "not_started") }

    // A reset asks for the time just before it is recorded.
    let first = try #require(TaskID("core/E01"))
    let clock = EngineClock(
      now: {
        let now = EngineClock.system.now()
        guard let task = try? beside.task(first), task.plan.status == .notStarted, task.state == .complete else {
          return now
        }
        #expect(throws: Never.self) {
          try beside.write { tx throws(StoreError) in
            try tx.transition(first, from: [.complete], to: .ready, data: ["by": "reset"], at: now)
            try tx.setWrittenStatus(first, .notStarted, seen: .notStarted, at: now)
          }
        }
        return now
      }, sleep: EngineClock.system.sleep)
    let project = try await open(clock)
    let report = try await PlanSync(project: project).run()
    #expect(report.accepted.map(\.0.description) == ["core/E02", "core/E03"] && report.conflicts.isEmpty)
    #expect(try project.store.tasks(project.row).map(\.state) == [.ready, .blocked, .blocked])
    #expect(try project.statusDrift().allSatisfy { $0.markdown == $0.actual })
    let resets = try project.store.read(project.row) { tx throws(StoreError) in
      try tx.latestEvents(limit: 1000).filter { $0.type == .taskState && JSONFields($0.data).string("by") == "reset" }
    }
    #expect(resets.count == 3)
  }

  @Test("Plans wait for a process that moves their checkout, wherever the git directory is", arguments: [false, true])
  func movingCheckout(isSeparate: Bool) async throws {
    defer { #expect(throws: Never.self) { try FileTree.removeIfPresent(scratch) } }
    if isSeparate { try start("not_started", "--separate-git-dir", "\(scratch)/git") } else { try start("not_started") }
    let project = try await open()
    let lock = "\(isSeparate ? "\(scratch)/git" : "\(root)/.git")/orch-advance.lock"
    try FileTree.write(lock, [])
    let holder = try #require(FileHandle(forReadingAtPath: lock))
    #expect(flock(holder.fileDescriptor, LOCK_EX | LOCK_NB) == 0)
    // A reader's patience with a holder that never ends.
    let began = ContinuousClock.now
    _ = try await PlanSync(project: project).read()
    #expect(ContinuousClock.now - began >= .seconds(2))
    try holder.close()
  }
}
