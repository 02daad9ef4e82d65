import OrchDomain

/// What the name of a plan file says.
struct PlanName: Hashable {
  /// The module between a date and the rest, as written.
  var module: String?
  /// Upper-case letters, empty for the plain sequence.
  var prefix: String
  /// Nil when the number has more than nine digits.
  var number: Int?
  /// The `P` of `epic-P.N`.
  var phase: Int?
  /// What follows the number, without `.md`.
  var slug: String

  /// Reads the name of a file; nil when it is not that of a plan.
  ///
  /// - Parameter module: The module that the directory names. A module in the file's name is looked for with it first,
  ///   because module names may contain what looks like the rest of a name.
  init?(_ file: String, in module: String?) {
    guard file.hasSuffix(".md") else { return nil }
    let stem = Array(file.utf8.dropLast(3))
    guard let rest = PlanName.afterDate(stem) else {
      guard let name = PlanName(core: stem[...]) else { return nil }
      self = name
      return
    }
    if let name = PlanName(core: rest) {
      self = name
      return
    }
    if let module, rest.starts(with: Array(module.utf8) + [UInt8(ascii: "-")]),
      var name = PlanName(core: rest.dropFirst(module.utf8.count + 1))
    {
      name.module = module
      self = name
      return
    }
    // Otherwise the shortest module name wins.
    for i in rest.indices.dropFirst() where rest[i] == UInt8(ascii: "-") {
      let written = String(decoding: rest[..<i], as: UTF8.self)
      guard TaskID.isModuleName(written), var name = PlanName(core: rest[(i + 1)...]) else { continue }
      name.module = written
      self = name
      return
    }
    return nil
  }

  /// `epic-N-x`, `N-epic-x`, `epic-prefix-N-x`, `epic-P.N-x`.
  private init?(core text: ArraySlice<UInt8>) {
    var scanner = NameScanner(rest: text)
    if let number = scanner.digits() {
      guard scanner.skip("-epic-") else { return nil }
      self.init(prefix: "", number: Int(number), phase: nil, slug: scanner.remainder)
      return
    }
    guard scanner.skip("epic-") else { return nil }
    if let first = scanner.digits() {
      if scanner.skip("-") {
        self.init(prefix: "", number: Int(first), phase: nil, slug: scanner.remainder)
      } else {
        guard scanner.skip("."), let second = scanner.digits(), scanner.skip("-") else { return nil }
        self.init(prefix: "", number: Int(second), phase: Int(first), slug: scanner.remainder)
      }
      return
    }
    guard let letters = scanner.letters(), scanner.skip("-"), let digits = scanner.digits(), scanner.skip("-") else {
      return nil
    }
    self.init(prefix: letters.uppercased(), number: Int(digits), phase: nil, slug: scanner.remainder)
  }

  private init(prefix: String, number: Int?, phase: Int?, slug: String) {
    self.prefix = prefix == "E" ? "" : prefix
    self.number = number.flatMap { $0 <= 999_999_999 ? $0 : nil }
    self.phase = phase.flatMap { $0 <= 999_999_999 ? $0 : nil }
    self.slug = slug
  }

  /// What follows `YYYY-MM-DD-`; nil without a date.
  private static func afterDate(_ text: [UInt8]) -> ArraySlice<UInt8>? {
    guard text.count > 11 else { return nil }
    for (i, byte) in text.prefix(11).enumerated() {
      let isDash = i == 4 || i == 7 || i == 10
      guard isDash ? byte == UInt8(ascii: "-") : (48...57).contains(byte) else { return nil }
    }
    return text[11...]
  }
}

/// Takes a file name apart from the left.
private struct NameScanner {
  var rest: ArraySlice<UInt8>

  var remainder: String { String(decoding: rest, as: UTF8.self) }

  mutating func skip(_ word: StaticString) -> Bool {
    guard word.withUTF8Buffer({ rest.starts(with: $0) }) else { return false }
    rest = rest.dropFirst(word.utf8CodeUnitCount)
    return true
  }

  /// One or more ASCII digits.
  mutating func digits() -> String? { take { (48...57).contains($0) } }

  /// One or more lower-case ASCII letters.
  mutating func letters() -> String? { take { (97...122).contains($0) } }

  private mutating func take(_ isWanted: (UInt8) -> Bool) -> String? {
    let found = rest.prefix(while: isWanted)
    guard !found.isEmpty else { return nil }
    rest = rest.dropFirst(found.count)
    return String(decoding: found, as: UTF8.self)
  }
}
