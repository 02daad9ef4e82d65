/// Why a text is not YAML that we accept, with the place to look at.
package struct YAMLError: Error, Hashable, Sendable {
  /// What is wrong.
  package enum Reason: Hashable, Sendable {
    /// libyaml's words for broken syntax, what it was reading, and the byte where that began.
    case syntax(problem: String, context: String?, contextStart: Int?)
    case alias
    case anchor
    case tag
    /// A mapping has the same key before, at the given bytes.
    case duplicateKey(String, first: Range<Int>)
    /// A key is a list or a mapping.
    case complexKey
    case tooDeep(limit: Int)
    case tooLarge(size: Int, limit: Int)
    case severalDocuments
    case outOfMemory
  }

  package let reason: Reason
  /// The bytes concerned in the text that was read; empty when only a point is known.
  package let range: Range<Int>

  package init(_ reason: Reason, at range: Range<Int>) {
    self.reason = reason
    self.range = range
  }
}

extension YAMLError: CustomStringConvertible {
  package var description: String {
    switch reason {
    case .syntax(let problem, let context, _): context.map { "\(problem), \($0)" } ?? problem
    case .alias: "an alias (*name) is not allowed: write the value itself"
    case .anchor: "an anchor (&name) is not allowed: write the value where it is needed"
    case .tag: "a tag (!name) is not allowed: leave it out, or put text in quotes"
    case .duplicateKey(let key, _): "the key '\(key)' is written twice"
    case .complexKey: "a key must be plain text, not a list or a mapping"
    case .tooDeep(let limit): "nested deeper than \(limit) levels"
    case .tooLarge(let size, let limit): "\(size) bytes long, but at most \(limit) are allowed"
    case .severalDocuments: "only one document is allowed: remove everything from here on"
    case .outOfMemory: "not enough memory to read it"
    }
  }
}
