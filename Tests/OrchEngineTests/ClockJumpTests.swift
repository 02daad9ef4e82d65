import Foundation
import OrchConfig
import OrchDomain
import OrchStore
import Synchronization
import Testing

@testable import OrchEngine

/// A run on a machine whose clock is set while it goes on.
@Suite(.timeLimit(.minutes(15))) struct ClockJumpTests {
  /// The real time, put forward and back by hours again and again.
  private static func jumpingClock() -> EngineClock {
    let calls = Mutex(0)
    return EngineClock(
      now: {
        let count = calls.withLock { count in
          count += 1
          return count
        }
        let jump = [Duration.zero, .seconds(6 * 3600), .seconds(-6 * 3600)][count / 25 % 3]
        return EngineClock.system.now().advanced(by: jump)
      },
      sleep: EngineClock.system.sleep)
  }

  private static func git(_ arguments: String..., in root: String, _ environment: [String: String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["git"] + arguments
    process.currentDirectoryURL = URL(filePath: root)
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "git \(arguments)")
    return text
  }

  /// Does its work in its second turn only, so that gates, turns, landings and statuses all meet a jump.
  private static func plan(_ name: String) -> String {
    """
    ---
    status: not_started
    ---
    # \(name)

    ```bash run
    word=bad
    if [ -n "${ORCH_FEEDBACK_FILE:-}" ]; then word=ok; fi
    echo "$word" > \(name)
    git add \(name)
    git diff --cached --quiet || git commit --quiet -m "Do \(name)"
    ```

    """
  }

  @Test("Nothing waits for hours, ends early or is lost when the clock jumps by hours, forwards and back")
  func jumps() async throws {
    let scratch =
      FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
      + "/orch-clock-\(UUID().uuidString.prefix(8))"
    defer { do { try FileManager.default.removeItem(atPath: scratch) } catch { print("\(error)") } }
    let root = "\(scratch)/ledger"
    let environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": scratch,
      "CLAUDE_ORCH_HOME": "\(scratch)/state", "GIT_CONFIG_NOSYSTEM": "1",
    ]
    try FileTree.makeDirectories("\(root)/docs/plans/core")
    try FileTree.write("\(scratch)/.gitconfig", Array("[user]\n\tname = T\n\temail = t@example.invalid\n".utf8))
    try FileTree.write(
      "\(root)/.claude-orchestrator.toml",
      Array(
        """
        [general]
        agent = "script"
        base_branch = "main"
        [verify]
        commands = ["! cat one two three 2>/dev/null | grep -q bad"]
        """.utf8))
    for (index, name) in ["one", "two", "three"].enumerated() {
      try FileTree.write("\(root)/docs/plans/core/epic-0\(index + 1)-\(name).md", Array(Self.plan(name).utf8))
    }
    _ = try Self.git("init", "--quiet", "--initial-branch=main", in: root, environment)
    _ = try Self.git("add", "--all", in: root, environment)
    _ = try Self.git("commit", "--quiet", "-m", "Start", in: root, environment)
    let place = try ProjectPlace(
      LaunchContext(
        configFlag: nil, projectFlag: nil, environment: environment, currentDirectory: root, home: scratch))
    let project = try await place.open(clock: Self.jumpingClock())
    _ = try await PlanSync(project: project).run()
    let options = RunOptions(count: nil, maxDuration: .seconds(3600))
    let summary = try await Conductor(project: project, options: options, stop: StopSwitch()).run()
    let reasons = try project.store.tasks(project.row).map { "\($0.id) \($0.state.rawValue): \($0.reason ?? "")" }
    #expect(summary.complete.map(\.description) == ["core/E01", "core/E02", "core/E03"], "\(reasons)")
    #expect(summary.endedEarly == nil)
    #expect(try Self.git("log", "--format=%s", "main", in: root, environment).contains("complete"))
    guard case .intact = try project.store.verifyChain(project.row) else {
      Issue.record("the log is broken")
      return
    }
  }
}
