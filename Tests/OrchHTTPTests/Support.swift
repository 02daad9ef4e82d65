import Foundation
import OrchDomain
import Synchronization
import Testing

@testable import OrchHTTP

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A log in memory. While it flows, it grows each time that somebody looks whether it has.
final class FakeLog: Sendable {
  private struct State {
    var frames: [EventFrame] = []
    var isNew = false
    var flow = 0
  }

  private let state = Mutex(State())
  private let size: Int

  /// - Parameter size: Bytes of the data of each event.
  init(size: Int = 10) { self.size = size }

  var last: Int64 { state.withLock { Int64($0.frames.count) } }

  func publish(_ count: Int, type: String = "task.state", task: String? = nil) {
    state.withLock { state in add(count, type, task, to: &state) }
  }

  /// - Parameter count: Events for each look.
  func setFlow(_ count: Int) { state.withLock { $0.flow = count } }

  private func add(_ count: Int, _ type: String, _ task: String?, to state: inout State) {
    for _ in 0..<count {
      state.frames.append(
        EventFrame(
          seq: Int64(state.frames.count + 1), type: type, project: "p", task: task,
          data: String(repeating: "x", count: size)))
    }
    state.isNew = true
  }

  func broadcast(_ limits: EventRing.Limits = EventRing.Limits()) -> EventBroadcast {
    EventBroadcast(
      read: { after, limit in self.state.withLock { Array($0.frames.dropFirst(Int(after)).prefix(limit)) } },
      head: { self.last },
      hasNews: {
        self.state.withLock { state in
          if state.flow > 0 { self.add(state.flow, "task.state", nil, to: &state) }
          defer { state.isNew = false }
          return state.isNew
        }
      }, limits: limits)
  }
}

/// A server of this process on a free port, with events and a route that takes a body.
final class House: Sendable {
  static let token = "secret"
  let broadcast: EventBroadcast
  let port: Int
  private let tasks: [Task<Void, Never>]

  private init(_ broadcast: EventBroadcast, _ port: Int, _ tasks: [Task<Void, Never>]) {
    self.broadcast = broadcast
    self.port = port
    self.tasks = tasks
  }

  deinit { for task in tasks { task.cancel() } }

  static func open(
    _ broadcast: EventBroadcast, rate: Int = 100_000, heartbeat: Duration = .seconds(15), bodyLimit: Int = 1 << 20
  ) async throws -> House {
    var settings = HTTPServerSettings(host: "127.0.0.1", port: 0, token: token, rate: rate)
    settings.heartbeat = heartbeat
    settings.bodyLimit = bodyLimit
    let now: @Sendable () -> Timestamp = { Timestamp(milliseconds: 1_780_000_000_000) }
    let server = HTTPServer(
      settings, routes: routes(broadcast), sessions: BrowserSessions(token: token) { "s" }, now: now, makeID: { "id" }
    ) { HTTPProblem(500, "internal", "\($0)") }
    let (ports, found) = AsyncStream.makeStream(of: Int.self)
    let serving = Task {
      do { try await server.run { found.yield($0) } } catch { print("the server ended: \(error)") }
      found.finish()
    }
    let reading = Task { await broadcast.run() }
    var iterator = ports.makeAsyncIterator()
    let port = try #require(await iterator.next())
    return House(broadcast, port, [serving, reading])
  }

  private static func routes(_ broadcast: EventBroadcast) -> [HTTPRoute] {
    [
      HTTPRoute(.get, "/events", "events", "Events", type: "text/event-stream") { call in
        var subscription = EventSubscription(
          broadcast: broadcast, after: (call.lastEventID ?? call.value("after")).flatMap { Int64($0) })
        subscription.filter.types = call.value("type").map { [$0] } ?? []
        subscription.filter.isNamed = call.value("named") == "true"
        return .events(subscription)
      },
      HTTPRoute(.post, "/body", "body", "Counts the bytes of a body", body: ["type": "object"]) { call in
        .json(.object([.init("bytes", JSONValue(call.body.count))]))
      },
    ]
  }

  /// Sends a request and leaves the answer to be read.
  func ask(_ line: String, _ headers: [String] = [], body: String = "", buffer: Int32? = nil) throws -> Wire {
    let wire = try Wire(port, buffer: buffer)
    let head = ["\(line) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Authorization: Bearer \(Self.token)"] + headers
    try wire.send(head.joined(separator: "\r\n") + "\r\n\r\n" + body)
    return wire
  }
}

/// A connection that reads only when it is told to.
final class Wire: Sendable {
  private let descriptor: Int32
  private let text = Mutex("")

  /// - Parameter buffer: Bytes that the system may hold for us.
  init(_ port: Int, buffer: Int32?) throws {
    #if canImport(Glibc)
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    #else
      descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    if var buffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer, socklen_t(MemoryLayout<Int32>.size)) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(result == 0, "nobody listens")
  }

  deinit { close(descriptor) }

  /// Lets the system hold as much as it likes from now on.
  func widen() {
    var buffer: Int32 = 4 << 20
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer, socklen_t(MemoryLayout<Int32>.size))
  }

  func send(_ text: String) throws {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      try #require(count > 0, "the server does not read on")
      rest = rest.dropFirst(count)
    }
  }

  /// Reads until there is enough, the other end has closed, or nothing comes in two minutes of looking. It never blocks
  /// a thread: the server runs on the same few. Looks are counted, not minutes, because tests of other suites may keep
  /// both from running for as long.
  ///
  /// - Returns: Everything that has come since the beginning.
  @discardableResult
  func read(until isEnough: (String) -> Bool = { _ in false }) async throws -> String {
    var all = Array(text.withLock { $0 }.utf8)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var emptyLooks = 0
    while emptyLooks < 24_000 {
      let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      if count > 0 {
        all += buffer[..<count]
        emptyLooks = 0
        continue
      }
      // Looked at only when there is no more for now: the text may be long.
      if isEnough(String(decoding: all, as: UTF8.self)) { break }
      guard count < 0, errno == EAGAIN else { break }
      emptyLooks += 1
      try await Task.sleep(for: .milliseconds(5))
    }
    let found = String(decoding: all, as: UTF8.self)
    text.withLock { $0 = found }
    return found
  }

  /// The numbers of the events in `text` that have come whole.
  static func numbers(_ text: String) -> [Int64] {
    // Between events stand the sizes of chunks, on lines that end in another way.
    text.replacing("\r\n", with: "\n").components(separatedBy: "\n\n").dropLast().flatMap { block in
      block.split(separator: "\n").compactMap { $0.hasPrefix("id: ") ? Int64($0.dropFirst(4)) : nil }
    }
  }
}

/// Waiting for something that happens in its own time, for two minutes of looking.
enum Eventually {
  static func holds(_ what: String, _ condition: () async throws -> Bool) async throws {
    var looks = 0
    while try await !condition() {
      looks += 1
      try #require(looks < 6000, "it never came to this: \(what)")
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}
