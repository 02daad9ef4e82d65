package import OrchDomain

/// One operation of the interface, with everything that its description tells.
package struct HTTPRoute: Sendable {
  package enum Method: String, Hashable, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"

    /// Whether a page of another site could do harm with it.
    var changes: Bool { self != .get }
  }

  /// A parameter of the query.
  package struct Parameter: Sendable {
    package var name: String
    package var schema: JSONValue
    package var text: String

    package init(_ name: String, _ schema: JSONValue, _ text: String) {
      self.name = name
      self.schema = schema
      self.text = text
    }
  }

  package var method: Method
  /// `/api/v1/projects/{project}/tasks`
  package var path: String
  package var name: String
  package var summary: String
  package var query: [Parameter] = []
  /// Of the request's body; nil when it takes none.
  package var body: JSONValue?
  /// How the body is written: JSON, or as forms of pages write it.
  package var bodyType = "application/json"
  /// Of the answer; nil when it is no JSON.
  package var answer: JSONValue?
  package var status = 200
  package var type = "application/json"
  /// Whether it is answered without a token: only where a key in the address is one.
  package var isOpen = false
  package var handler: @Sendable (HTTPCall) async throws -> HTTPReply

  package init(
    _ method: Method, _ path: String, _ name: String, _ summary: String, query: [Parameter] = [],
    body: JSONValue? = nil, answer: JSONValue? = nil, status: Int = 200, type: String = "application/json",
    isOpen: Bool = false, handler: @escaping @Sendable (HTTPCall) async throws -> HTTPReply
  ) {
    self.method = method
    self.path = path
    self.name = name
    self.summary = summary
    self.query = query
    self.body = body
    self.answer = answer
    self.status = status
    self.type = type
    self.isOpen = isOpen
    self.handler = handler
  }

  /// The names in its path.
  package var pathParameters: [String] {
    path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
  }
}

/// Finds the route of a request.
package struct HTTPRouter: Sendable {
  package enum Match: Sendable {
    case found(HTTPRoute, [String: String])
    /// - Parameter allowed: The methods that the path has.
    case otherMethods([HTTPRoute.Method])
    case nothing
  }

  package let routes: [HTTPRoute]

  package init(_ routes: [HTTPRoute]) { self.routes = routes }

  /// - Parameter path: As it is in the request, with its percent signs.
  package func match(_ method: String, _ path: String) -> Match {
    guard let parts = PercentCoding.parts(path) else { return .nothing }
    var others: [HTTPRoute.Method] = []
    for route in routes {
      guard let parameters = Self.parameters(route.path, parts) else { continue }
      // What is asked with HEAD is answered as with GET, without the body.
      if route.method.rawValue == method || (method == "HEAD" && route.method == .get) {
        return .found(route, parameters)
      }
      others.append(route.method)
    }
    return others.isEmpty ? .nothing : .otherMethods(others)
  }

  private static func parameters(_ template: String, _ parts: [String]) -> [String: String]? {
    let wanted = template.split(separator: "/")
    guard wanted.count == parts.count else { return nil }
    var parameters: [String: String] = [:]
    for (name, part) in zip(wanted, parts) {
      if name.hasPrefix("{") {
        guard !part.isEmpty else { return nil }
        parameters[String(name.dropFirst().dropLast())] = part
      } else if name != part {
        return nil
      }
    }
    return parameters
  }
}

/// Percent coding of URLs (RFC 3986, section 2.1).
package enum PercentCoding {
  /// The parts of a path between slashes; nil for a path that is not well formed. An encoded slash stays in its part.
  static func parts(_ path: String) -> [String]? {
    guard path.hasPrefix("/") else { return nil }
    var parts: [String] = []
    for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      guard let decoded = decode(part) else { return nil }
      parts.append(decoded)
    }
    return parts == [""] ? [] : parts
  }

  /// The pairs of a query; nil when it is not well formed.
  package static func query(_ text: String) -> [(name: String, value: String)]? {
    var pairs: [(String, String)] = []
    for pair in text.split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = decode(sides[0], plusIsSpace: true),
        let value = decode(sides.count > 1 ? sides[1] : "", plusIsSpace: true)
      else { return nil }
      pairs.append((name, value))
    }
    return pairs
  }

  /// - Returns: nil for a bad escape, for what is not UTF-8, and for a zero byte, which nothing of ours may hold.
  static func decode(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "%"):
        guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
          return nil
        }
        rest = rest.dropFirst(2)
        bytes.append(value)
      case UInt8(ascii: "+") where plusIsSpace: bytes.append(0x20)
      default: bytes.append(byte)
      }
    }
    guard !bytes.contains(0) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }
}
