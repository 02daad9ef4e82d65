#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A conversation with a program that answers line by line, such as `git update-ref --stdin`.
///
/// One task at a time talks to it. When this process dies, the program reads the end of its input.
package actor Coprocess {
  private let program: String
  private let loop: EventLoop
  private let limit: Duration
  private var child: ChildProcess
  private var streams: ChildStreams
  private var exit: ProcessExit?

  /// Starts the program. `command.input` is sent first; `command.timeout` bounds every single wait, and
  /// `command.outputLimit` one answer.
  package static func start(_ command: Command) async throws(ProcessError) -> Coprocess {
    guard !Task.isCancelled else { throw .cancelled }
    return try Coprocess(command)
  }

  private init(_ command: Command) throws(ProcessError) {
    let loop = try EventLoop.shared()
    var streams = try ChildStreams(command, keepsInputOpen: true)
    let child = try streams.start(command)
    program = command.executable
    limit = command.timeout
    self.loop = loop
    self.child = child
    self.streams = streams
  }

  /// Sends a line; a line feed is added.
  package func send(line: String) async throws(ProcessError) { try await send(Array(line.utf8) + [10]) }

  /// Sends bytes as they are.
  package func send(_ bytes: [UInt8]) async throws(ProcessError) {
    streams.enqueue(bytes)
    streams.exchange()
    let deadline = ContinuousClock.now.advanced(by: limit)
    while streams.hasPendingInput && streams.isInputOpen {
      try await turn(until: deadline, waited: limit)
    }
    guard streams.isInputOpen else { throw gone() }
  }

  /// The next line without its terminator; nil at the end of the output. A last line without terminator counts.
  ///
  /// - Parameter timeout: nil: that of the command.
  package func readLine(
    timeout: Duration? = nil, terminator: UInt8 = UInt8(ascii: "\n")
  ) async throws(ProcessError) -> [UInt8]? {
    let waited = timeout ?? limit
    let deadline = ContinuousClock.now.advanced(by: waited)
    var searched = 0
    while true {
      streams.exchange()
      let bytes = streams.output.bytes
      if let end = firstIndex(of: terminator, in: bytes[min(searched, bytes.count)...]) {
        streams.consumeOutput(end + 1)
        return Array(bytes[..<end])
      }
      searched = bytes.count
      if streams.output.isTruncated { throw .badRequest(what: "an answer of more than \(bytes.count) bytes") }
      guard streams.isOutputOpen else {
        streams.consumeOutput(bytes.count)
        return bytes.isEmpty ? nil : bytes
      }
      try await turn(until: deadline, waited: waited)
    }
  }

  /// Exactly `count` bytes; nil when the output ends before.
  package func read(exactly count: Int, timeout: Duration? = nil) async throws(ProcessError) -> [UInt8]? {
    let waited = timeout ?? limit
    let deadline = ContinuousClock.now.advanced(by: waited)
    while true {
      streams.exchange()
      if streams.output.bytes.count >= count {
        let bytes = Array(streams.output.bytes.prefix(count))
        streams.consumeOutput(count)
        return bytes
      }
      if streams.output.isTruncated { throw .badRequest(what: "an answer of \(count) bytes") }
      guard streams.isOutputOpen else { return nil }
      try await turn(until: deadline, waited: waited)
    }
  }

  /// Closes the input and waits for the end. What was not read is in the result; too late, the program is killed.
  package func finish() async throws(ProcessError) -> CommandResult {
    if exit != nil { throw gone() }
    streams.closeInput()
    let deadline = ContinuousClock.now.advanced(by: limit)
    var timedOut = false
    var failure: ProcessError?
    while !child.hasEnded && failure == nil {
      do throws(ProcessError) {
        try await turn(until: deadline, waited: limit)
      } catch {
        if case .timedOut = error { timedOut = true } else { failure = error }
        child.signalGroup(SIGKILL)
        while !child.hasEnded { await pause(until: ContinuousClock.now.advanced(by: .seconds(1))) }
      }
    }
    streams.exchange()
    exit = try child.reap()
    if let failure { throw failure }
    guard let exit else { throw gone() }
    return CommandResult(
      exit: exit, stdout: streams.output.bytes, stderr: streams.error.bytes, timedOut: timedOut,
      truncated: streams.output.isTruncated || streams.error.isTruncated)
  }

  /// Waits for news from the program, or for its end.
  private func turn(until deadline: ContinuousClock.Instant, waited: Duration) async throws(ProcessError) {
    guard ContinuousClock.now < deadline else { throw .timedOut(what: "'\(program)'", after: waited) }
    var until = deadline
    if !child.exit.isOpen { until = min(deadline, ContinuousClock.now.advanced(by: .milliseconds(20))) }
    // An ended program stays ended: only what it left in the pipes can still come.
    let hadEnded = child.hasEnded
    var interests = streams.interests
    if !hadEnded { interests.append(EventLoop.Interest(descriptor: child.exit.raw)) }
    let limit = hadEnded ? min(until, ContinuousClock.now.advanced(by: CommandExchange.drain)) : until
    let wake = await loop.wait(for: interests, until: limit)
    if wake == .cancelled { throw .cancelled }
    streams.exchange()
    if hadEnded && wake == .timedOut { streams.closeOutput() }
  }

  private func pause(until deadline: ContinuousClock.Instant) async {
    let interest = EventLoop.Interest(descriptor: child.exit.raw)
    let until = child.exit.isOpen ? deadline : ContinuousClock.now.advanced(by: .milliseconds(20))
    _ = await loop.wait(for: [interest], until: until, cancellable: false)
  }

  private func gone() -> ProcessError {
    .ended(program: program, detail: String(decoding: streams.error.bytes.suffix(500), as: UTF8.self))
  }
}
