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
    var text = String(text)
    let parts = text.withUTF8 { bytes -> (module: String, code: TaskCode)? in
      guard let slash = bytes.firstIndex(of: UInt8(ascii: "/")), TaskID.isModuleName(bytes[..<slash]),
        let code = TaskCode(bytes[(slash + 1)...])
      else { return nil }
      return (String(decoding: bytes[..<slash], as: UTF8.self), code)
    }
    guard let parts else { return nil }
    self.init(module: parts.module, prefix: parts.code.prefix, number: parts.code.number)
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
    var name = String(name)
    return name.withUTF8 { isModuleName($0[...]) }
  }

  private static func isModuleName(_ name: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    guard let first = name.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else { return false }
    return name.allSatisfy {
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
    var text = String(text)
    guard let code = text.withUTF8({ TaskCode($0[...]) }) else { return nil }
    self = code
  }

  fileprivate init?(_ text: Slice<UnsafeBufferPointer<UInt8>>) {
    let letters = text.prefix { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    let digits = text[letters.endIndex...]
    guard !letters.isEmpty, (1...9).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }) else {
      return nil
    }
    prefix = letters.elementsEqual("E".utf8) ? "" : String(decoding: letters, as: UTF8.self)
    number = digits.reduce(0) { $0 * 10 + Int($1) - 48 }
  }
}

extension TaskID: CustomStringConvertible {
  package var description: String { module + "/" + code }
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
