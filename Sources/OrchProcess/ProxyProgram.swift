import CPosix

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The proxy of one sandbox: starts the sandbox, takes the socket that listens inside of it, serves it, and ends with
/// the program.
///
/// It is the supervisor's child and the sandbox's parent, so it lives exactly as long as the agent: also when whoever
/// started the agent is killed and another one adopts it.
package enum ProxyProgram {
  /// - Parameter command: The sandbox, beginning with its program.
  /// - Returns: The exit status to end with.
  package static func run(
    log path: String, hosts: [String], command: [String], environment: [String: String]
  ) async throws(ProcessError) -> Int32 {
    // The agent is asked by the supervisor; until it has ended it may have something to finish on the network.
    for number in [SIGTERM, SIGINT, SIGHUP, SIGPIPE] { signal(number, SIG_IGN) }
    guard let program = command.first else { throw .badRequest(what: "a proxy without a program") }
    let loop = try EventLoop.shared()
    let log = try ProxyLog(path)
    var sockets = try Descriptor.sockets()
    try sockets.first.setNonblocking()
    var child = try ChildProcess(
      path: program, words: command, environment: environment, directory: nil,
      streams: ChildProcess.Streams(input: 0, output: 1, error: 2, extra: sockets.second.raw))
    sockets.second.close()
    let connection = ProxyConnection(policy: ProxyPolicy(hosts: hosts), log: log, loop: loop)
    let raw = sockets.first.release()
    let server = Task { await serve(raw, connection, loop) }
    while !child.hasEnded {
      let next = child.exit.isOpen ? nil : ContinuousClock.now.advanced(by: .milliseconds(100))
      _ = await loop.wait(for: [EventLoop.Interest(descriptor: child.exit.raw)], until: next)
    }
    server.cancel()
    switch try child.reap() {
    case .code(let code): return code
    case .signal(let number): return 128 + number
    case nil: return 1
    }
  }

  private static func serve(_ raw: Int32, _ connection: ProxyConnection, _ loop: EventLoop) async {
    let socket = Descriptor(raw)
    var received: Int32
    repeat {
      guard await loop.wait(for: [EventLoop.Interest(descriptor: socket.raw)], until: nil) == .ready else { return }
      received = cposix_receive_descriptor(socket.raw)
    } while received == -EAGAIN || received == -EWOULDBLOCK
    guard received >= 0 else { return }
    let listener = Descriptor(received)
    await withDiscardingTaskGroup { group in
      while await loop.wait(for: [EventLoop.Interest(descriptor: listener.raw)], until: nil) == .ready {
        let accepted = cposix_accept(listener.raw)
        if accepted >= 0 { group.addTask { await connection.serve(accepted) } }
      }
      group.cancelAll()
    }
  }
}
