import OrchDomain
import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// One request to a server.
package struct HTTPCall: Hashable, Sendable {
  package var method: String
  package var url: String
  package var headers: [String: String]
  package var body: [UInt8]?
  /// Longest time until the whole answer is there.
  package var timeout: Duration
  /// Bytes of the answer that are kept; the last ones when `keepsEnd`, else a longer answer is an error.
  package var limit: Int
  package var keepsEnd: Bool

  package init(
    method: String, url: String, headers: [String: String] = [:], body: [UInt8]? = nil,
    timeout: Duration = .seconds(30), limit: Int = 16 << 20, keepsEnd: Bool = false
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.limit = limit
    self.keepsEnd = keepsEnd
  }
}

/// What a server answered.
package struct HTTPAnswer: Hashable, Sendable {
  package var status: Int
  /// Names in lower case.
  package var headers: [String: String]
  package var body: [UInt8]

  package init(status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  package var text: String { String(decoding: body, as: UTF8.self) }
}

/// Why no whole answer came. No case holds a header or an address.
package enum HTTPFailure: Error, Hashable, Sendable {
  /// For a request that changes something it is unknown whether it was carried out.
  case unreachable(String)
  /// The answer has more bytes than the caller wants.
  case tooLong(limit: Int)
}

extension HTTPFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreachable(let text): text
    case .tooLong(let limit): "it is longer than \(limit) bytes"
    }
  }
}

/// How requests reach a server; tests hand in their own.
package struct HTTPTransport: Sendable {
  package var send: @Sendable (HTTPCall) async throws(HTTPFailure) -> HTTPAnswer

  package init(send: @escaping @Sendable (HTTPCall) async throws(HTTPFailure) -> HTTPAnswer) { self.send = send }

  /// The network.
  package static let live = HTTPTransport { call throws(HTTPFailure) in
    var request = HTTPClientRequest(url: call.url)
    request.method = HTTPMethod(rawValue: call.method)
    for (name, value) in call.headers { request.headers.replaceOrAdd(name: name, value: value) }
    if let body = call.body { request.body = .bytes(ByteBuffer(bytes: body)) }
    do {
      // A redirect to another host loses the authorization: that is how logs are fetched from their store.
      let response = try await HTTPClient.shared.execute(
        request, timeout: .nanoseconds(Int64(call.timeout / .nanoseconds(1))))
      var answer = HTTPAnswer(status: Int(response.status.code))
      for (name, value) in response.headers { answer.headers[name.lowercased()] = value }
      for try await chunk in response.body {
        answer.body.append(contentsOf: chunk.readableBytesView)
        guard answer.body.count > call.limit else { continue }
        guard call.keepsEnd else { throw HTTPFailure.tooLong(limit: call.limit) }
        if answer.body.count > 2 * call.limit { answer.body.removeFirst(answer.body.count - call.limit) }
      }
      if call.keepsEnd { answer.body = Array(answer.body.suffix(call.limit)) }
      return answer
    } catch let error as HTTPFailure {
      throw error
    } catch {
      // Errors of the client name hosts and reasons, never headers.
      throw HTTPFailure.unreachable(SafeText.line("\(error)", limit: 200))
    }
  }
}
