import CPosix
import OrchDomain

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One connection of a sandboxed program to the proxy, from its request to its end.
struct ProxyConnection: Sendable {
  let policy: ProxyPolicy
  let log: ProxyLog
  let loop: EventLoop
  private static let headLimit = 16 << 10
  private static let patience = Duration.seconds(60)
  /// A connection on which nothing moves is somebody's that was forgotten.
  private static let silence = Duration.seconds(1800)

  /// - Parameter raw: Closed at the end.
  func serve(_ raw: Int32) async {
    let client = Descriptor(raw)
    do throws(ProcessError) {
      guard let (request, rest) = try await readRequest(client) else {
        return try await answer(client, "400 Bad Request", "this proxy serves CONNECT and http:// only")
      }
      guard policy.allows(host: request.host, port: request.port) else {
        return try await refuse(client, request, "it is not in [sandbox] allow_hosts")
      }
      let addresses = await Self.resolve(request.host)
      guard !addresses.isEmpty else {
        log.write("failed", request, detail: "no address")
        return try await answer(client, "502 Bad Gateway", "\(request.host) has no address")
      }
      let allowed = addresses.filter { policy.allows(address: $0, port: request.port) }
      guard !allowed.isEmpty else {
        let shown = addresses.map(\.description).joined(separator: " ")
        return try await refuse(client, request, "its address \(shown) is not public and not in [sandbox] allow_hosts")
      }
      try await relay(client, request, rest, to: allowed)
    } catch {
      log.note("error \(error)")
    }
  }

  private func readRequest(
    _ client: borrowing Descriptor
  ) async throws(ProcessError) -> (ProxyRequest, rest: [UInt8])? {
    var bytes: [UInt8] = []
    let end = Array("\r\n\r\n".utf8)
    let deadline = ContinuousClock.now.advanced(by: Self.patience)
    while bytes.count < Self.headLimit {
      switch client.read(into: &bytes, limit: 4096) {
      case .bytes:
        guard let close = (0..<max(0, bytes.count - 3)).first(where: { bytes[$0...].starts(with: end) }) else {
          continue
        }
        guard let request = ProxyRequest(Array(bytes[..<close])) else { return nil }
        return (request, Array(bytes[(close + 4)...]))
      case .wouldBlock:
        let wake = await loop.wait(for: [EventLoop.Interest(descriptor: client.raw)], until: deadline)
        guard wake == .ready else { return nil }
      case .end, .failed: return nil
      }
    }
    return nil
  }

  private func refuse(
    _ client: borrowing Descriptor, _ request: ProxyRequest, _ reason: String
  ) async throws(ProcessError) {
    log.write("refused", request, detail: reason)
    try await answer(client, "403 Forbidden", "\(request.host):\(request.port) is refused: \(reason)")
  }

  private func answer(_ client: borrowing Descriptor, _ status: String, _ text: String) async throws(ProcessError) {
    let body = "claude-orch: \(text)\n"
    let head = "HTTP/1.1 \(status)\r\nContent-Type: text/plain\r\nContent-Length: \(body.utf8.count)\r\n"
    _ = await send(Array("\(head)Connection: close\r\n\r\n\(body)".utf8), to: client)
  }

  private func send(_ bytes: [UInt8], to target: borrowing Descriptor) async -> Bool {
    var rest = bytes[...]
    let deadline = ContinuousClock.now.advanced(by: Self.patience)
    while !rest.isEmpty {
      switch target.write(rest) {
      case .bytes(let count): rest = rest.dropFirst(count)
      case .wouldBlock:
        let interest = EventLoop.Interest(descriptor: target.raw, writes: true)
        guard await loop.wait(for: [interest], until: deadline) == .ready else { return false }
      case .end, .failed: return false
      }
    }
    return true
  }

