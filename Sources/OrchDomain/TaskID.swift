/// The name of one task: `module/E05`, or `module/CLI02` when the plan's file name carries a prefix.
///
/// Ids order by module, then prefix (the plain `E` sequence first), then number; this is the last key of every
/// documented order, so it is total.
package struct TaskID: Hashable, Sendable {
  /// The directory of the plan; matches `^[a-z][a-z0-9-]*$`.
  package let module: String
  /// Upper-case letters, empty for the plain `E` sequence.
  package let prefix: String
  /// Zero or more.
  package let number: Int

  /// Makes an id from parts that are already known to be valid.
  package init(module: String, prefix: String = "", number: Int) {
    precondition(number >= 0, "a task number is never negative")
    self.module = module
    self.prefix = prefix == "E" ? "" : prefix
    self.number = number
  }

  /// Reads `module/E5`, `module/E05` or `module/CLI02`; nil for anything else.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, TaskID.isModuleName(parts[0]), let code = TaskCode(parts[1]) else { return nil }
    self.init(module: String(parts[0]), prefix: code.prefix, number: code.number)
  }

  /// `E05` or `CLI02`, at least two digits.
  package var code: String {
    let digits = String(number)
    return (prefix.isEmpty ? "E" : prefix) + (digits.count < 2 ? "0" + digits : digits)
  }

  /// `module-E05`: the id as one path or branch component.
  package var slug: String { "\(module)-\(code)" }

  /// Whether `name` may name a module.
  package static func isModuleName(_ name: some StringProtocol) -> Bool {
    guard let first = name.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else { return false }
    return name.utf8.allSatisfy {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        || $0 == UInt8(ascii: "-")
    }
  }
}

/// The part of a task id after the slash: letters and a number.
package struct TaskCode: Hashable, Sendable {
  /// Upper-case letters, empty for `E`.
  package let prefix: String
  package let number: Int

  /// Reads `E05` or `CLI2`; nil for lower-case letters, no digits, or more than nine digits.
  package init?(_ text: some StringProtocol) {
    let letters = text.prefix { $0.isASCII && $0.isUppercase }
    let digits = text[letters.endIndex...]
    guard !letters.isEmpty, (1...9).contains(digits.utf8.count), digits.utf8.allSatisfy({ (48...57).contains($0) }),
      let number = Int(digits)
    else { return nil }
    self.prefix = letters == "E" ? "" : String(letters)
    self.number = number
  }
}

extension TaskID: CustomStringConvertible {
  package var description: String { "\(module)/\(code)" }
}

extension TaskID: Comparable {
  package static func < (a: TaskID, b: TaskID) -> Bool {
    if a.module != b.module { return a.module < b.module }
    if a.prefix != b.prefix { return a.prefix < b.prefix }
    return a.number < b.number
  }
}

extension TaskID: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let id = TaskID(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not a task id")
    }
    self = id
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
