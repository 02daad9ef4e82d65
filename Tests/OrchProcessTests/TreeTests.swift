@testable import OrchProcess
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// That nothing of a run outlives it, whatever its processes do to escape.
@Suite("Process trees", .timeLimit(.minutes(15)))
struct TreeTests {
  /// Each prints the numbers of the given count of processes, none of which would end within five minutes.
  static let escapes: [(name: String, count: Int, script: String)] = [
    ("plain", 1, "echo $$; exec sleep 300"),
    ("own session", 2, "setsid sh -c 'echo $$; exec sleep 300' & echo $$; wait"),
    ("double fork", 2, "(setsid sh -c 'sh -c \"echo \\$\\$; exec sleep 300\" &' &) ; echo $$; exec sleep 300"),
    (
      "deaf to TERM", 3,
      "trap '' TERM; setsid sh -c 'echo $$; sleep 300; sleep 300' & sh -c 'echo $$; sleep 300; sleep 300' & echo $$; "
        + "while :; do wait; sleep 300; done"
    ),
    ("stopped", 2, "sh -c 'echo $$; kill -STOP $$; sleep 300' & echo $$; wait"),
    ("without the mark", 2, "env -i setsid sh -c 'echo $$; exec /bin/sleep 300' & echo $$; wait"),
  ]

  @Test("The deadline ends every process", arguments: escapes.indices)
  func deadline(_ index: Int) async throws {
    let test = try TestRun()
    let run = try await test.start(Self.escapes[index].script) { $0.deadline = .milliseconds(1000) }
    // On a slow machine the deadline may come before all of them have spoken; whoever has must be gone.
    let processes = try await test.lines(Self.escapes[index].count).compactMap { Int32($0) }
    let record = try test.ended(await test.supervisor.wait(for: run))
    #expect(record.outcome == .deadline)
    #expect(record.survivors == 0)
    #expect(processes.allSatisfy { ProcessIdentity.startTime(of: $0) == nil })
    #expect(try test.markedProcesses() == [])
  }

  @Test("A stop ends every process", arguments: escapes.indices)
  func stop(_ index: Int) async throws {
    let test = try TestRun()
    let run = try await test.start(Self.escapes[index].script) { $0.grace = .seconds(3600) }
    let processes = try await test.printedProcesses(Self.escapes[index].count)
    #expect(processes.allSatisfy { $0.isAlive })
    // The grace of the stop counts, not that of the request, or this would take an hour.
    let record = try test.ended(await test.supervisor.stop(run, grace: .milliseconds(100)))
    #expect(record.outcome == .stopped && !record.starterDied)
    #expect(processes.allSatisfy { !$0.isAlive })
    #expect(try test.markedProcesses() == [])
  }

  @Test("What a program leaves in the background is ended before its exit is recorded")
  func leftovers() async throws {
    let test = try TestRun()
    let script =
      "setsid sh -c 'trap \"\" TERM; echo $$; sleep 300; sleep 300' & "
      + "sh -c 'echo $$; exec sleep 300' & read line < go; exit 6"
    #expect(mkfifo("\(test.scratch.path)/go", 0o600) == 0)
    let run = try await test.start(script)
    let processes = try await test.printedProcesses(2)
    try append(Array("go\n".utf8), to: "\(test.scratch.path)/go")
    let record = try test.ended(await test.supervisor.wait(for: run))
    #expect(record.outcome == .exited(6))
    #expect(processes.allSatisfy { !$0.isAlive })
  }

  @Test("A program that ends in its grace has its own exit status in the record")
  func gracefulEnd() async throws {
    let test = try TestRun()
    let run = try await test.start("trap 'echo bye; exit 9' TERM; echo up; while :; do sleep 300 & wait; done")
    _ = try await test.lines(1)
    let record = try test.ended(await test.supervisor.stop(run, grace: .seconds(30)))
    #expect(record.outcome == .stopped && record.exit == .code(9))
    #expect(try test.output == "up\nbye\n")
  }

  @Test("A process that keeps forking into new sessions and ending does not escape")
  func fleeing() async throws {
    let test = try TestRun()
    // At most two live at a time, and it gives up by itself: safe for the machine, hard to catch.
    let script = """
      trap '' TERM
      n=${1:-0}
      [ "$n" = 0 ] && echo up
      [ "$n" -lt 4000 ] && setsid sh "$0" $((n + 1)) &
      exit 0
      """
    let file = try test.scratch.file("flee", Array(script.utf8))
    let run = try await test.start("sh '\(file)'; exec sleep 300") { $0.deadline = .milliseconds(300) }
    let record = try test.ended(await test.supervisor.wait(for: run))
    #expect(record.outcome == .deadline && record.survivors == 0)
    #expect(try test.markedProcesses() == [])
    #expect(record.elapsed < .seconds(20))
  }

  @Test("A tree of many deaf processes in many sessions is killed")
  func manySessions() async throws {
    let test = try TestRun()
    let run = try await test.start(
      "trap '' TERM; for i in 1 2 3 4 5 6 7 8 9 10; do "
        + "setsid sh -c 'for j in 1 2 3 4; do setsid sleep 300 & done; echo up; wait; sleep 300' & done; "
        + "wait; sleep 300"
    )
    _ = try await test.lines(10)
    let record = try test.ended(await test.supervisor.stop(run, grace: .zero))
    #expect(record.outcome == .stopped && record.survivors == 0)
    #expect(try test.markedProcesses() == [])
  }
}
