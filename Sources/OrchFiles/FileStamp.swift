#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What tells whether a file has changed, without reading it.
package struct FileStamp: Hashable, Sendable {
  /// Relative to the project's root, with `/` between components.
  package var path: String
  package var inode: UInt64
  package var size: Int64
  /// Last change of the content, in nanoseconds since 1970.
  package var modified: Int64
  /// Last change of content or attributes, in nanoseconds since 1970; no program can set it back.
  package var changed: Int64
  /// Permissions and kind, as `stat` has them.
  package var mode: UInt32
  /// Whether the path is a symbolic link; everything else is then that of its target.
  package var isLink: Bool

  init(path: String, _ status: FileStatus, isLink: Bool) {
    self.path = path
    inode = status.inode
    size = status.size
    modified = status.modified
    changed = status.changed
    mode = status.mode
    self.isLink = isLink
  }

  /// A stamp of something that is not a file of its own, such as a blob of a commit.
  package init(path: String, inode: UInt64, size: Int64, modified: Int64) {
    self.path = path
    self.inode = inode
    self.size = size
    self.modified = modified
    changed = modified
    mode = 0o100644
    isLink = false
  }

  /// Whether the file cannot be written again without another stamp: the clocks of file systems move in steps, some in
  /// steps of whole seconds, and what is written in the same step has the same time.
  ///
  /// - Parameter moment: When the stamp was taken, or before; see ``moment()``.
  package func isSettled(at moment: Int64) -> Bool {
    let step: Int64 = changed % 1_000_000_000 == 0 ? 2_000_000_000 : 20_000_000
    return changed + step <= moment
  }

  /// Now, in nanoseconds since 1970.
  package static func moment() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// The stamp of one file as it is now.
  ///
  /// - Parameters:
  ///   - path: Relative to `root`; kept as the stamp's path.
  ///   - root: The project's directory.
  package init(of path: String, in root: String) throws(FileError) {
    let full = root + "/" + path
    let own = try FileStatus(path: full, following: false, shown: path)
    guard own.kind == .link else {
      self.init(path: path, own, isLink: false)
      return
    }
    self.init(path: path, try FileStatus(path: full, following: true, shown: path), isLink: true)
  }
}

/// Something below the plans directory that could not be taken as a plan, and why.
package struct ScanProblem: Hashable, Sendable {
  /// What is wrong at the path.
  package enum Kind: String, Hashable, Sendable {
    case unreadable
    /// A directory, pipe, socket or device with the name of a Markdown file.
    case notAFile = "not_a_file"
    /// A link to a file or directory outside the project.
    case linkOutside = "link_outside"
    /// A link to nothing, or links in a circle.
    case brokenLink = "broken_link"
    /// A link to a directory that is read under another path.
    case linkedTwice = "linked_twice"
    case nameNotUTF8 = "name_not_utf8"
    case tooDeep = "too_deep"
    case tooMany = "too_many"
  }

  package var kind: Kind
  /// Relative to the project's root.
  package var path: String
  /// The reason in words, with the system's text where it gave one.
  package var detail: String
}

extension ScanProblem: CustomStringConvertible {
  package var description: String { "'\(path)' is left out: \(detail)" }
}
