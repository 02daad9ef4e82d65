import OrchDomain

/// How the lines that one kind of CLI prints are read: rules instead of code, so that an adapter is a table.
struct StreamTable: Sendable {
  /// What makes a run that ended with exit status 0 count as a claim to be done.
  enum Success: Sendable {
    /// The exit status alone: this CLI says nothing else.
    case exit
    /// A fact ``StreamFact/done`` must have been told as well.
    case told
  }

  /// For lines that are JSON objects. Every rule that matches is applied, in this order.
  var rules: [LineRule] = []
  /// For all other lines; nil when the line says nothing but itself.
  var text: @Sendable (_ line: String) -> [StreamFact]? = { _ in nil }
  var success = Success.exit
  /// What the totals of ``StreamFact/usage(_:adds:)`` cover.
  var usageScope = AgentOutcome.Scope.run
  var costScope = AgentOutcome.Scope.run
  /// Exit statuses that name a class by themselves.
  var exits: [Int32: FailureClass] = [:]
  /// Words in errors that only this CLI uses; looked for before those that all have in common.
  var clues: [FailureClue] = []
  /// Words in errors that mean that the session to resume does not exist.
  var lostSession: [String] = []
  /// What stands before the id of the session on standard error.
  var sessionOnStderr: String?
}

/// One thing that a line told.
enum StreamFact: Hashable, Sendable {
  case session(String)
  case model(String)
  case text(String)
  /// A piece of a text that goes on in the next line.
  case piece(String)
  case tool(name: String, input: JSONValue?)
  case toolResult(isError: Bool, text: String)
  case denied(tool: String)
  /// - Parameter adds: Whether this comes on top of what was told before, or replaces it.
  case usage(TokenUsage, adds: Bool)
  case cost(MicroUSD, adds: Bool)
  case note(String)
  /// Something went wrong; the CLI may go on all the same.
  case trouble(String)
  /// The run has failed.
  case failed(String)
  /// The run has ended well, says the CLI.
  case done
}

/// Reads one kind of JSON line: when all conditions hold, facts are taken from the places that are named.
struct LineRule: Sendable {
  /// By path, the text that must stand there; `nil` for "anything but null".
  let conditions: [String: String?]
  /// An array whose elements are read one by one; nil for the line itself.
  let each: String?
  /// Conditions on the element.
  let elements: [String: String?]
  let read: @Sendable (JSONValue) -> [StreamFact]

  init(
    _ conditions: [String: String?], each: String? = nil, where elements: [String: String?] = [:],
    _ read: @escaping @Sendable (JSONValue) -> [StreamFact]
  ) {
    self.conditions = conditions
    self.each = each
    self.elements = elements
    self.read = read
  }

  func facts(in line: JSONValue) -> [StreamFact] {
    guard line.holds(conditions) else { return [] }
    guard let each else { return read(line) }
    return (line.at(each)?.array ?? []).filter { $0.holds(elements) }.flatMap(read)
  }
}

/// Where a CLI tells its tokens; an empty path names none.
struct TokenPlaces: Sendable {
  var input: String
  var cacheWrite = ""
  var cacheRead = ""
  /// Added up: some vendors count reasoning apart.
  var output: [String]
  /// Whether the input counts the tokens of the cache as well.
  var inputHoldsCache = false

  func usage(in value: JSONValue) -> TokenUsage? {
    func count(_ path: String) -> Int { max(0, path.isEmpty ? 0 : value.at(path)?.int ?? 0) }
    guard value.at(input)?.int != nil || output.contains(where: { value.at($0)?.int != nil }) else { return nil }
    let (write, read) = (count(cacheWrite), count(cacheRead))
    let told = count(input)
    return TokenUsage(
      input: inputHoldsCache ? max(0, told - write - read) : told, cacheWrite: write, cacheRead: read,
      output: output.map(count).reduce(0, +))
  }
}

extension JSONValue {
  /// The value at a dotted path.
  func at(_ path: String) -> JSONValue? {
    path.split(separator: ".").reduce(Optional(self)) { value, key in value?[String(key)] }
  }

  /// The text at a dotted path; "" when there is none. Parts of a message are put together.
  func text(at path: String) -> String {
    guard let value = at(path) else { return "" }
    if let text = value.string { return text }
    return (value.array ?? []).compactMap { $0.string ?? $0["text"]?.string }.joined(separator: "\n")
  }

  func holds(_ conditions: [String: String?]) -> Bool {
    conditions.allSatisfy { path, wanted in
      let found = at(path)
      guard let wanted else { return found != nil && found != .null }
      return found?.string == wanted
    }
  }
}
