/// The nodes of one YAML document with exact places, in the order of the text.
///
/// Nodes lie in one array and scalar texts in one pool, so that reading costs two allocations, whatever the size.
package struct YAMLDocument: Hashable, Sendable {
  /// Mistakes that did not stop the reading, in the order of the text.
  package internal(set) var problems: [YAMLError] = []
  var nodes: [YAMLNode] = []
  var pool: [UInt8] = []

  /// The node that holds everything; nil for an empty document.
  package var root: YAMLNode? { nodes.first }

  /// The items of a sequence; empty for other nodes.
  package func items(of node: YAMLNode) -> [YAMLNode] { node.kind == .sequence ? children(of: node) : [] }

  /// The entries of a mapping in the order of the text, also those with a repeated key; empty for other nodes.
  package func entries(of node: YAMLNode) -> [(key: YAMLNode, value: YAMLNode)] {
    guard node.kind == .mapping else { return [] }
    var result: [(key: YAMLNode, value: YAMLNode)] = []
    var index = node.index + 1
    while index < node.next {
      let key = nodes[index]
      guard key.next < node.next else { break }
      let value = nodes[key.next]
      result.append((key, value))
      index = value.next
    }
    return result
  }

  /// The decoded bytes of a scalar; empty for other nodes.
  package func bytes(_ node: YAMLNode) -> ArraySlice<UInt8> { pool[node.content] }

  /// The decoded text of a scalar; empty for other nodes.
  package func text(_ node: YAMLNode) -> String {
    unsafe pool.withUnsafeBufferPointer { unsafe String(decoding: $0[node.content], as: UTF8.self) }
  }

  private func children(of node: YAMLNode) -> [YAMLNode] {
    var result: [YAMLNode] = []
    var index = node.index + 1
    while index < node.next {
      result.append(nodes[index])
      index = nodes[index].next
    }
    return result
  }
}
