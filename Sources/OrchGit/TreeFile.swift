/// One file of a commit's tree.
package struct TreeFile: Hashable, Sendable {
  package var path: String
  /// 0o100644, 0o100755, 0o120000 (link) or 0o160000 (submodule).
  package var mode: UInt32
  /// The id of its blob, or of the submodule's commit.
  package var blob: String

  package init(path: String, mode: UInt32, blob: String) {
    self.path = path
    self.mode = mode
    self.blob = blob
  }
}
