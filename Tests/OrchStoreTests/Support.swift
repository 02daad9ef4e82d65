import Foundation
import GRDB
import OrchDomain
import OrchStore
import Testing

/// A directory with one database file in it, removed with this object.
final class Scratch: Sendable {
  let directory: String
  var path: String { directory + "/orchestrator.db" }

  init() throws {
    directory = FileManager.default.temporaryDirectory.path + "/orch-store-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  func store(_ access: Store.Access = .readWrite) throws -> Store { try Store(path: path, access: access) }

  /// A project in a new store.
  func project(_ access: Store.Access = .readWrite) throws -> (Store, ProjectID) {
    let store = try store(access)
    return (store, try store.project(root: "/repo", name: "repo", at: .t(0)).id)
  }

  /// A connection that knows nothing of our rules, as a foreign program would have.
  func raw<T>(_ body: (Database) throws -> T) throws -> T {
    try DatabaseQueue(path: path).writeWithoutTransaction(body)
  }
}

extension Timestamp {
  static func t(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }
}

extension TaskID {
  init(text: String) throws { self = try #require(TaskID(text)) }
}

extension PlanTask {
  init(_ text: String, status: TaskStatus = .notStarted, after: [String] = [], title: String = "Title") throws {
    let id = try TaskID(text: text)
    self.init(
      id: id, title: title, path: "docs/plans/\(id.module)/\(id.code).md", status: status,
      dependencies: try after.map { Dependency(try TaskID(text: $0), .explicit) })
  }
}

extension Compilation {
  init(_ tasks: PlanTask..., broken: Set<String> = []) {
    self.init(tasks: tasks.map { CompiledTask($0) }, brokenPaths: broken)
  }
}

/// Counts the tables by hand and compares with what the store keeps.
func expectCountersMatch(_ scratch: Scratch, _ store: Store, _ project: ProjectID) throws {
  let counts = try store.counts(project)
  func group(_ sql: String) throws -> [String: Int] {
    try scratch.raw { db throws in
      let rows = try Row.fetchAll(db, sql: sql, arguments: [project.number])
      return Dictionary(uniqueKeysWithValues: rows.map { ($0[0] as String, $0[1] as Int) })
    }
  }
  func texts<K: RawRepresentable<String>>(_ counts: [K: Int]) -> [String: Int] {
    Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) })
  }
  let alive = "FROM tasks WHERE project_id = ? AND removed_at IS NULL GROUP BY 1"
  #expect(texts(counts.states) == (try group("SELECT state, count(*) \(alive)")))
  #expect(texts(counts.statuses) == (try group("SELECT status, count(*) \(alive)")))
  #expect(
    texts(counts.changes) == (try group("SELECT state, count(*) FROM changes WHERE project_id = ? GROUP BY 1")))
  #expect(counts.total == counts.states.values.reduce(0, +))
}
