/// How much of a diff is read. What is left out is always marked, so that a reader never takes a part for the whole.
package struct DiffLimits: Hashable, Sendable {
  /// Lines of one file, context included.
  package var linesPerFile: Int
  /// Lines of all files together.
  package var lines: Int
  /// Bytes of one version of a file above which it counts as binary.
  package var bytesPerFile: Int

  package init(linesPerFile: Int = 20_000, lines: Int = 200_000, bytesPerFile: Int = 8 << 20) {
    self.linesPerFile = linesPerFile
    self.lines = lines
    self.bytesPerFile = bytesPerFile
  }

  /// How the line begins that stands for the rest of a file in ``FileDiff`` (as context without a number) and patches.
  package static let marker = "[claude-orch: not shown:"
}
