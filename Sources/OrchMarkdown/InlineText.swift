import CLibCMark

/// The plain text and the links of a block's inlines. Iterates: nesting is as deep as the input wants.
struct InlineText {
  private(set) var utf8: [UInt8] = []
  private(set) var links: [String] = []

  init(of block: OpaquePointer, links wantsLinks: Bool = false) {
    var node = unsafe cmark_node_first_child(block)
    while let current = unsafe node {
      switch unsafe cmark_node_get_type(current) {
      case CMARK_NODE_TEXT, CMARK_NODE_CODE: unsafe append(cmark_node_get_literal(current))
      case CMARK_NODE_SOFTBREAK, CMARK_NODE_LINEBREAK: utf8.append(UInt8(ascii: " "))
      case CMARK_NODE_LINK where wantsLinks:
        unsafe links.append(InlineText.string(cmark_node_get_url(current)))
      default: break
      }
      unsafe node = unsafe InlineText.successor(of: current, within: block)
    }
  }

  var string: String { InlineText.string(utf8[...]) }

  /// Text of cmark as text of ours: the placeholder of damaged bytes becomes U+FFFD.
  static func string(_ utf8: ArraySlice<UInt8>) -> String {
    guard utf8.contains(TextRepair.placeholder) else { return String(decoding: utf8, as: UTF8.self) }
    let parts = utf8.split(separator: TextRepair.placeholder, omittingEmptySubsequences: false)
    return parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\u{FFFD}")
  }

  static func string(_ text: UnsafePointer<CChar>?) -> String {
    guard let text = unsafe text else { return "" }
    let string = unsafe String(cString: text)
    guard string.utf8.contains(TextRepair.placeholder) else { return string }
    return InlineText.string(Array(string.utf8)[...])
  }

  private mutating func append(_ text: UnsafePointer<CChar>?) {
    guard var next = unsafe text else { return }
    while unsafe next.pointee != 0 {
      utf8.append(unsafe UInt8(bitPattern: next.pointee))
      unsafe next += 1
    }
  }

  /// The next node in document order, or nil when `root` is done.
  static func successor(of node: OpaquePointer, within root: OpaquePointer) -> OpaquePointer? {
    if let child = unsafe cmark_node_first_child(node) { return unsafe child }
    return unsafe successorSkippingChildren(of: node, within: root)
  }

  /// The next node in document order that is not below `node`.
  static func successorSkippingChildren(of node: OpaquePointer, within root: OpaquePointer) -> OpaquePointer? {
    var current = unsafe node
    while unsafe current != root {
      if let next = unsafe cmark_node_next(current) { return unsafe next }
      guard let parent = unsafe cmark_node_parent(current) else { return nil }
      unsafe current = unsafe parent
    }
    return nil
  }
}
