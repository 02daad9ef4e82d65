#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs short helper programs such as git and waits for them.
package struct CommandRunner: Sendable {
  /// Has no state: every use is as good as any other.
  package init() {}

  /// Runs the command to its end. A failed or timed-out command is a result, not an error.
  ///
  /// When the task is cancelled, the program's group is asked to end, killed after two seconds, and `.cancelled` is
  /// thrown once it is gone. What the program left in the background is not waited for, and not killed.
  package func run(_ command: Command) async throws(ProcessError) -> CommandResult {
    guard !Task.isCancelled else { throw .cancelled }
    var exchange = try CommandExchange(command)
    return try await exchange.finish()
  }
}

/// One command on its way: feeds it, collects its output, ends it when it must.
struct CommandExchange: ~Copyable {
  /// How long a program has between being asked and being killed.
  static let grace = Duration.seconds(2)
  /// How long the streams of an ended program are read on, should somebody else hold them open.
  static let drain = Duration.milliseconds(100)

  private enum EndReason { case timeout, cancellation }

  private var child: ChildProcess
  private var streams: ChildStreams
  private let deadline: ContinuousClock.Instant
  private let loop: EventLoop
  private var reason: EndReason?
  private var killAt: ContinuousClock.Instant?

  init(_ command: Command) throws(ProcessError) {
    let loop = try EventLoop.shared()
    var streams = try ChildStreams(command)
    let child = try streams.start(command)
    self.loop = loop
    self.child = child
    self.streams = streams
    deadline = ContinuousClock.now.advanced(by: command.timeout)
  }

  mutating func finish() async throws(ProcessError) -> CommandResult {
    var patience = Duration.milliseconds(1)
    while true {
      streams.exchange()
      if child.hasEnded { break }
      let limit = killAt ?? deadline
      var until = limit
      if !child.exit.isOpen {
        until = min(limit, ContinuousClock.now.advanced(by: patience))
        patience = min(patience * 2, .milliseconds(50))
      }
      let interests = streams.interests + [EventLoop.Interest(descriptor: child.exit.raw)]
      switch await loop.wait(for: interests, until: until, cancellable: reason == nil) {
      case .ready: break
      case .timedOut: if ContinuousClock.now >= limit { end(.timeout) }
      case .cancelled: end(.cancellation)
      }
    }
    await readRest()
    // The ended child still holds its number, so the group is surely the right one.
    if reason != nil { child.signalGroup(SIGKILL) }
    guard let exit = try child.reap() else {
      throw .systemCall(operation: "reading the exit status of a program", path: nil, errno: ECHILD)
    }
    if reason == .cancellation { throw .cancelled }
    return CommandResult(
      exit: exit, stdout: streams.output.bytes, stderr: streams.error.bytes, timedOut: reason == .timeout,
      truncated: streams.output.isTruncated || streams.error.isTruncated)
  }

  private mutating func end(_ why: EndReason) {
    child.signalGroup(reason == nil ? SIGTERM : SIGKILL)
    child.signalGroup(SIGCONT)
    reason = reason ?? why
    killAt = ContinuousClock.now.advanced(by: Self.grace)
  }

  /// Reads what the child wrote before it ended, and waits a little for the end of the streams.
  private mutating func readRest() async {
    let limit = ContinuousClock.now.advanced(by: Self.drain)
    streams.closeInput()
    repeat {
      streams.exchange()
      guard streams.areOpen else { return }
    } while await loop.wait(for: streams.interests, until: limit, cancellable: false) == .ready
      && ContinuousClock.now < limit
    streams.exchange()
  }
}
