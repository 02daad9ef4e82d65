@testable import OrchProcess
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Coprocesses", .timeLimit(.minutes(15)))
struct CoprocessTests {
  private func start(_ script: String, timeout: Duration = .seconds(30)) async throws -> Coprocess {
    try await Coprocess.start(
      Command(executable: "sh", arguments: ["-c", script], environment: ["PATH": path], timeout: timeout))
  }

  @Test("Lines go to and fro")
  func conversation() async throws {
    let cat = try await start("exec cat")
    for line in ["one", "", "zwei ü", String(repeating: "x", count: 1 << 20)] {
      try await cat.send(line: line)
      #expect(try await cat.readLine() == Array(line.utf8))
    }
    try await cat.send(Array("a\0b\0rest".utf8))
    #expect(try await cat.readLine(terminator: 0) == [97])
    #expect(try await cat.read(exactly: 2) == [98, 0])
    let result = try await cat.finish()
    #expect(result.exit == .code(0) && result.text == "rest")
  }

  @Test("The end of the output is told from a line, and a last line without terminator counts")
  func endOfOutput() async throws {
    let program = try await start("printf 'a\\nb'; exit 4")
    #expect(try await program.readLine() == [97])
    #expect(try await program.readLine() == [98])
    #expect(try await program.readLine() == nil)
    #expect(try await program.finish().exit == .code(4))
  }

  @Test("Waiting for an answer has an end, and the conversation goes on after it")
  func timeout() async throws {
    let cat = try await start("exec cat")
    await #expect(throws: ProcessError.timedOut(what: "'sh'", after: .milliseconds(50))) {
      try await cat.readLine(timeout: .milliseconds(50))
    }
    try await cat.send(line: "still here")
    #expect(try await cat.readLine() == Array("still here".utf8))
    _ = try await cat.finish()
  }

  @Test("A program that died says so, with what it complained about")
  func death() async throws {
    let program = try await start("echo broken >&2; exit 1")
    #expect(try await program.readLine() == nil)
    let error = await #expect(throws: ProcessError.self) {
      for _ in 0..<100 { try await program.send(line: "anybody?") }
    }
    #expect(error?.description.contains("broken") == true)
    #expect(try await program.finish().exit == .code(1))
  }

  @Test("A program that does not end with its input is killed")
  func deaf() async throws {
    let program = try await start("trap '' TERM; echo $$; exec sleep 300", timeout: .milliseconds(200))
    let line = try #require(try await program.readLine(timeout: .seconds(30)))
    let pid = try #require(Int32(String(decoding: line, as: UTF8.self)))
    let result = try await program.finish()
    #expect(result.timedOut && result.exit == .signal(SIGKILL))
    #expect(ProcessIdentity.startTime(of: pid) == nil)
  }

  @Test("A dropped conversation ends its program")
  func dropped() async throws {
    let identity = try await {
      let program = try await start("echo $$; trap '' TERM; sleep 300; sleep 300")
      let line = try #require(try await program.readLine())
      let pid = try #require(Int32(String(decoding: line, as: UTF8.self)))
      return ProcessIdentity(pid: pid, start: try #require(ProcessIdentity.startTime(of: pid)))
    }()
    while identity.isAlive {
      try Task.checkCancellation()
      await Task.yield()
    }
    #expect(!identity.isAlive)
  }
}
