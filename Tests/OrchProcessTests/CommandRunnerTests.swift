@testable import OrchProcess
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Commands", .timeLimit(.minutes(15)))
struct CommandRunnerTests {
  private func shell(_ script: String, input: [UInt8]? = nil, timeout: Duration = .seconds(600)) -> Command {
    Command(
      executable: "sh", arguments: ["-c", script], environment: ["PATH": path], input: input, timeout: timeout)
  }

  @Test("Both streams and the exit status come back")
  func result() async throws {
    let result = try await CommandRunner().run(shell("echo out; echo err >&2; exit 3"))
    #expect(result.exit == .code(3))
    #expect(result.text == "out\n" && result.errorText == "err\n")
    #expect(!result.timedOut && !result.truncated)
    #expect(try await CommandRunner().run(shell("kill -9 $$")).exit == .signal(SIGKILL))
  }

  @Test("Five megabytes of any bytes go in and come out")
  func binary() async throws {
    let bytes = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 ^ ($0 >> 8)) }
    let result = try await CommandRunner().run(shell("exec cat", input: bytes))
    // To find out where five million bytes differ would take longer than anybody waits.
    let isSame = result.stdout == bytes
    #expect(isSame, "\(result.stdout.count) bytes, \(result.exit)")
  }

  @Test("A program that does not read its input harms nobody")
  func unreadInput() async throws {
    let result = try await CommandRunner().run(shell("exit 0", input: [UInt8](repeating: 1, count: 1 << 20)))
    #expect(result.exit == .code(0))
  }

  @Test("Output beyond the limit is dropped, and the program is not blocked by it")
  func truncation() async throws {
    var command = shell("head -c 3000000 /dev/zero; echo end >&2")
    command.outputLimit = 1000
    let result = try await CommandRunner().run(command)
    #expect(result.stdout == [UInt8](repeating: 0, count: 1000))
    #expect(result.truncated && result.exit == .code(0) && result.errorText == "end\n")
  }

  @Test("A late program is ended with its group, also one that is deaf")
  func timeout() async throws {
    let result = try await CommandRunner().run(
      shell(
        "trap '' TERM; sh -c 'sleep 300; sleep 300' & echo $!; echo $$; sleep 300; sleep 300",
        timeout: .milliseconds(300)))
    #expect(result.timedOut && result.exit == .signal(SIGKILL))
    let processes = result.text.split(separator: "\n").compactMap { Int32($0) }
    #expect(processes.count == 2)
    #expect(processes.allSatisfy { ProcessIdentity.startTime(of: $0) == nil })
  }

  @Test("A cancelled command is ended before the error is thrown")
  func cancellation() async throws {
    let scratch = try Scratch()
    let file = "\(scratch.path)/pid"
    let task = Task { try await CommandRunner().run(shell("echo $$ > '\(file)'; exec sleep 300")) }
    var pid: Int32 = 0
    let tail = FileTail(path: file)
    for try await line in FollowedLines(tail, clock: ContinuousClock(), interval: .milliseconds(2), hasEnded: { false })
    {
      pid = try #require(Int32(line.text))
      break
    }
    #expect(ProcessIdentity.startTime(of: pid) != nil)
    task.cancel()
    await #expect(throws: ProcessError.cancelled) { try await task.value }
    #expect(ProcessIdentity.startTime(of: pid) == nil)
  }

  @Test("A background process that holds the streams open is not waited for")
  func heldStreams() async throws {
    let result = try await CommandRunner().run(shell("sleep 300 & echo $!", timeout: .seconds(100)))
    #expect(result.exit == .code(0) && !result.timedOut)
    let pid = try #require(Int32(result.text.dropLast()))
    #expect(ProcessIdentity.startTime(of: pid) != nil)
    kill(pid, SIGKILL)
  }

  @Test("The environment is exact, and so are the arguments and the directory")
  func exact() async throws {
    let scratch = try Scratch()
    setenv("ORCH_TEST_LEAK", "secret", 1)
    let environment = try await CommandRunner().run(
      Command(executable: "/usr/bin/env", environment: ["A": "1", "B": "two words"]))
    #expect(Set(environment.text.split(separator: "\n")) == ["A=1", "B=two words"])
    var command = shell("pwd; printf '%s|' \"$@\"")
    command.arguments += ["sh", "", "a b", "ü\n", "$HOME"]
    command.directory = scratch.path
    #expect(try await CommandRunner().run(command).text == "\(scratch.path)\n|a b|ü\n|$HOME|")
  }

  @Test("Programs are found as the PATH of the command says")
  func lookup() async throws {
    let scratch = try Scratch()
    let script = Array("#!/bin/sh\necho found\n".utf8)
    _ = scratch.directory("bin")
    _ = try scratch.file("bin/tool", script, mode: 0o755)
    _ = try scratch.file("bin/plain", script, mode: 0o644)
    func run(_ name: String) async throws -> CommandResult {
      try await CommandRunner().run(
        Command(executable: name, directory: scratch.path, environment: ["PATH": "/nowhere:bin:/bin"]))
    }
    #expect(try await run("tool").text == "found\n")
    #expect(try await run("./bin/tool").text == "found\n")
    await #expect(throws: ProcessError.commandNotFound(name: "tol", searched: ["/nowhere", "bin", "/bin"])) {
      try await run("tol")
    }
    await #expect(throws: ProcessError.notExecutable(path: "\(scratch.path)/bin/plain", errno: EACCES)) {
      try await run("plain")
    }
    await #expect(throws: ProcessError.directoryUnusable(path: "/no/such/place", errno: ENOENT)) {
      try await CommandRunner().run(Command(executable: "/bin/sh", directory: "/no/such/place"))
    }
    await #expect(throws: ProcessError.badRequest(what: "the environment variable 'A=B'")) {
      try await CommandRunner().run(Command(executable: "/bin/sh", environment: ["A=B": ""]))
    }
  }

  #if os(Linux)
    @Test("Two hundred commands leave neither zombies nor descriptors")
    func noLeaks() async throws {
      func descriptors() async throws -> Int {
        let result = try await CommandRunner().run(shell("ls /proc/\(getpid())/fd | wc -l"))
        return try #require(Int(result.text.filter(\.isNumber)))
      }
      let before = try await descriptors()
      var pids: [Int32] = []
      for _ in 0..<200 {
        pids.append(try #require(Int32(try await CommandRunner().run(shell("echo $$")).text.dropLast())))
      }
      // Other tests run at the same time; a leak of one descriptor a command would show.
      #expect(try await descriptors() < before + 200)
      let zombies = pids.filter { pid in
        let status = (try? text("/proc/\(pid)/status")) ?? ""
        return status.contains("State:\tZ") && status.contains("PPid:\t\(getpid())\n")
      }
      #expect(zombies.isEmpty)
    }
  #endif
}
