import OrchDomain

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Starts programs under `orch-shim`, so that they outlive this process, and finds them again.
///
/// All state is in the run directory: whoever knows the directory can watch, wait, stop and clean up.
package struct Supervisor: Sendable {
  /// What to run, and within which limits.
  package struct Request: Hashable, Sendable {
    /// Exists, is empty, and is never used again. Gets `stdout`, `stderr`, `pid`, `exit`.
    package var runDirectory: String
    /// Unguessable: every process of the run carries it as `ORCH_RUN_ID`, and
    /// ``Supervisor/sweep(runID:runDirectory:grace:)`` kills by it. Letters, digits, `.`, `-`, `_`; at most 128.
    package var runID: String
    /// An absolute path, a path from `directory`, or a name that is looked up in the PATH of `environment`.
    package var executable: String
    /// Without the program's own name.
    package var arguments: [String]
    package var directory: String
    /// All that the program gets, except for `ORCH_RUN_ID`.
    package var environment: [String: String]
    /// nil: standard input is empty.
    package var stdinFile: String?
    /// Longest time that it may run.
    package var deadline: Duration?
    /// How long the processes have to end between TERM and KILL.
    package var grace: Duration
    /// Ends the run when this process dies.
    package var dieWithParent: Bool
    /// Bytes of either stream at which the run is ended. Looked at ten times a second, so a little more may be written.
    package var outputLimit: Int?
    /// nil: the program sees what we see.
    package var sandbox: Sandbox?

    package init(
      runDirectory: String, runID: String, executable: String, arguments: [String] = [], directory: String,
      environment: [String: String], stdinFile: String? = nil, deadline: Duration? = nil,
      grace: Duration = .seconds(10), dieWithParent: Bool = false, outputLimit: Int? = nil,
      sandbox: Sandbox? = nil
    ) {
      self.runDirectory = runDirectory
      self.runID = runID
      self.executable = executable
      self.arguments = arguments
      self.directory = directory
      self.environment = environment
      self.stdinFile = stdinFile
      self.deadline = deadline
      self.grace = grace
      self.dieWithParent = dieWithParent
      self.outputLimit = outputLimit
      self.sandbox = sandbox
    }
  }

  /// How long a shim may take to start its child. Nothing but a stuck file system takes long.
  static let startLimit = Duration.seconds(60)

  package let shimPath: String

  /// - Parameter shimPath: See ``locateShim(override:)``.
  package init(shimPath: String) { self.shimPath = shimPath }

  /// Starts the run and returns once its record is on disk and the program runs.
  ///
  /// A started run is never abandoned half-way: cancelling the task has no effect once the shim exists.
  package func start(_ request: Request) async throws(ProcessError) -> SupervisedRun {
    guard !Task.isCancelled else { throw .cancelled }
    let message = try ShimMessage.bytes(for: request)
    let loop = try EventLoop.shared()
    var sockets = try Descriptor.sockets()
    try sockets.first.setNonblocking()
    var child = try spawnShim(request.runDirectory, connection: sockets.second.raw)
    sockets.second.close()
    let deadline = ContinuousClock.now.advanced(by: Self.startLimit)
    let answer: String
    do throws(ProcessError) {
      try await Self.send(message, to: sockets.first, on: loop, until: deadline)
      answer = try await Self.answer(from: sockets.first, on: loop, until: deadline)
    } catch {
      // As a request to stop, so that a child that was started after all is ended and recorded.
      child.signalGroup(SIGTERM)
      child.detach(holding: [])
      throw error
    }
    // The open connection tells the shim that we live.
    child.detach(holding: request.dieWithParent ? [sockets.first.release()] : [])
    if answer != "running" { throw Self.failure(answer, request) }
    guard let text = try RunFiles.read(RunFiles.pid(in: request.runDirectory)),
      let run = SupervisedRun(record: text, runDirectory: request.runDirectory)
    else { throw .shimFailed(reason: "it started the program but left no record in '\(request.runDirectory)'") }
    return run
  }

  private func spawnShim(_ directory: String, connection: Int32) throws(ProcessError) -> ChildProcess {
    let nothing = try Descriptor.open("/dev/null", O_RDWR)
    do throws(ProcessError) {
      return try ChildProcess(
        path: shimPath, words: ["orch-shim", directory], environment: [:], directory: nil,
        streams: ChildProcess.Streams(
          input: nothing.raw, output: nothing.raw, error: nothing.raw, extra: connection))
    } catch .startFailed(_, _, let code) where code == ENOENT || code == EACCES {
      throw .shimNotFound(searched: [shimPath])
    }
  }

  private static func send(
    _ message: [UInt8], to socket: borrowing Descriptor, on loop: EventLoop, until deadline: ContinuousClock.Instant
  ) async throws(ProcessError) {
    var rest = message[...]
    while !rest.isEmpty {
      switch socket.write(rest.prefix(64 << 10)) {
      case .bytes(let count): rest = rest.dropFirst(count)
      case .wouldBlock:
        let interest = EventLoop.Interest(descriptor: socket.raw, writes: true)
        guard await loop.wait(for: [interest], until: deadline, cancellable: false) == .ready else {
          throw .timedOut(what: "the supervisor", after: startLimit)
        }
      // It refused the message early and says why in its answer.
      case .failed(EPIPE), .failed(ECONNRESET): return
      case .end, .failed: throw .shimFailed(reason: "it took no orders")
      }
    }
  }

  private static func answer(
    from socket: borrowing Descriptor, on loop: EventLoop, until deadline: ContinuousClock.Instant
  ) async throws(ProcessError) -> String {
    var bytes: [UInt8] = []
    while true {
      switch socket.read(into: &bytes, limit: 256) {
      case .bytes:
        if bytes.last == UInt8(ascii: "\n") { return String(decoding: bytes.dropLast(), as: UTF8.self) }
      case .wouldBlock:
        let interest = EventLoop.Interest(descriptor: socket.raw)
        guard await loop.wait(for: [interest], until: deadline, cancellable: false) == .ready else {
          throw .timedOut(what: "the supervisor", after: startLimit)
        }
      case .end, .failed: throw .shimFailed(reason: "it ended before the program was started")
      }
    }
  }

  /// Translates `failed STEP ERRNO`.
  private static func failure(_ answer: String, _ request: Request) -> ProcessError {
    let words = answer.split(separator: " ")
    guard words.count == 3, words[0] == "failed", let code = Int32(words[2]) else {
      return .shimFailed(reason: "it answered '\(SafeText.line(answer, limit: 100))'")
    }
    switch words[1] {
    case "directory", "lock", "output", "record":
      return words[1] == "lock" && code == EWOULDBLOCK
        ? .runDirectoryUsed(path: request.runDirectory)
        : .runDirectoryUnusable(path: request.runDirectory, errno: code)
    case "used": return .runDirectoryUsed(path: request.runDirectory)
    case "message": return .shimFailed(reason: "it does not understand this version of claude-orch; install both anew")
    case "chdir": return .directoryUnusable(path: request.directory, errno: code)
    default: return .startFailed(executable: request.executable, step: String(words[1]), errno: code)
    }
  }
}
