package import OrchDomain

/// One kind of coding agent: how to start it and how to read what it says. Holds no state and starts nothing.
package protocol AgentAdapter: Sendable {
  /// The name in `adapter = "…"`.
  var name: String { get }
  /// What a person should know before relying on it.
  var facts: AdapterFacts { get }
  /// Names of the environment variables that this CLI may see beside those that any program needs.
  var environmentNames: [String] { get }
  /// Hosts that it cannot work without, as in `[sandbox] allow_hosts`.
  var networkHosts: [String] { get }
  /// Whether a stopped run can go on in the same session.
  var resumes: Bool { get }
  /// - Throws: ``AgentError`` when this task cannot be started with this adapter.
  func start(_ context: AgentContext) throws(AgentError) -> AgentInvocation
  /// Goes on in `session` with the prompt in `context.promptFile`.
  func resume(_ context: AgentContext, session: String) throws(AgentError) -> AgentInvocation
  /// - Parameter session: The session that the run was started in, where the caller knows it.
  func makeParser(session: String?) -> any AgentStreamParser
}

extension AgentAdapter {
  package func makeParser() -> any AgentStreamParser { makeParser(session: nil) }
}

/// What `claude-orch agents` says about an adapter.
package struct AdapterFacts: Hashable, Sendable {
  /// Whether the adapter has been seen to work with the real program.
  package enum Proof: Hashable, Sendable {
    /// - Parameters:
    ///   - version: What the program says about itself.
    ///   - date: `2026-11-27`.
    case proven(version: String, date: String)
    case unproven(why: String)

    package var isProven: Bool {
      switch self {
      case .proven: true
      case .unproven: false
      }
    }
  }

  /// The program that is started when the configuration names none; nil when only the configuration can name one.
  package var program: String?
  /// What makes the program print its version and end.
  package var versionArguments: [String]
  /// How to get the program: one line.
  package var install: String
  package var proof: Proof
  /// How the prompt reaches the program.
  package var promptDelivery: String
  /// What a message to the program does while it is silent; `none` where it takes none.
  package var nudge: String

  package init(
    program: String?, versionArguments: [String] = ["--version"], install: String, proof: Proof,
    promptDelivery: String = "standard input", nudge: String = "none"
  ) {
    self.program = program
    self.versionArguments = versionArguments
    self.install = install
    self.proof = proof
    self.promptDelivery = promptDelivery
    self.nudge = nudge
  }
}

extension AgentAdapter {
  package var networkHosts: [String] { [] }
}

/// Reads the lines that one agent process prints. Never fails: what it cannot read, it passes on as a note.
package protocol AgentStreamParser: Sendable {
  /// - Parameter line: One line of standard output without its line feed.
  mutating func consume(_ line: ArraySlice<UInt8>) -> [AgentEvent]
  /// What the run came to. Call once, behind the last line.
  ///
  /// - Parameters:
  ///   - stderrTail: The last lines of standard error.
  ///   - now: Gives a reset time without a date its day; nil leaves such a time out.
  mutating func finish(exit: AgentExit, stderrTail: String, now: Timestamp?) -> AgentOutcome
}

extension AgentStreamParser {
  package mutating func consume(_ line: some StringProtocol) -> [AgentEvent] { consume(Array(line.utf8)[...]) }
}

/// How an agent process ended.
package struct AgentExit: Hashable, Sendable {
  package enum Status: Hashable, Sendable {
    case code(Int32)
    case signal(Int32)
  }

  /// Why the orchestrator itself stopped the process.
  package enum Cause: String, Hashable, Sendable, Codable {
    case timeout, stalled, budget, cancelled
  }

  package var status: Status
  /// nil when the process ended by itself or was killed by somebody else.
  package var cause: Cause?

  package init(_ status: Status, cause: Cause? = nil) {
    self.status = status
    self.cause = cause
  }

  /// `exit status 3`, `signal 9 (SIGKILL)`; a shell's 128+n is read as the signal that it stands for.
  package var text: String {
    switch status {
    case .code(let code) where (129...159).contains(code): "exit status \(code) (\(Self.name(of: code - 128)))"
    case .code(let code): "exit status \(code)"
    case .signal(let number): "signal \(number) (\(Self.name(of: number)))"
    }
  }

  /// Whether a signal ended it, also when the program caught it and left with 128+n.
  package var isSignal: Bool {
    switch status {
    case .signal: true
    case .code(let code): (129...159).contains(code)
    }
  }

  private static func name(of signal: Int32) -> String {
    let names: [Int32: String] = [
      1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 6: "SIGABRT", 8: "SIGFPE", 9: "SIGKILL", 11: "SIGSEGV",
      13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
    ]
    return names[signal] ?? "signal \(signal)"
  }
}
