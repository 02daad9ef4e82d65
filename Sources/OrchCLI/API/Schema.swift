import OrchDomain

/// The forms of what the interface takes and gives (JSON Schema, as OpenAPI 3.1 has it).
enum Schema {
  static let text: JSONValue = ["type": "string"]
  static let integer: JSONValue = ["type": "integer"]
  static let number: JSONValue = ["type": "number"]
  static let flag: JSONValue = ["type": "boolean"]
  static let time: JSONValue = ["type": "string", "format": "date-time"]
  static let anything: JSONValue = ["type": "object"]
  static let count: JSONValue = ["type": "integer", "minimum": 1, "maximum": 1_000_000]

  static func maybe(_ type: String) -> JSONValue { ["type": [.string(type), "null"]] }
  static func list(_ of: JSONValue) -> JSONValue { ["type": "array", "items": of] }
  static func one(of values: [String]) -> JSONValue { ["type": "string", "enum": JSONValue(values)] }

  /// An object with these members; more may be there.
  static func object(_ members: [(String, JSONValue)], optional: Set<String> = []) -> JSONValue {
    .object([
      .init("type", "object"), .init("required", JSONValue(members.map(\.0).filter { !optional.contains($0) })),
      .init("properties", .object(members.map { .init($0.0, $0.1) })),
    ])
  }

  /// What a client sends: nothing but these members.
  static func input(_ members: [(String, JSONValue)], required: [String] = []) -> JSONValue {
    .object([
      .init("type", "object"), .init("additionalProperties", false), .init("required", JSONValue(required)),
      .init("properties", .object(members.map { .init($0.0, $0.1) })),
    ])
  }

  static let task = object([
    ("id", text), ("module", text), ("prefix", text), ("number", integer), ("title", text),
    ("status", one(of: TaskStatus.allCases.map(\.rawValue))), ("state", one(of: TaskState.allCases.map(\.rawValue))),
    ("priority", one(of: TaskPriority.allCases.map(\.rawValue))), ("needs_review", flag), ("path", text),
    ("depends_on", list(object([("id", text), ("kind", text)]))), ("attempts", integer),
    ("change", maybe("object")),
  ])
  static let details = object([
    ("id", text), ("title", text), ("status", text), ("state", text), ("reason", maybe("string")),
    ("attempts", list(anything)), ("changes", list(anything)), ("events", list(anything)),
    ("obstacles", list(anything)), ("ready", flag), ("depends_on", list(anything)), ("needed_by", list(text)),
  ])
  static let change = object([
    ("task", text), ("number", integer), ("forge", text), ("url", maybe("string")), ("branch", text), ("head", text),
    ("base", text), ("verdict", maybe("object")), ("state", text), ("title", text),
  ])
  static let live = list(object([("id", text), ("state", text), ("reason", maybe("string")), ("since", time)]))
  static let status = object([
    ("total", integer), ("not_started", integer), ("in_progress", integer), ("complete", integer),
    ("states", anything), ("paused", flag), ("running", live), ("parked", live), ("needs_you", live),
  ])
  static let request = object([
    ("kind", text), ("task", maybe("string")), ("outcome", one(of: ["done", "refused", "pending"])),
    ("reason", maybe("string")), ("state", maybe("string")), ("paused", flag), ("holder", maybe("string")),
  ])
  static let run = object([
    ("number", integer), ("asked_by", text), ("created_at", time), ("started", list(text)),
    ("ended_at", maybe("string")), ("exit_status", maybe("integer")), ("summary", maybe("object")),
    ("tasks", ["type": ["array", "null"]]),
  ])
  static let message = object([
    ("number", integer), ("task", text), ("from", text), ("text", text), ("sent_at", time),
    ("delivered_at", maybe("string")), ("attempt", maybe("integer")), ("turn", maybe("integer")),
  ])
  static let project = object([
    ("id", text), ("root", text), ("name", text), ("phase", text), ("problem", maybe("string")),
    ("holder", maybe("string")), ("paused", flag),
  ])
}