  private func relay(
    _ client: borrowing Descriptor, _ request: ProxyRequest, _ rest: [UInt8], to addresses: [NetworkAddress]
  ) async throws(ProcessError) {
    for address in addresses {
      guard let server = await connect(address, request.port) else { continue }
      var upward = Flow(pending: (request.head ?? []) + rest)
      var downward = Flow(
        pending: request.head == nil ? Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8) : [])
      let greeting = downward.pending.count
      await pump(client, server, &upward, &downward)
      log.write(
        "allowed", request, detail: "\(address) sent=\(upward.total) received=\(downward.total - greeting)")
      return
    }
    log.write("failed", request, detail: "no connection")
    try await answer(client, "502 Bad Gateway", "\(request.host):\(request.port) cannot be reached")
  }

  private func connect(_ address: NetworkAddress, _ port: UInt16) async -> Descriptor? {
    let raw = cposix_connect(address.bytes, address.bytes.count, port)
    guard raw >= 0 else { return nil }
    let server = Descriptor(raw)
    let interest = EventLoop.Interest(descriptor: raw, writes: true)
    let wake = await loop.wait(for: [interest], until: ContinuousClock.now.advanced(by: .seconds(30)))
    guard wake == .ready, cposix_socket_error(raw) == 0 else { return nil }
    return consume server
  }

  /// What goes one way.
  private struct Flow {
    var pending: [UInt8]
    var total = 0
    var hasEnded = false
    var isClosed = false

    init(pending: [UInt8]) { self.pending = pending }

    /// Moves what can be moved without waiting. False when the way is broken.
    mutating func move(from source: borrowing Descriptor, to target: borrowing Descriptor) -> Bool {
      while true {
        while !pending.isEmpty {
          switch target.write(pending[...]) {
          case .bytes(let count):
            pending.removeFirst(count)
            total += count
          case .wouldBlock: return true
          case .end, .failed: return false
          }
        }
        if hasEnded {
          if !isClosed { _ = cposix_end_writing(target.raw) }
          isClosed = true
          return true
        }
        switch source.read(into: &pending, limit: 64 << 10) {
        case .bytes: continue
        case .wouldBlock: return true
        case .end: hasEnded = true
        case .failed: return false
        }
      }
    }

    func interest(_ source: Int32, _ target: Int32) -> [EventLoop.Interest] {
      if !pending.isEmpty { return [EventLoop.Interest(descriptor: target, writes: true)] }
      return hasEnded ? [] : [EventLoop.Interest(descriptor: source)]
    }
  }

  private func pump(
    _ client: borrowing Descriptor, _ server: borrowing Descriptor, _ upward: inout Flow, _ downward: inout Flow
  ) async {
    while !(upward.isClosed && downward.isClosed) {
      guard upward.move(from: client, to: server), downward.move(from: server, to: client) else { return }
      let interests = upward.interest(client.raw, server.raw) + downward.interest(server.raw, client.raw)
      if interests.isEmpty { continue }
      let wake = await loop.wait(for: interests, until: ContinuousClock.now.advanced(by: Self.silence))
      guard wake == .ready else { return }
    }
  }

  /// Asks the system on a thread of its own, because that may take seconds.
  private static func resolve(_ host: String) async -> [NetworkAddress] {
    if let address = NetworkAddress(host) { return [address] }
    return await withCheckedContinuation { continuation in
      let question = Unmanaged.passRetained(Question(host: host, continuation: continuation))
      let code = cposix_start_thread(
        { $0.map { Unmanaged<Question>.fromOpaque($0).takeRetainedValue().answer() } },
        question.toOpaque())
      if code != 0 { question.takeRetainedValue().answer() }
    }
  }

  /// A name that a thread looks up.
  private final class Question: Sendable {
    private let host: String
    private let continuation: CheckedContinuation<[NetworkAddress], Never>

    init(host: String, continuation: CheckedContinuation<[NetworkAddress], Never>) {
      self.host = host
      self.continuation = continuation
    }

    func answer() {
      var found = [cposix_address](repeating: cposix_address(), count: 16)
      let count = cposix_resolve(host, &found, Int32(found.count))
      let addresses = found.prefix(max(0, Int(count))).compactMap { entry in
        withUnsafeBytes(of: entry.bytes) { NetworkAddress(bytes: Array($0.prefix(entry.length))) }
      }
      continuation.resume(returning: addresses)
    }
  }
}

/// The attempt's log of connections: one line each, appended whole.
final class ProxyLog: Sendable {
  private let descriptor: Int32

  init(_ path: String) throws(ProcessError) {
    var file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, mode: 0o600)
    descriptor = file.release()
  }

  deinit { close(descriptor) }

  func write(_ decision: String, _ request: ProxyRequest, detail: String) {
    note("\(decision) \(request.host):\(request.port) \(detail)")
  }

  func note(_ text: String) {
    let now = Timestamp(milliseconds: Int64(time(nil)) * 1000)
    let line = Array("\(now.rfc3339) \(SafeText.line(text, limit: 500))\n".utf8)
    line.withUnsafeBytes { buffer in
      if let base = buffer.baseAddress { _ = cposix_write(descriptor, base, buffer.count) }
    }
  }
}
