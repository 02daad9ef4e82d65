import OrchDomain

/// One key of a table whose settings are a `Root`: what it is called, what it takes, where its value goes.
struct KeySpec<Root>: Sendable {
  /// Whether this version does something with the key.
  enum Use: Hashable, Sendable {
    case used
    /// Accepted for a feature that this version does not have.
    case notYet
    /// Still works; people should write the key that is named here.
    case olderName(of: String)
  }

  /// Dotted, from the table that holds the settings.
  let path: String
  /// What the key takes, for people: `integer, 1 to 256`.
  let takes: String
  /// One sentence without a full stop at its end.
  let summary: String
  let use: Use
  let isSecret: Bool
  /// Puts a value into the settings, or says what is wrong with it.
  let write: @Sendable (TOMLNode, inout Root) -> Mismatch?
  /// The value as TOML.
  let show: @Sendable (Root) -> String
}

/// What is wrong with a value.
struct Mismatch: Hashable, Sendable {
  enum Reason: Hashable, Sendable {
    case wrongType, outOfRange
  }

  var reason: Reason
  /// Follows the words "must be".
  var expected: String
  /// Follows the word "not".
  var found: String
  /// The element of an array that is wrong, from 0.
  var element: Int?

  static func wrongType(_ expected: String, _ node: TOMLNode, element: Int? = nil) -> Mismatch {
    Mismatch(reason: .wrongType, expected: expected, found: node.kind, element: element)
  }

  static func outOfRange(_ expected: String, _ found: String, element: Int? = nil) -> Mismatch {
    Mismatch(reason: .outOfRange, expected: expected, found: found, element: element)
  }
}

/// A rule for text beyond its type.
struct TextRule: Sendable {
  /// Follows the words "must be".
  var expected: String
  var holds: @Sendable (String) -> Bool

  static let anything = TextRule(expected: "a string") { _ in true }

  static let notEmpty = TextRule(expected: "a string that is not empty") { text in
    text.contains { !$0.isWhitespace }
  }

  /// A path that cannot lead out of the directory that it is relative to.
  static let inside = TextRule(expected: "a path below the project's root, such as \"docs/plans\"") { text in
    !text.isEmpty && !text.hasPrefix("/") && !text.hasPrefix("~")
      && !text.split(separator: "/").contains("..")
      && text.split(separator: "/").contains { $0 != "." }
  }

  static let stageName = TextRule(
    expected: "a name of lower-case letters, digits and '-' other than 'plan', which stands for a plan's own commands"
  ) { text in
    text != VerifySettings.planStage && text.utf8.count <= 40 && text.utf8.first != UInt8(ascii: "-") && !text.isEmpty
      && text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-") }
  }

  static let variableName = TextRule(
    expected: "the name of an environment variable alone, such as \"GH_TOKEN\"; its value is never written here"
  ) { text in
    guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
    return text.utf8.allSatisfy { TOMLText.isBareKeyByte($0) && $0 != UInt8(ascii: "-") }
  }
}
