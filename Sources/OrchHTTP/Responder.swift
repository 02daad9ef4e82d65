import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import OrchDomain

/// What the server knows of one request beside the request.
struct CallContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel
  let peer: String

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
    peer = source.channel.remoteAddress?.ipAddress ?? "local"
  }
}

/// Answers one request after another: door, limits, route, handler. Every refusal has the same form.
struct Responder: HTTPResponder {
  let settings: HTTPServerSettings
  let router: HTTPRouter
  let door: Door
  let now: @Sendable () -> Timestamp
  let makeID: @Sendable () -> String
  let describe: @Sendable (any Error) -> HTTPProblem
  private let limit: RateLimit
  /// Whoever guesses tokens is slowed down much more.
  private let guesses = RateLimit(perSecond: 5, burst: 50)
  private let clock = ContinuousClock()
  private let began: ContinuousClock.Instant

  init(
    settings: HTTPServerSettings, router: HTTPRouter, door: Door, now: @escaping @Sendable () -> Timestamp,
    makeID: @escaping @Sendable () -> String, describe: @escaping @Sendable (any Error) -> HTTPProblem
  ) {
    self.settings = settings
    self.router = router
    self.door = door
    self.now = now
    self.makeID = makeID
    self.describe = describe
    limit = RateLimit(perSecond: Double(settings.rate), burst: Double(settings.rate * 5))
    began = clock.now
  }

  func respond(to request: Request, context: CallContext) async throws -> Response {
    let id = makeID()
    let response: Response
    do {
      response = try await answer(request, context, id)
    } catch let problem as HTTPProblem {
      response = refuse(problem, id)
    } catch {
      response = refuse(describe(error), id)
    }
    // A body would be taken for the beginning of the next answer.
    return request.method == .head ? response.createHeadResponse() : response
  }

  private func answer(_ request: Request, _ context: CallContext, _ id: String) async throws -> Response {
    let uri = request.head.path ?? "/"
    let parts = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let match = router.match(request.method.rawValue, String(parts.first ?? "/"))
    try await admit(request, context, isOpen: Self.isOpen(match))
    guard let query = PercentCoding.query(parts.count > 1 ? String(parts[1]) : "") else {
      throw HTTPProblem(400, "query_malformed", "the query is not well formed; write it percent-encoded in UTF-8")
    }
    switch match {
    case .nothing: throw HTTPProblem(404, "route_unknown", "there is nothing here; GET /api/v1/openapi.json lists all")
    case .otherMethods(let allowed):
      var response = refuse(
        HTTPProblem(405, "method_not_allowed", "use \(allowed.map(\.rawValue).joined(separator: " or "))"), id)
      response.headers[.allow] = allowed.map(\.rawValue).joined(separator: ", ")
      return response
    case .found(let route, let parameters):
      var call = HTTPCall(parameters: parameters, query: query)
      call.body = try await body(of: request, route)
      call.lastEventID = HTTPField.Name("Last-Event-ID").flatMap { request.headers[$0] }
      call.origin = "\(settings.tls == nil ? "http" : "https")://\(request.head.authority ?? "")"
      return response(try await route.handler(call), context)
    }
  }

  private static func isOpen(_ match: HTTPRouter.Match) -> Bool {
    if case .found(let route, _) = match { route.isOpen } else { false }
  }

  private func admit(_ request: Request, _ context: CallContext, isOpen: Bool) async throws {
    let elapsed = clock.now - began
    guard let access = await door.access else {
      throw HTTPProblem(503, "starting", "the server has only just begun", retryAfter: 1)
    }
    do throws(HTTPProblem) {
      try access.check(
        AccessControl.Request(
          method: request.method.rawValue, host: request.head.authority, origin: request.headers[.origin],
          authorization: request.headers[.authorization], cookie: request.headers[.cookie], peer: context.peer,
          isOpen: isOpen), now: now())
    } catch {
      if let wait = guesses.take(context.peer, now: elapsed) { throw Self.tooMany(wait) }
      throw error
    }
    if isOpen, let wait = guesses.take(context.peer, now: elapsed) { throw Self.tooMany(wait) }
    if let wait = limit.take(context.peer, now: elapsed) { throw Self.tooMany(wait) }
  }

