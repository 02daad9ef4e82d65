/// What a text may use before it is refused.
package struct YAMLLimits: Hashable, Sendable {
  /// Most levels of lists and mappings.
  package var depth: Int
  /// Most bytes.
  package var size: Int

  package init(depth: Int = 32, size: Int = 256 * 1024) {
    self.depth = depth
    self.size = size
  }
}
