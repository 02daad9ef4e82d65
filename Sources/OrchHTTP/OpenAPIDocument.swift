package import OrchDomain

/// The description of the interface, made of the routes themselves (OpenAPI 3.1).
package enum OpenAPIDocument {
  package static func json(_ routes: [HTTPRoute], title: String, version: String) -> JSONValue {
    var paths: [JSONValue.Member] = []
    for route in routes {
      let operation = JSONValue.Member(route.method.rawValue.lowercased(), operation(route))
      if let index = paths.firstIndex(where: { $0.key == route.path }) {
        guard case .object(let known) = paths[index].value else { continue }
        paths[index].value = .object(known + [operation])
      } else {
        paths.append(.init(route.path, .object([operation])))
      }
    }
    return .object([
      .init("openapi", "3.1.0"),
      .init("info", .object([.init("title", .string(title)), .init("version", .string(version))])),
      .init("security", [["token": []], ["session": []]]),
      .init("paths", .object(paths)),
      .init(
        "components",
        .object([
          .init(
            "securitySchemes",
            [
              "token": ["type": "http", "scheme": "bearer"],
              "session": ["type": "apiKey", "in": "cookie", "name": .string(BrowserSessions.cookieName)],
            ]),
          .init("schemas", .object([.init("Error", errorSchema)])),
        ])),
    ])
  }

  private static func operation(_ route: HTTPRoute) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("operationId", .string(route.name)), .init("summary", .string(route.summary)),
    ]
    if route.isOpen { members.append(.init("security", [])) }
    let parameters =
      route.pathParameters.map { name in
        JSONValue.object([
          .init("name", .string(name)), .init("in", "path"), .init("required", true),
          .init("schema", ["type": "string", "minLength": 1]),
        ])
      }
      + route.query.map { parameter in
        .object([
          .init("name", .string(parameter.name)), .init("in", "query"), .init("required", false),
          .init("description", .string(parameter.text)), .init("schema", parameter.schema),
        ])
      }
    if !parameters.isEmpty { members.append(.init("parameters", .array(parameters))) }
    if let body = route.body {
      members.append(
        .init(
          "requestBody",
          .object([
            .init("required", true), .init("content", .object([.init(route.bodyType, ["schema": body])])),
          ])))
    }
    members.append(.init("responses", .object(responses(route))))
    return .object(members)
  }

  private static func responses(_ route: HTTPRoute) -> [JSONValue.Member] {
    let content: JSONValue.Member =
      if let answer = route.answer {
        .init("content", .object([.init(route.type, .object([.init("schema", answer)]))]))
      } else if route.status == 303 {
        .init("headers", ["Location": ["schema": ["type": "string"]]])
      } else {
        .init("content", .object([.init(route.type, .object([.init("schema", ["type": "string"])]))]))
      }
    let error: JSONValue = [
      "description": "What went wrong, in the one form of every error",
      "content": ["application/json": ["schema": ["$ref": "#/components/schemas/Error"]]],
    ]
    return [
      .init(String(route.status), .object([.init("description", .string(route.summary)), content])),
      .init("default", error),
    ]
  }

  private static let errorSchema: JSONValue = [
    "type": "object", "required": ["error"],
    "properties": [
      "error": [
        "type": "object", "required": ["code", "message", "status", "request_id"],
        "properties": [
          "code": ["type": "string"], "message": ["type": "string"], "status": ["type": "integer"],
          "request_id": ["type": "string"],
        ],
      ]
    ],
  ]
}
