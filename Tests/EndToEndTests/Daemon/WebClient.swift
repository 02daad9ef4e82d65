import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Asks a server of this machine over a plain socket: what the server gets is what is written here, byte for byte.
struct WebClient: Sendable {
  struct Answer: Sendable, CustomStringConvertible {
    var status: Int
    var head: String
    var body: String
    var description: String { "\(head)\n\n\(body.prefix(2000))" }
    var json: JSON { get throws { try JSON(body) } }

    /// The value of a header, without regard to case.
    func header(_ name: String) -> String? {
      for line in head.split(separator: "\r\n").dropFirst() {
        let sides = line.split(separator: ":", maxSplits: 1)
        if sides[0].lowercased() == name.lowercased() { return sides[1].trimmingCharacters(in: .whitespaces) }
      }
      return nil
    }
  }

  let port: Int
  let token: String

  /// - Parameters:
  ///   - token: nil sends none.
  ///   - more: Headers; one of them replaces that of the same name.
  func ask(
    _ method: String, _ path: String, body: String? = nil, type: String = "application/json", token: String?,
    host: String? = nil,
    more: [String] = []
  ) throws -> Answer {
    var lines = ["\(method) \(path) HTTP/1.1", "Host: \(host ?? "127.0.0.1:\(port)")", "Connection: close"]
    if let token { lines.append("Authorization: Bearer \(token)") }
    if let body { lines += ["Content-Type: \(type)", "Content-Length: \(body.utf8.count)"] }
    lines += more
    let bytes = try Socket(port).exchange(lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""))
    return try Self.answer(bytes)
  }

  func get(_ path: String) throws -> Answer { try ask("GET", path, token: token) }
  func post(_ path: String, _ body: String? = nil) throws -> Answer { try ask("POST", path, body: body, token: token) }

  /// Reads events until `enough` says so.
  func events(_ path: String, more: [String] = [], until enough: ([Event]) -> Bool) throws -> [Event] {
    let socket = try Socket(port)
    let lines = ["GET \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Authorization: Bearer \(token)"] + more
    try socket.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
    var text = ""
    var found: [Event] = []
    while !enough(found), let part = socket.receive() {
      text += String(decoding: part, as: UTF8.self)
      // The sizes of chunks stand between the lines; only lines of data are of interest.
      found = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().compactMap { line in
        guard line.hasPrefix("data: {\"type\"") else { return nil }
        return try? Event(String(line.dropFirst(6)))
      }
    }
    return found
  }

  private static func answer(_ bytes: [UInt8]) throws -> Answer {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.range(of: "\r\n\r\n") else { throw Workshop.Failure(text: "no answer: \(text.prefix(200))") }
    let head = String(text[..<end.lowerBound])
    let status = Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0
    return Answer(status: status, head: head, body: String(text[end.upperBound...]))
  }
}

/// A connection to a port of this machine. Waits of more than a minute end it.
final class Socket: Sendable {
  private let descriptor: Int32

  init(_ port: Int) throws {
    #if canImport(Glibc)
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    var limit = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw Workshop.Failure(text: "nobody listens at \(port)") }
  }

  deinit { close(descriptor) }

  func send(_ text: String) throws {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      #if canImport(Glibc)
        let count = rest.withUnsafeBytes {
          Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
      #else
        let count = rest.withUnsafeBytes { Darwin.send(descriptor, $0.baseAddress, $0.count, 0) }
      #endif
      guard count > 0 else { throw Workshop.Failure(text: "the server does not read on") }
      rest = rest.dropFirst(count)
    }
  }

  /// What has come; nil at the end, or when nothing comes.
  func receive() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return count > 0 ? Array(buffer[..<count]) : nil
  }

  func exchange(_ text: String) throws -> [UInt8] {
    try send(text)
    var all: [UInt8] = []
    while let part = receive() { all += part }
    return all
  }
}
