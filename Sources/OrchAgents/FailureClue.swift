import OrchDomain

/// Words in an error message that tell what kind of trouble it is.
struct FailureClue: Hashable, Sendable {
  /// In lower case; all must occur.
  let words: [String]
  let failure: FailureClass

  init(_ words: String..., failure: FailureClass) {
    self.words = words
    self.failure = failure
  }

  /// What the vendors of models say, most telling first: billing is told with the status of a rate limit, and a limit
  /// with the words of an overload.
  static let common: [FailureClue] = [
    .init("insufficient_quota", failure: .billing), .init("exceeded your current quota", failure: .billing),
    .init("credit balance", failure: .billing), .init("insufficient balance", failure: .billing),
    .init("payment required", failure: .billing), .init("billing", failure: .billing),
    .init("usage limit", failure: .rateLimit), .init("rate limit", failure: .rateLimit),
    .init("rate_limit", failure: .rateLimit), .init("ratelimit", failure: .rateLimit),
    .init("too many requests", failure: .rateLimit), .init("resource_exhausted", failure: .rateLimit),
    .init("resource has been exhausted", failure: .rateLimit), .init("quota", failure: .rateLimit),
    .init("unauthorized", failure: .auth), .init("invalid api key", failure: .auth),
    .init("incorrect api key", failure: .auth), .init("invalid_api_key", failure: .auth),
    .init("api key", "missing", failure: .auth), .init("api key", "not set", failure: .auth),
    .init("authentication", failure: .auth), .init("not logged in", failure: .auth), .init("log in", failure: .auth),
    .init("login required", failure: .auth), .init("permission_error", failure: .auth),
    .init("overloaded", failure: .overloaded), .init("service unavailable", failure: .overloaded),
    .init("internal server error", failure: .overloaded), .init("bad gateway", failure: .overloaded),
    .init("gateway timeout", failure: .overloaded), .init("server_error", failure: .overloaded),
    .init("connection refused", failure: .overloaded), .init("connection error", failure: .overloaded),
    .init("connection reset", failure: .overloaded), .init("econnrefused", failure: .overloaded),
    .init("econnreset", failure: .overloaded), .init("apiconnectionerror", failure: .overloaded),
    .init("stream disconnected", failure: .overloaded), .init("stream error", failure: .overloaded),
    .init("request timed out", failure: .overloaded), .init("error sending request", failure: .overloaded),
    .init("model", "not found", failure: .environment), .init("model", "does not exist", failure: .environment),
    .init("unexpected argument", failure: .environment), .init("unknown option", failure: .environment),
    .init("unrecognized arguments", failure: .environment), .init("unknown argument", failure: .environment),
    .init("no such option", failure: .environment), .init("no such file or directory", failure: .environment),
    .init("no space left", failure: .environment), .init("command not found", failure: .environment),
    .init("permission denied", failure: .permission), .init("auto-rejecting", failure: .permission),
    .init("maximum session turns", failure: .budget), .init("max turns", failure: .budget),
    .init("cost limit", failure: .budget), .init("limitsexceeded", failure: .budget),
  ]

  /// The class that an error message names, by its words and by the status of HTTP in it; nil when it names none.
  static func classify(_ message: String, own: [FailureClue] = []) -> FailureClass? {
    let text = message.bounded(4000).lowercased()
    func find(_ clues: [FailureClue]) -> FailureClass? {
      clues.first { clue in clue.words.allSatisfy(text.contains) }?.failure
    }
    if let found = find(own) { return found }
    let status = httpStatus(in: text)
    // Billing is told with 400 and 429, so its name wins over the number.
    if let named = find(common), named == .billing || status == nil { return named }
    return APIFailure.classify(status: status, names: [], text: message) ?? find(common)
  }

  /// The number behind a word that announces one: `status 429`, `HTTP/1.1 503`, `error code: 401`.
  static func httpStatus(in text: String) -> Int? {
    let words = text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
    let heralds: Set<Substring> = ["status", "code", "http", "error", "statuscode", "status_code", "apierror"]
    for (index, word) in words.enumerated() {
      guard word.utf8.count == 3, let number = Int(word), (400...599).contains(number) else { continue }
      if words[max(0, index - 3)..<index].contains(where: heralds.contains) { return number }
    }
    return nil
  }
}
