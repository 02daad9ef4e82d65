import Foundation
import OrchConfig
import OrchDomain
import OrchFiles
import OrchRandom
import OrchStore
import Testing

@testable import OrchEngine

@Suite("Syncing single edits")
struct EditedPlansTests {
  private static let noon = Timestamp(milliseconds: 1_700_000_000_000)
  private let scratch = "/tmp/orch-edits-\(randomUUID())"
  private var root: String { "\(scratch)/repo" }

  private func start() throws {
    try FileTree.makeDirectories("\(root)/.git")
    try FileTree.makeDirectories("\(root)/docs/plans/core")
    try FileTree.write("\(root)/.git/HEAD", Array("ref: refs/heads/main\n".utf8))
    try FileTree.write("\(root)/.git/config", Array("[core]\n".utf8))
  }

  private func write(_ number: Int, _ text: String) throws {
    // A new file each time, so that its stamp differs however quick the test is.
    let path = "\(root)/docs/plans/core/epic-0\(number)-x.md"
    try FileTree.removeIfPresent(path)
    try FileTree.write(path, Array(text.utf8))
    // Until then it is read at every sync.
    let stamp = try FileStamp(of: path, in: "")
    while !stamp.isSettled(at: FileStamp.moment()) {}
  }

  private func open(_ home: String) throws -> (place: ProjectPlace, store: Store, row: ProjectID) {
    let place = try ProjectPlace(
      LaunchContext(
        configFlag: nil, projectFlag: nil, environment: ["CLAUDE_ORCH_HOME": "\(scratch)/\(home)"],
        currentDirectory: root, home: scratch))
    let (store, project) = try place.openStore(now: Self.noon)
    return (place, store, project.id)
  }

  private func sync(_ at: (place: ProjectPlace, store: Store, row: ProjectID)) throws -> PlanSync.Report {
    switch try QuickSync.run(at.place, store: at.store, row: at.row, at: Self.noon) {
    case .done(let report): report
    case .needsRepository(let report): report ?? PlanSync.Report()
    }
  }

  private static func plan(_ number: Int, _ random: inout some RandomNumberGenerator) -> String {
    var head = ["status: not_started"]
    if Bool.random(using: &random) { head.append("depends_on: [\(Int.random(in: 1...number, using: &random))]") }
    if Int.random(in: 0..<4, using: &random) == 0 {
      head.append("touches: [src/\(Int.random(in: 0..<3, using: &random))]")
    }
    if Int.random(in: 0..<3, using: &random) == 0 { head.append("priority: high") }
    if Int.random(in: 0..<8, using: &random) == 0 { head.append("colour: blue") }
    if Int.random(in: 0..<12, using: &random) == 0 { head.append("timeout: never") }
    return "---\n\(head.joined(separator: "\n"))\n---\n# Title\n\nText \(Int.random(in: 0..<9, using: &random)).\n"
  }

  @Test("After any row of edits the store is as after one sync of everything", arguments: UInt64(0)..<8)
  func sameAsWhole(seed: UInt64) throws {
    defer { #expect(throws: Never.self) { try FileTree.removeIfPresent(scratch) } }
    var random = SplitMix64(seed: seed)
    try start()
    for number in 1...6 { try write(number, "---\nstatus: not_started\n---\n# Title\n\nText.\n") }
    let kept = try open("home")
    _ = try sync(kept)
    for step in 0..<25 {
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        let number = Int.random(in: 1...6, using: &random)
        try write(number, Self.plan(number, &random))
      }
      let report = try sync(kept)
      let fresh = try open("home-\(step)")
      let whole = try sync(fresh)
      #expect(report.tasks == whole.tasks && report.diagnostics == whole.diagnostics)
      let (found, expected) = (try kept.store.tasks(kept.row), try fresh.store.tasks(fresh.row))
      #expect(found.map(\.plan) == expected.map(\.plan))
      #expect(found.map(\.isSound) == expected.map(\.isSound))
      #expect(found.map(\.state) == expected.map(\.state))
      #expect(try kept.store.planFiles(kept.row) == fresh.store.planFiles(fresh.row))
    }
  }

  @Test("An edit of the text alone touches the rows of its own plan")
  func alone() throws {
    defer { #expect(throws: Never.self) { try FileTree.removeIfPresent(scratch) } }
    try start()
    for number in 1...6 { try write(number, "---\nstatus: not_started\n---\n# Title\n\nText.\n") }
    let kept = try open("home")
    _ = try sync(kept)
    let before = kept.store.changedRows
    try write(3, "---\nstatus: not_started\n---\n# Another title\n\nText.\n")
    #expect(try sync(kept).updated.map(\.description) == ["core/E03"])
    // The task, its file, the event, and the end of the chain of events.
    #expect(kept.store.changedRows - before == 4)
    let reading = try PlanReading(
      root: root, directory: "docs/plans", store: kept.store, row: kept.row, takesEdits: true)
    #expect(reading.isSettled)
    try write(3, "---\nstatus: not_started\n---\n# A third title\n\nText.\n")
    let edited = try PlanReading(
      root: root, directory: "docs/plans", store: kept.store, row: kept.row, takesEdits: true)
    #expect(edited.edits?.count == 1 && edited.units.isEmpty)
  }

  @Test("A status edit that a run beside takes over while this sync reads is told here, too")
  func takenOverMeanwhile() throws {
    defer { #expect(throws: Never.self) { try FileTree.removeIfPresent(scratch) } }
    try start()
    try write(1, "---\nstatus: not_started\n---\n# Title\n\nText.\n")
    let kept = try open("home")
    _ = try sync(kept)
    let beside = try open("home")
    try write(1, "---\nstatus: complete\n---\n# Title\n\nText.\n")
    let outcome = try QuickSync.run(kept.place, store: kept.store, row: kept.row, at: Self.noon) {
      #expect(try sync(beside).updated.map(\.description) == ["core/E01"])
      let reading = try PlanReading(
        root: root, directory: "docs/plans", store: kept.store, row: kept.row, takesEdits: true)
      #expect(reading.isSettled)
      return reading
    }
    guard case .needsRepository(let report) = outcome else {
      Issue.record("the edit was not told: \(outcome)")
      return
    }
    #expect(report?.tasks == 1)
  }

  @Test("A plan that is written again in the moment in which it was read, with as many bytes, is read again")
  func sameMoment() throws {
    defer { #expect(throws: Never.self) { try FileTree.removeIfPresent(scratch) } }
    try start()
    try write(1, "---\nstatus: not_started\n---\n# Title\n\nText.\n")
    let kept = try open("home")
    _ = try sync(kept)
    let path = "docs/plans/core/epic-01-x.md"
    let before = try FileStamp(of: path, in: root)
    // As a clock tells it that has not moved on: same file, same size, same time.
    let file = try #require(FileHandle(forWritingAtPath: "\(root)/\(path)"))
    try file.write(contentsOf: Data("---\nstatus: in_progress\n".utf8))
    let time = timespec(tv_sec: Int(before.modified / 1_000_000_000), tv_nsec: Int(before.modified % 1_000_000_000))
    #expect(unsafe futimens(file.fileDescriptor, [time, time]) == 0)
    try file.close()
    let after = try FileStamp(of: path, in: root)
    #expect((after.inode, after.size, after.modified) == (before.inode, before.size, before.modified))
    #expect(try sync(kept).updated.map(\.description) == ["core/E01"])
  }
}
