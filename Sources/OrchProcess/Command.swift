/// A short-lived program with its limits.
package struct Command: Hashable, Sendable {
  /// An absolute path, a path from `directory`, or a name that is looked up in the PATH of `environment`.
  package var executable: String
  /// Without the program's own name.
  package var arguments: [String]
  /// nil: the directory of this process.
  package var directory: String?
  /// All that the program gets: nothing is inherited.
  package var environment: [String: String]
  /// What it reads; nil: nothing (`/dev/null`).
  package var input: [UInt8]?
  /// Longest wall-clock time. Then it is asked to end, and killed two seconds later.
  package var timeout: Duration
  /// Bytes that are kept of each stream. The rest is read and thrown away.
  package var outputLimit: Int

  package init(
    executable: String, arguments: [String] = [], directory: String? = nil, environment: [String: String] = [:],
    input: [UInt8]? = nil, timeout: Duration = .seconds(60), outputLimit: Int = 64 << 20
  ) {
    self.executable = executable
    self.arguments = arguments
    self.directory = directory
    self.environment = environment
    self.input = input
    self.timeout = timeout
    self.outputLimit = outputLimit
  }
}

/// What a finished ``Command`` left.
package struct CommandResult: Hashable, Sendable {
  package var exit: ProcessExit
  package var stdout: [UInt8]
  package var stderr: [UInt8]
  /// Whether it was ended because its time was over.
  package var timedOut: Bool
  /// Whether a stream was longer than the limit.
  package var truncated: Bool

  /// Standard output as text; bytes that are not UTF-8 are replaced.
  package var text: String { String(decoding: stdout, as: UTF8.self) }

  /// Standard error as text; bytes that are not UTF-8 are replaced.
  package var errorText: String { String(decoding: stderr, as: UTF8.self) }
}
