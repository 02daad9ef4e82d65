@testable import OrchProcess
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What is known and done when one of the processes was killed.
@Suite("Adoption", .timeLimit(.minutes(15)))
struct AdoptionTests {
  @Test("A run outlives its killed starter and is adopted with its result")
  func starterKilled() async throws {
    let test = try TestRun()
    #expect(mkfifo("\(test.scratch.path)/go", 0o600) == 0)
    let message = try ShimMessage.bytes(for: test.request("echo before; read line < go; echo $line; exit 7"))
    let spec = try test.scratch.file("spec", message)
    // A shell stands for the orchestrator: it starts the shim, and is killed.
    let starter = try await Coprocess.start(
      Command(
        executable: "sh",
        arguments: [
          "-c", "\"$1\" \"$2\" 3<\"$3\" & echo $$; wait", "sh", try builtShim(),
          test.directory, spec,
        ], environment: ["PATH": path]))
    let line = try #require(try await starter.readLine())
    let pid = try #require(Int32(String(decoding: line, as: UTF8.self)))
    #expect(try await test.lines(1) == ["before"])
    guard case .running(let run) = test.supervisor.state(in: test.directory) else {
      Issue.record("not running")
      return
    }
    #expect(kill(pid, SIGKILL) == 0)
    #expect(try await starter.finish().exit == .signal(SIGKILL))
    #expect(test.supervisor.state(in: test.directory) == .running(run))
    async let state = test.supervisor.wait(for: run)
    try append(Array("after\n".utf8), to: "\(test.scratch.path)/go")
    #expect(try test.ended(await state).outcome == .exited(7))
    #expect(try test.output == "before\nafter\n")
  }

  @Test("A run that is to die with its starter does")
  func dieWithStarter() async throws {
    let test = try TestRun()
    var request = test.request("setsid sh -c 'echo $$; exec sleep 300' & echo $$; exec sleep 300")
    request.dieWithParent = true
    var sockets = try Descriptor.sockets()
    let nothing = try Descriptor.open("/dev/null", O_RDWR)
    var shim = try ChildProcess(
      path: try builtShim(), words: ["orch-shim", test.directory], environment: [:], directory: nil,
      streams: ChildProcess.Streams(
        input: nothing.raw, output: nothing.raw, error: nothing.raw, extra: sockets.second.raw))
    sockets.second.close()
    shim.detach(holding: [])
    let message = try ShimMessage.bytes(for: request)
    #expect(sockets.first.write(message[...]) == .bytes(message.count))
    let processes = try await test.printedProcesses(2)
    guard case .running(let run) = test.supervisor.state(in: test.directory) else {
      Issue.record("not running")
      return
    }
    // All that the death of a process means to others: its descriptors are closed.
    sockets.first.close()
    let record = try test.ended(await test.supervisor.wait(for: run))
    #expect(record.outcome == .stopped && record.starterDied)
    #expect(processes.allSatisfy { !$0.isAlive })
  }

  @Test("A starter that dies before its orders are complete leaves nothing")
  func halfAMessage() async throws {
    let test = try TestRun()
    let message = try ShimMessage.bytes(for: test.request("echo never"))
    let spec = try test.scratch.file("spec", Array(message.dropLast(5)))
    let result = try await CommandRunner().run(
      Command(
        executable: "sh", arguments: ["-c", "\"$1\" \"$2\" 3<\"$3\"", "sh", try builtShim(), test.directory, spec],
        environment: ["PATH": path]))
    #expect(result.exit == .code(1))
    #expect(test.supervisor.state(in: test.directory) == .notStarted)
  }