  private static func tooMany(_ wait: Int) -> HTTPProblem {
    HTTPProblem(429, "too_many_requests", "too many requests; try again in \(wait) s", retryAfter: wait)
  }

  private func body(of request: Request, _ route: HTTPRoute) async throws -> [UInt8] {
    let tooLarge = HTTPProblem(413, "body_too_large", "a body may have \(settings.bodyLimit) bytes at most")
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > settings.bodyLimit { throw tooLarge }
    var bytes: [UInt8] = []
    for try await part in request.body {
      guard bytes.count + part.readableBytes <= settings.bodyLimit else { throw tooLarge }
      bytes += part.readableBytesView
    }
    // What a form of another site can send without asking is never taken for JSON.
    if route.body != nil, route.method.changes {
      let type = request.headers[.contentType]?.split(separator: ";").first.map { $0.lowercased() }
      guard type == route.bodyType else {
        let wanted = route.bodyType == "application/json" ? "JSON" : "a form"
        throw HTTPProblem(415, "json_wanted", "send \(wanted), with Content-Type: \(route.bodyType)")
      }
    }
    return bytes
  }

  private func response(_ reply: HTTPReply, _ context: CallContext) -> Response {
    var headers = Self.headers
    switch reply {
    case .json(let value, let status):
      headers[.contentType] = "application/json"
      return Response(
        status: .init(code: status), headers: headers,
        body: ResponseBody(byteBuffer: ByteBuffer(string: value.text() + "\n")))
    case .text(let text, let type):
      headers[.contentType] = type
      return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    case .bytes(let bytes, let type, let status, let more):
      headers[.contentType] = type
      for (name, value) in more {
        if let name = HTTPField.Name(name) { headers[name] = value }
      }
      return Response(
        status: .init(code: status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    case .redirect(let place, let cookie):
      headers[.location] = place
      headers[.setCookie] = cookie
      return Response(status: .seeOther, headers: headers)
    case .events(let subscription):
      headers[.contentType] = "text/event-stream"
      let stream = EventStream(
        subscription: subscription, channel: context.channel, heartbeat: settings.heartbeat)
      return Response(
        status: .ok, headers: headers,
        body: ResponseBody { writer in
          try await stream.write(to: &writer)
          try await writer.finish(nil)
        })
    case .stream(let type, let next):
      headers[.contentType] = type
      return Response(
        status: .ok, headers: headers,
        body: ResponseBody { writer in
          while let bytes = try await next() { try await writer.write(ByteBuffer(bytes: bytes)) }
          try await writer.finish(nil)
        })
    }
  }

  private func refuse(_ problem: HTTPProblem, _ id: String) -> Response {
    var headers = Self.headers
    headers[.contentType] = "application/json"
    if let wait = problem.retryAfter { headers[.retryAfter] = String(wait) }
    if problem.status == 401 { headers[.wwwAuthenticate] = "Bearer" }
    // The rest of a body that nobody reads is not read as the next request.
    if problem.status == 413 { headers[.connection] = "close" }
    return Response(
      status: .init(code: problem.status), headers: headers,
      body: ResponseBody(byteBuffer: ByteBuffer(string: problem.json(requestID: id).text() + "\n")))
  }

  /// Nothing is kept by caches, guessed, framed, or told to other sites.
  private static let headers: HTTPFields = {
    var headers = HTTPFields()
    headers[.cacheControl] = "no-store"
    headers[.xContentTypeOptions] = "nosniff"
    for (name, value) in [
      ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "DENY"),
      ("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'"),
    ] {
      if let name = HTTPField.Name(name) { headers[name] = value }
    }
    return headers
  }()
}
