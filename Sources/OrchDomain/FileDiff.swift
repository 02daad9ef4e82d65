/// What one commit range does to one file: the parsed form of a unified diff.
package struct FileDiff: Hashable, Sendable {
  /// How the file changed.
  package enum Kind: String, Hashable, Sendable {
    case added, deleted, modified, renamed, copied
    case typeChanged = "type_changed"
  }

  /// A run of lines with the context around it.
  package struct Hunk: Hashable, Sendable {
    package var oldStart: Int
    package var newStart: Int
    package var lines: [Line]
    /// Lines further up that open the blocks in which the hunk begins, the outermost first; empty when nobody looked.
    package var enclosing: [String]
    package init(oldStart: Int, newStart: Int, lines: [Line], enclosing: [String] = []) {
      self.oldStart = oldStart
      self.newStart = newStart
      self.lines = lines
      self.enclosing = enclosing
    }
  }

  /// One line of a hunk, without its line feed.
  package struct Line: Hashable, Sendable {
    package enum Origin: Hashable, Sendable {
      case context, added, removed
    }
    package var origin: Origin
    /// Number in the new file, from 1; nil for a removed line.
    package var newLine: Int?
    package var text: String
    package init(_ origin: Origin, newLine: Int?, _ text: String) {
      self.origin = origin
      self.newLine = newLine
      self.text = text
    }
  }

  package var kind: Kind
  /// The path after the change; the old path of a deleted file.
  package var path: String
  package var oldPath: String?
  package var isBinary: Bool
  /// Whether the new file has the executable bit, or is a symbolic link or submodule.
  package var newMode: UInt32
  /// nil when it is not known or there was no file.
  package var oldMode: UInt32?
  package var hunks: [Hunk]

  package init(
    kind: Kind, path: String, oldPath: String? = nil, isBinary: Bool = false, newMode: UInt32 = 0o100644,
    hunks: [Hunk] = [], oldMode: UInt32? = nil
  ) {
    self.kind = kind
    self.path = path
    self.oldPath = oldPath
    self.isBinary = isBinary
    self.newMode = newMode
    self.oldMode = oldMode
    self.hunks = hunks
  }
}
