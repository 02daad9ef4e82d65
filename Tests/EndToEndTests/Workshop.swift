import Foundation
import OrchDomain
import OrchStore
import Testing

/// A repository with plans, a home and a state directory of its own, and the real program to work on it.
final class Workshop: Sendable {
  let scratch: Scratch
  let root: String
  let environment: [String: String]
  var state: String { "\(scratch.path)/state" }

  /// - Parameters:
  ///   - settings: Lines behind those of the configuration that every test has.
  ///   - verify: More lines of `[verify]`.
  ///   - files: Committed beside the plans.
  init(
    _ plans: [Plan], settings: String = "", verify: String = "", parallel: Int = 3, gate: String = "sh test.sh",
    attempts: Int = 1, backoff: String = "1s", files: [String: String] = [:], turns: Int = 3
  ) throws {
    scratch = try Scratch()
    root = "\(scratch.path)/ledger"
    let home = "\(scratch.path)/user"
    let inherited = ProcessInfo.processInfo.environment
    environment = [
      "PATH": inherited["PATH"] ?? "/usr/bin:/bin", "HOME": home, "CLAUDE_ORCH_HOME": "\(scratch.path)/state",
      "GIT_CONFIG_NOSYSTEM": "1", "LANG": "C.UTF-8", "USER": "tester",
      // The agents of these tests meet in files outside of their worktrees; what needs the sandbox says so.
      "CLAUDE_ORCH_SANDBOX": "off",
    ]
    for folder in [home, root] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    try write(
      "\(home)/.gitconfig",
      "[user]\n\tname = Tester\n\temail = tester@example.invalid\n[init]\n\tdefaultBranch = main\n")
    try git("init", "--quiet", "--initial-branch=main", ".")
    try write(
      ".claude-orchestrator.toml",
      """
      [general]
      agent = "script"
      base_branch = "main"
      max_parallel_agents = \(parallel)

      [verify]
      commands = ["\(gate)"]
      timeout = "1m"
      max_attempts = \(turns)
      \(verify)

      [retry]
      max_attempts = \(attempts)
      backoff = "\(backoff)"
      \(settings)
      """)
    // Green when every file of data begins with "ok".
    try write(
      "test.sh",
      """
      for file in data/*; do
        [ -e "$file" ] || continue
        read -r word rest <"$file"
        [ "$word" = ok ] || { echo "$file is not ok"; exit 1; }
      done

      """)
    try write("notes.txt", "one\ntwo\nthree\n")
    try write("words", "help\n")
    for plan in plans { try write(plan.path, plan.text) }
    for (path, text) in files { try write(path, text) }
    try write("README.md", Plan.overview(plans))
    try git("add", "--all")
    try git("commit", "--quiet", "-m", "Start")
  }

  // MARK: Files

  /// - Parameter path: Absolute, or below the checkout.
  func write(_ path: String, _ text: String) throws {
    let full = absolute(path)
    let folder = URL(filePath: full).deletingLastPathComponent().path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(filePath: full))
  }

  func read(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: absolute(path))), as: UTF8.self)
  }

  func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: absolute(path)) }

  private func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(root)/\(path)" }

  // MARK: Programs

  /// - Returns: Standard output without the last line feed.
  @discardableResult
  func git(_ arguments: String..., in directory: String? = nil, accepted: Set<Int32> = [0]) throws -> String {
    try git(arguments, in: directory, accepted: accepted)
  }

  @discardableResult
  func git(_ arguments: [String], in directory: String? = nil, accepted: Set<Int32> = [0]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["git"] + arguments
    process.currentDirectoryURL = URL(filePath: directory ?? root)
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.everything(), as: UTF8.self)
    process.waitUntilExit()
    guard accepted.contains(process.terminationStatus) else {
      throw Failure(text: "git \(arguments.joined(separator: " ")): \(text)")
    }
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  struct Failure: Error, CustomStringConvertible {
    var text: String
    var description: String { text }
  }

  func launch(
    _ arguments: [String], in directory: String? = nil, adding more: [String: String] = [:],
    onLine: @escaping @Sendable (String, pid_t) -> Void = { _, _ in }
  ) throws -> Running {
    try Running(
      Built.orch, arguments, in: directory ?? root, environment.merging(more) { $1 }, onLine: onLine)
  }

  func orch(
    _ arguments: String..., in directory: String? = nil, adding more: [String: String] = [:]
  ) async throws -> Output {
    try await launch(arguments, in: directory, adding: more).output()
  }

  /// Runs a command that has to end with `status`.
  @discardableResult
  func expect(
    _ status: Int32 = 0, _ arguments: String..., in directory: String? = nil, adding more: [String: String] = [:],
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> Output {
    let output = try await launch(arguments, in: directory, adding: more).output()
    #expect(
      output.status == status, "claude-orch \(arguments.joined(separator: " ")): \(output)",
      sourceLocation: sourceLocation)
    return output
  }

  // MARK: What is so

  func tree(_ revision: String = "main") throws -> String { try git("rev-parse", "\(revision)^{tree}") }

  /// The porcelain lines; none when nothing is uncommitted.
  func uncommitted() throws -> [String] {
    try git("status", "--porcelain", "--untracked-files=all").split(separator: "\n").map(String.init)
  }

  func states() async throws -> [String: String] {
    let list = try JSON(try await expect(0, "list", "--json").out)
    return Dictionary(uniqueKeysWithValues: list["tasks"].array.map { ($0["id"].string, $0["state"].string) })
  }

  /// The store as it is on the disk.
  func inStore<T: Sendable>(_ body: (Store, ProjectID) throws -> T) throws -> T {
    let store = try Store(path: "\(state)/orchestrator.db", access: .readOnly)
    let project = try #require(try store.projects().first)
    defer { do { try store.close() } catch { print("cannot close the store: \(error)") } }
    return try body(store, project.id)
  }

  func changes() throws -> [Change] {
    try inStore { store, project in
      try store.read(project) { tx throws(StoreError) in try tx.changes() }
    }
  }

  func attempts(_ id: String) throws -> [Attempt] {
    let task = try #require(TaskID(id))
    return try inStore { store, project in
      try store.read(project) { tx throws(StoreError) in try tx.attempts(of: task) }
    }
  }

  func turns(_ id: String, attempt: Int = 1) throws -> [Turn] {
    let task = try #require(TaskID(id))
    return try inStore { store, project in
      try store.read(project) { tx throws(StoreError) in try tx.turns(of: task, attempt: attempt) }
    }
  }

  /// Processes that outlived what started them; those that are just ending get a moment.
  func strays() async throws -> [String] {
    let end = ContinuousClock.now.advanced(by: .seconds(60))
    while true {
      let found = Strays.list(below: scratch.path)
      if found.isEmpty || ContinuousClock.now > end { return found }
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}
