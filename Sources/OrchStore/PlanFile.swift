/// What is known of a plan file, so that an unchanged one need not be read again.
package struct PlanFile: Hashable, Sendable {
  /// Relative to the project's root.
  package var path: String
  package var inode: UInt64
  package var size: Int64
  /// Last change of content or attributes; -1 when it must be read again in any case.
  package var modified: Int64
  /// The hash of its bytes, for when the rest differs.
  package var hash: UInt64
  /// What the compiler made of it, in the compiler's own encoding.
  package var unit: [UInt8]

  /// - Parameter modified: Nanoseconds since 1970.
  package init(path: String, inode: UInt64, size: Int64, modified: Int64, hash: UInt64, unit: [UInt8]) {
    self.path = path
    self.inode = inode
    self.size = size
    self.modified = modified
    self.hash = hash
    self.unit = unit
  }
}
