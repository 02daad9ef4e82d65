package import OrchDomain

/// One request, after everything that the server checks by itself.
package struct HTTPCall: Sendable {
  /// By the names in the route's path.
  package var parameters: [String: String]
  /// Decoded, in the order of the request.
  package var query: [(name: String, value: String)]
  package var body: [UInt8]
  /// The `Last-Event-ID` of a reader that comes back.
  package var lastEventID: String?
  /// The addresses that the server answers to, such as `http://127.0.0.1:8080`.
  package var origin: String

  package init(
    parameters: [String: String] = [:], query: [(name: String, value: String)] = [], body: [UInt8] = [],
    lastEventID: String? = nil, origin: String = ""
  ) {
    self.parameters = parameters
    self.query = query
    self.body = body
    self.lastEventID = lastEventID
    self.origin = origin
  }

  /// The value of a parameter of the query, the last one when it is given twice.
  package func value(_ name: String) -> String? { query.last { $0.name == name }?.value }

  /// A part of the path; the router has made sure that it is there.
  package func part(_ name: String) -> String { parameters[name] ?? "" }
}

/// What a request is answered with.
package enum HTTPReply: Sendable {
  case json(JSONValue, status: Int = 200)
  case text(String, type: String)
  case bytes([UInt8], type: String, status: Int = 200, headers: [(String, String)] = [])
  /// To a page of ours, with a cookie for the session that begins.
  case redirect(to: String, cookie: String)
  case events(EventSubscription)
  /// Text that goes on until `next` returns nil.
  case stream(type: String, next: @Sendable () async throws -> [UInt8]?)
}

/// Why a request is refused or cannot be answered.
package struct HTTPProblem: Error, Hashable, Sendable {
  package var status: Int
  /// Stable, for programs: `task_unknown`.
  package var code: String
  /// For people: what happened and what to do.
  package var message: String
  /// Seconds after which to try again.
  package var retryAfter: Int?

  package init(_ status: Int, _ code: String, _ message: String, retryAfter: Int? = nil) {
    self.status = status
    self.code = code
    self.message = message
    self.retryAfter = retryAfter
  }

  /// The one form of every error.
  package func json(requestID: String) -> JSONValue {
    .object([
      .init(
        "error",
        .object([
          .init("code", .string(code)), .init("message", .string(message)), .init("status", JSONValue(status)),
          .init("request_id", .string(requestID)),
        ]))
    ])
  }
}
