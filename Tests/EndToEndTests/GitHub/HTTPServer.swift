import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A tiny HTTP/1.1 server on loopback, one thread for each connection.
final class HTTPServer: Sendable {
  struct Request: Sendable {
    var method: String
    var path: String
    var query: [String: String]
    var rawQuery: String
    /// Names in lower case.
    var headers: [String: String]
    var body: Data
  }

  struct Response: Sendable {
    var status: Int
    var headers: [String: String] = [:]
    var body = Data()
    /// The connection is cut instead of an answer.
    var isLost = false
  }

  let port: UInt16
  private let descriptor: Int32
  private let handler: @Sendable (Request) -> Response

  init(_ handler: @escaping @Sendable (Request) -> Response) throws {
    self.handler = handler
    #if canImport(Glibc)
      let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let listener = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(listener, address, size) == 0 && listen(listener, 64) == 0 && getsockname(listener, address, &size) == 0
      }
    }
    guard bound else { throw Workshop.Failure(text: "the stub cannot listen: \(errno)") }
    descriptor = listener
    port = UInt16(bigEndian: address.sin_port)
    signal(SIGPIPE, SIG_IGN)
    Thread.detachNewThread {
      while true {
        let connection = accept(listener, nil, nil)
        if connection < 0 { return }
        Thread.detachNewThread { Self.serve(connection, handler) }
      }
    }
  }

  func stop() {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }

  private static func serve(_ connection: Int32, _ handler: (Request) -> Response) {
    defer { close(connection) }
    var buffer = Data()
    while let request = next(connection, &buffer) {
      let response = handler(request)
      if response.isLost { return }
      var head = "HTTP/1.1 \(response.status) X\r\n"
      for (name, value) in response.headers { head += "\(name): \(value)\r\n" }
      if response.status != 304 && response.status != 204 { head += "content-length: \(response.body.count)\r\n" }
      let bytes = Data((head + "\r\n").utf8) + response.body
      let isSent = bytes.withUnsafeBytes { all in
        var offset = 0
        while offset < all.count {
          let count = write(connection, all.baseAddress! + offset, all.count - offset)
          if count <= 0 { return false }
          offset += count
        }
        return true
      }
      if !isSent { return }
    }
  }

  private static func next(_ connection: Int32, _ buffer: inout Data) -> Request? {
    let end = Data("\r\n\r\n".utf8)
    while buffer.range(of: end) == nil { guard fill(connection, &buffer) else { return nil } }
    let range = buffer.range(of: end)!
    let lines = String(decoding: buffer[buffer.startIndex..<range.lowerBound], as: UTF8.self)
      .components(separatedBy: "\r\n")
    buffer = Data(buffer[range.upperBound...])
    let words = lines[0].split(separator: " ").map(String.init)
    guard words.count >= 2 else { return nil }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    var body = Data()
    if headers["transfer-encoding"]?.lowercased() == "chunked" {
      while true {
        let lineEnd = Data("\r\n".utf8)
        while buffer.range(of: lineEnd) == nil { guard fill(connection, &buffer) else { return nil } }
        let at = buffer.range(of: lineEnd)!
        let count = Int(String(decoding: buffer[..<at.lowerBound], as: UTF8.self), radix: 16) ?? 0
        buffer = Data(buffer[at.upperBound...])
        while buffer.count < count + 2 { guard fill(connection, &buffer) else { return nil } }
        body += buffer.prefix(count)
        buffer = Data(buffer.dropFirst(count + 2))
        if count == 0 { break }
      }
    } else if let length = headers["content-length"].flatMap({ Int($0) }) {
      while buffer.count < length { guard fill(connection, &buffer) else { return nil } }
      body = buffer.prefix(length)
      buffer = Data(buffer.dropFirst(length))
    }
    let parts = words[1].split(separator: "?", maxSplits: 1).map(String.init)
    var query: [String: String] = [:]
    for pair in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1).map { String($0).removingPercentEncoding ?? "" }
      query[sides[0]] = sides.count > 1 ? sides[1] : ""
    }
    return Request(
      method: words[0], path: parts[0].removingPercentEncoding ?? parts[0], query: query,
      rawQuery: parts.count > 1 ? parts[1] : "", headers: headers, body: Data(body))
  }

  private static func fill(_ connection: Int32, _ buffer: inout Data) -> Bool {
    var part = [UInt8](repeating: 0, count: 65_536)
    let count = read(connection, &part, part.count)
    guard count > 0 else { return false }
    buffer += part[..<count]
    return true
  }
}
