/// One file as found on disk, before parsing.
package struct PlanSource: Sendable {
  /// Relative to the project's root, with `/` between components.
  package let path: String
  package let bytes: [UInt8]

  package init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }
}
