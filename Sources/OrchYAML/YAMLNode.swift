/// One node of a ``YAMLDocument``; plain numbers, so it is free to copy. Its content is asked of the document.
package struct YAMLNode: Hashable, Sendable {
  /// What a node holds.
  package enum Kind: UInt8, Hashable, Sendable {
    case scalar, sequence, mapping
    /// An alias, which is always reported as a problem too.
    case alias
  }

  /// How a node is written.
  package enum Style: UInt8, Hashable, Sendable {
    /// A scalar without quotes; only this style can be a number, a bool or null.
    case plain
    case singleQuoted, doubleQuoted, literal, folded
    /// A collection by indentation.
    case block
    /// A collection in brackets.
    case flow
  }

  package let kind: Kind
  package let style: Style
  /// First byte in the text that was read.
  package let start: Int
  /// Behind the last byte. Equal to `start` for a value that is left out.
  package internal(set) var end: Int
  /// Where the scalar's decoded bytes are in the document's pool.
  let content: Range<Int>
  let index: Int
  /// Index behind the last descendant.
  var next: Int

  /// The bytes of the node in the text that was read, with quotes.
  package var range: Range<Int> { start..<max(start, end) }
}
