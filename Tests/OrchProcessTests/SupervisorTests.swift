@testable import OrchProcess
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Supervisor", .timeLimit(.minutes(15)))
struct SupervisorTests {
  @Test("The exit status of the program is recorded", arguments: [0, 1, 3, 127, 255] as [Int32])
  func exitStatus(_ code: Int32) async throws {
    let test = try TestRun()
    let record = try await test.record(of: "echo out; echo err >&2; exit \(code)")
    #expect(record.outcome == .exited(code))
    #expect(record.exit == .code(code))
    #expect(record.runID == test.runID)
    #expect(record.survivors == 0)
    #expect(record.maxResidentBytes > 0)
    #expect(record.elapsed >= .zero && record.endedAt >= record.startedAt)
    #expect(try test.output == "out\n")
    #expect(try test.errors == "err\n")
  }

  @Test("Death by a signal is told from an exit status", arguments: [SIGKILL, SIGTERM, SIGHUP, SIGSEGV])
  func signalDeath(_ signal: Int32) async throws {
    let test = try TestRun()
    let record = try await test.record(of: "kill -\(signal) $$")
    #expect(record.outcome == .signalled(signal))
    #expect(record.exit == .signal(signal))
  }

  @Test("The program gets the given environment and the mark, and no descriptor but its streams")
  func exactEnvironment() async throws {
    let test = try TestRun()
    setenv("ORCH_TEST_LEAK", "secret", 1)
    let record = try await test.record(of: "") {
      $0.executable = "/usr/bin/env"
      $0.arguments = []
      $0.environment = ["PATH": path, "A": "x=y\nz", "EMPTY": "", "ORCH_RUN_ID": "forged"]
    }
    #expect(record.outcome == .exited(0))
    #expect(
      Set(try test.output.split(separator: "\n"))
        == ["PATH=\(path)", "A=x=y", "z", "EMPTY=", "ORCH_RUN_ID=\(test.runID)"])
    #if os(Linux)
      let other = try TestRun()
      // The fourth is the directory that ls itself reads.
      _ = try await other.record(of: "exec ls /proc/self/fd")
      #expect(try other.output == "0\n1\n2\n3\n")
    #endif
  }

  @Test("No secret is in the command line or environment of the shim, or on the disk")
  func secretsStayInMemory() async throws {
    let test = try TestRun()
    let run = try await test.start("echo $$; exec sleep 300") {
      $0.environment["TOKEN"] = "hunter2-secret"
      $0.arguments.append("argument-secret")
    }
    #if os(Linux)
      #expect(try !text("/proc/\(run.shim.pid)/cmdline").contains("secret"))
      #expect(try !text("/proc/\(run.shim.pid)/environ").contains("secret"))
    #endif
    let found = try await CommandRunner().run(
      Command(
        executable: "grep", arguments: ["-r", "secret", test.directory], environment: ["PATH": path],
        timeout: .seconds(30)))
    #expect(found.exit == .code(1) && found.stdout.isEmpty)
    _ = await test.supervisor.stop(run, grace: .seconds(5))
  }

  @Test("Standard input is the given file, byte for byte, else empty")
  func standardInput() async throws {
    let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) }
    let test = try TestRun()
    let file = try test.scratch.file("input", bytes)
    let record = try await test.record(of: "exec cat") { $0.stdinFile = file }
    #expect(record.outcome == .exited(0))
    #expect(try contents(RunFiles.stdout(in: test.directory)) == bytes)
    let other = try TestRun()
    #expect(try await other.record(of: "exec cat").outcome == .exited(0))
    #expect(try other.output.isEmpty)
  }

  @Test("A run directory is used once")
  func usedOnce() async throws {
    let test = try TestRun()
    _ = try await test.record(of: "echo first")
    await #expect(throws: ProcessError.runDirectoryUsed(path: test.directory)) {
      try await test.start("echo second")
    }
    #expect(try test.output == "first\n")
    let busy = try TestRun()
    let run = try await busy.start("exec sleep 300")
    await #expect(throws: ProcessError.runDirectoryUsed(path: busy.directory)) { try await busy.start("true") }
    #expect(busy.supervisor.state(in: busy.directory) == .running(run))
    _ = await busy.supervisor.stop(run, grace: .seconds(5))
  }

  @Test("What cannot be started says why")
  func startFailures() async throws {
    let test = try TestRun()
    let script = try test.scratch.file("script", Array("#!/no/such/interpreter\n".utf8), mode: 0o755)
    let binary = try test.scratch.file("binary", [1, 2, 3, 4], mode: 0o755)
    let plain = try test.scratch.file("plain", Array("#!/bin/sh\n".utf8), mode: 0o600)
    func failure(_ change: (inout Supervisor.Request) -> Void) async throws -> ProcessError? {
      let test = try TestRun()
      do {
        let run = try await test.start("true", change)
        Issue.record("started: \(run)")
        return nil
      } catch let error as ProcessError {
        return error
      }
    }
    #expect(
      try await failure { $0.executable = "no-such-program" }
        == .commandNotFound(name: "no-such-program", searched: path.split(separator: ":").map(String.init)))
    #expect(
      try await failure { $0.executable = script } == .startFailed(executable: script, step: "exec", errno: ENOENT))
    #expect(
      try await failure { $0.executable = binary } == .startFailed(executable: binary, step: "exec", errno: ENOEXEC))
    #expect(try await failure { $0.executable = plain } == .notExecutable(path: plain, errno: EACCES))
    #expect(
      try await failure { $0.directory = "/no/such/place" }
        == .directoryUnusable(path: "/no/such/place", errno: ENOENT))
    #expect(
      try await failure { $0.runDirectory = "/no/such/place" }
        == .runDirectoryUnusable(path: "/no/such/place", errno: ENOENT))
    #expect(
      try await failure { $0.stdinFile = "/no/such/file" }
        == .startFailed(executable: "sh", step: "input", errno: ENOENT))
    #expect(try await failure { $0.runID = "a b" } == .badRequest(what: "the run id 'a b'"))
    #expect(try await failure { $0.arguments = ["a\0b"] } == .badRequest(what: "an argument with a zero byte"))
    #expect(
      try await failure { $0.arguments = [String(repeating: "x", count: 4 << 20)] }
        == .startFailed(executable: "sh", step: "exec", errno: E2BIG))
  }

  @Test("A program that could not be executed leaves a record, too")
  func startFailureIsRecorded() async throws {
    let test = try TestRun()
    let binary = try test.scratch.file("binary", [1, 2, 3, 4], mode: 0o755)
    await #expect(throws: ProcessError.self) { try await test.start("") { $0.executable = binary } }
    let record = try test.ended(test.supervisor.state(in: test.directory))
    #expect(record.outcome == .spawnFailed(errno: ENOEXEC))
    #expect(record.failedStep == "exec" && record.exit == nil)
  }

  @Test("Fifty runs at once keep their outputs and outcomes apart")
  func parallelRuns() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<50 as Range<Int32> {
        group.addTask {
          let test = try TestRun()
          let record = try await test.record(of: "echo run \(number); (sleep 300 &); exit \(number)")
          #expect(record.outcome == .exited(number))
          #expect(try test.output == "run \(number)\n")
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("Output that exceeds its limit ends the run", arguments: ["yes", "yes >&2"])
  func outputLimit(_ script: String) async throws {
    let test = try TestRun()
    let record = try await test.record(of: script) { $0.outputLimit = 100_000 }
    #expect(record.outcome == .outputLimit)
    #expect(record.exit == .signal(SIGTERM))
  }

  @Test("A missing shim says what to do")
  func missingShim() async throws {
    let test = try TestRun()
    let supervisor = Supervisor(shimPath: "/no/such/orch-shim")
    let error = await #expect(throws: ProcessError.shimNotFound(searched: ["/no/such/orch-shim"])) {
      try await supervisor.start(test.request("true"))
    }
    #expect(error?.description.contains("ORCH_SHIM") == true)
    #expect(throws: ProcessError.shimNotFound(searched: ["/no/such/orch-shim"])) {
      try Supervisor.locateShim(override: "/no/such/orch-shim")
    }
    #expect(try Supervisor.locateShim(override: try builtShim()) == builtShim())
  }

  @Test("Waiting can be given up without harm to the run; nothing is left of a shim that ended")
  func waitIsCancellable() async throws {
    let test = try TestRun()
    let run = try await test.start("exec sleep 300")
    let waiter = Task { await test.supervisor.wait(for: run) }
    waiter.cancel()
    #expect(await waiter.value == .running(run))
    #expect(run.child.isAlive)
    #expect(try test.ended(await test.supervisor.stop(run, grace: .seconds(5))).outcome == .stopped)
    #expect(!run.shim.isAlive && !run.child.isAlive)
  }

  @Test("Where the end of a process cannot be waited for, it is asked for")
  func withoutExitDescriptors() async throws {
    try await ExitNotice.$isUnavailable.withValue(true) {
      let test = try TestRun()
      #expect(try await test.record(of: "exit 4").outcome == .exited(4))
      let result = try await CommandRunner().run(
        Command(executable: "sh", arguments: ["-c", "echo hi; exit 5"], environment: ["PATH": path]))
      #expect(result.exit == .code(5) && result.text == "hi\n")
    }
  }
}