  @Test("A run whose shim was killed is lost, and a sweep ends all of it, in whatever session")
  func shimKilled() async throws {
    let test = try TestRun()
    let run = try await test.start(
      "setsid sh -c 'echo $$; exec sleep 300' & "
        + "(setsid sh -c 'sh -c \"echo \\$\\$; trap : TERM; sleep 300; sleep 300\" &' &); "
        + "echo $$; exec env -i /bin/sleep 300")
    let processes = try await test.printedProcesses(3)
    await #expect(throws: ProcessError.stillSupervised(runDirectory: test.directory)) {
      try await test.supervisor.sweep(runID: test.runID, runDirectory: test.directory)
    }
    async let state = test.supervisor.wait(for: run)
    #expect(run.shim.send(signal: SIGKILL))
    #expect(await state == .lost(.supervisorDied))
    #expect(processes.allSatisfy { $0.isAlive })
    let count = try await test.supervisor.sweep(
      runID: test.runID, runDirectory: test.directory, grace: .milliseconds(100))
    #expect(count >= 3)
    #expect(processes.allSatisfy { !$0.isAlive })
    #expect(try test.markedProcesses() == [])
    #expect(try await test.supervisor.sweep(runID: test.runID, runDirectory: test.directory) == 0)
    #expect(test.supervisor.state(in: test.directory) == .lost(.supervisorDied))
  }

  @Test("A process that got the number of a dead one is not signalled")
  func recycledNumber() async throws {
    let test = try TestRun()
    let bystander = try await Coprocess.start(
      Command(executable: "sh", arguments: ["-c", "echo $$; exec cat"], environment: ["PATH": path]))
    let line = try #require(try await bystander.readLine())
    let pid = try #require(Int32(String(decoding: line, as: UTF8.self)))
    let start = try #require(ProcessIdentity.startTime(of: pid))
    let record = """
      orch-pid 1
      run_id \(test.runID)
      shim \(pid) \(start - 1)
      child \(pid) \(start - 1)
      boot \(ProcessIdentity.bootID)
      started_ms 1
      end

      """
    _ = try test.scratch.file("run/pid", Array(record.utf8))
    let run = try #require(SupervisedRun(record: record, runDirectory: test.directory))
    #expect(test.supervisor.state(in: test.directory) == .lost(.supervisorDied))
    #expect(await test.supervisor.stop(run, grace: .zero) == .lost(.supervisorDied))
    #expect(!run.shim.isAlive)
    #expect(!run.shim.send(signal: SIGKILL))
    #expect(try await test.supervisor.sweep(runID: test.runID, runDirectory: test.directory) == 0)
    try await bystander.send(line: "alive")
    #expect(try await bystander.readLine() == Array("alive".utf8))
    #expect(ProcessIdentity(pid: pid, start: start).isAlive)
    #expect(try await bystander.finish().exit == .code(0))
  }

  @Test("A record of another boot is never taken for a running process")
  func otherBoot() async throws {
    let test = try TestRun()
    let pid = getpid()
    let start = try #require(ProcessIdentity.startTime(of: pid))
    let record = "orch-pid 1\nrun_id x\nshim \(pid) \(start)\nchild \(pid) \(start)\nboot other\nstarted_ms 1\nend\n"
    _ = try test.scratch.file("run/pid", Array(record.utf8))
    #expect(test.supervisor.state(in: test.directory) == .lost(.rebooted))
  }

  @Test("The records are there complete or not at all, whenever one looks")
  func atomicRecords() async throws {
    for _ in 0..<25 {
      let test = try TestRun()
      async let run = test.start("exit 0")
      while true {
        let state = test.supervisor.state(in: test.directory)
        if case .lost(let reason) = state { Issue.record("saw half a record: \(reason)") }
        if case .ended = state { break }
        try Task.checkCancellation()
        await Task.yield()
      }
      _ = try await run
    }
  }

  @Test("No part of a record is taken for the whole")
  func partialRecords() throws {
    let exit =
      "orch-exit 1\nrun_id x\noutcome exited\ncode 0\nstarted_ms 1\nended_ms 2\nelapsed_ms 1\nuser_us 3\n"
      + "system_us 4\nmax_rss_bytes 5\nsurvivors 0\nend\n"
    let pid = "orch-pid 1\nrun_id x\nshim 10 11\nchild 12 13\nboot b\nstarted_ms 1\nend\n"
    #expect(ExitRecord(record: exit)?.outcome == .exited(0))
    #expect(SupervisedRun(record: pid, runDirectory: "/x")?.child == ProcessIdentity(pid: 12, start: 13))
    for length in 0..<(exit.count - 1) { #expect(ExitRecord(record: String(exit.prefix(length))) == nil) }
    for length in 0..<(pid.count - 1) {
      #expect(SupervisedRun(record: String(pid.prefix(length)), runDirectory: "/x") == nil)
    }
    for hostile in ["code 99999999999999", "code -", "survivors x", "outcome nonsense"] {
      let key = hostile.split(separator: " ")[0]
      let lines = exit.split(separator: "\n").map { $0.hasPrefix("\(key) ") ? Substring(hostile) : $0 }
      #expect(ExitRecord(record: lines.joined(separator: "\n") + "\n") == nil)
    }
  }
}
