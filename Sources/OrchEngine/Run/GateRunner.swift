import OrchDomain
package import OrchProcess
package import OrchReview

/// Runs the gate's commands in a checkout, one after the other, and stops at the first that is red.
///
/// Every command has its own supervisor that dies with the orchestrator, so that a killed run leaves nothing behind.
package struct GateRunner: Sendable {
  package struct Request: Sendable {
    package var commands: [String]
    package var directory: String
    package var environment: [String: String]
    /// Longest wall-clock time of one command.
    package var timeout: Duration
    /// Longest wall-clock time of all commands together, instead of ``timeout``; nil when that counts.
    package var totalTimeout: Duration?
    /// Gets one directory for each command.
    package var logDirectory: String
    package var runID: String
    /// nil: the commands may do what we may do.
    package var sandbox: Sandbox?
    package var mask = SecretMask(environment: [:])
  }

  package struct Result: Hashable, Sendable {
    package var passed: Bool
    /// The first red command; empty when all passed.
    package var command = ""
    /// The first red command and why, for people; empty when all passed.
    package var summary: String
    /// The end of what the red command printed, both streams.
    package var output: String
    package var duration: Duration
    package var logDirectory: String
  }

  private let supervisor: Supervisor
  private let clock: EngineClock
  /// Bytes of output that go back to an agent.
  private static let outputTail = 8000
  /// A gate that prints more than this is stopped, so that it cannot fill the disk.
  private static let outputLimit = 256 << 20

  package init(supervisor: Supervisor, clock: EngineClock) {
    self.supervisor = supervisor
    self.clock = clock
  }

  /// - Throws: ``ProcessError`` when a command could not be started at all; a red command is a normal result.
  package func run(_ request: Request) async throws -> Result {
    let began = clock.elapsed()
    let limit = request.totalTimeout ?? request.timeout
    for (index, command) in request.commands.enumerated() {
      let directory = "\(request.logDirectory)/\(index + 1)"
      try FileTree.removeIfPresent(directory)
      try FileTree.makeDirectories(directory)
      let run = try await supervisor.start(
        Supervisor.Request(
          runDirectory: directory, runID: "\(request.runID)-\(index + 1)", executable: "/bin/sh",
          arguments: ["-c", command], directory: request.directory,
          environment: request.environment.merging(request.sandbox?.environment ?? [:]) { $1 },
          deadline: request.totalTimeout.map { max(.seconds(1), $0 - (clock.elapsed() - began)) } ?? request.timeout,
          grace: .seconds(5), dieWithParent: true, outputLimit: Self.outputLimit, sandbox: request.sandbox))
      let state = await supervisor.wait(for: run)
      try MaskedFile.maskStreams(in: directory, request.mask)
      if Task.isCancelled {
        // Nobody waits for it any more, and nothing may go on to change the checkout.
        _ = await supervisor.stop(run, grace: .seconds(2))
        throw CancellationError()
      }
      if let reason = Self.redness(state, timeout: limit) {
        return Result(
          passed: false, command: command, summary: "`\(SafeText.line(command, limit: 200))` \(reason)",
          output: try tail(of: directory), duration: clock.elapsed() - began, logDirectory: request.logDirectory)
      }
    }
    return Result(
      passed: true, summary: "", output: "", duration: clock.elapsed() - began, logDirectory: request.logDirectory)
  }

  /// Why a command was red; nil when it was green.
  static func redness(_ state: RunState, timeout: Duration) -> String? {
    switch state {
    case .ended(let record):
      switch record.outcome {
      case .exited(let code): code == 0 ? nil : "ended with exit status \(code)"
      case .signalled(let signal): "was ended by signal \(signal)"
      case .deadline: "did not end within \(timeout.text)"
      case .stopped: "was stopped"
      case .outputLimit: "printed more than \(outputLimit >> 20) MB"
      case .spawnFailed(let errno): "could not be started (\(errorText(errno)))"
      }
    case .notStarted, .running, .lost: "lost its supervisor"
    }
  }

  private func tail(of directory: String) throws -> String {
    try [RunFiles.stdout(in: directory), RunFiles.stderr(in: directory)].map { path in
      try FileTree.tail(path, limit: Self.outputTail)
    }.filter { !$0.isEmpty }.joined(separator: "\n")
  }
}
