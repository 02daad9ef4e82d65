#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A person's uncommitted file into which a status goes.
struct WorkingFile {
  let root: String
  let path: String
  /// Where the new file is written first: on the same file system, and not where a person would see it.
  let scratch: String

  enum Outcome: Hashable {
    case written
    /// The edit changed nothing, or there is no file.
    case unchanged
    case leftAlone(UneditedFile.Reason)
  }

  private var file: String { root + "/" + path }

  /// Replaces the file by its edited bytes in one step, with its mode and owner kept.
  func rewrite(_ edit: ([UInt8]) -> [UInt8]?) throws(GitError) -> Outcome {
    try GitPath.check(path)
    guard try parentsAreDirectories() else { return .leftAlone(.notAFile) }
    for _ in 0..<5 {
      guard let info = try Posix.info(file) else { return .unchanged }
      guard info.kind == .regular else { return .leftAlone(.notAFile) }
      guard info.mode & 0o200 != 0, unsafe access(file, W_OK) == 0 else { return .leftAlone(.readOnly) }
      guard let bytes = try Posix.read(file) else { continue }
      guard let edited = edit(bytes) else { return .leftAlone(.notEditable) }
      if edited == bytes { return .unchanged }
      if try replace(info, bytes, by: edited) { return .written }
    }
    return .leftAlone(.busy)
  }

  private func parentsAreDirectories() throws(GitError) -> Bool {
    var directory = root
    for component in path.split(separator: "/").dropLast() {
      directory += "/" + component
      guard let info = try Posix.info(directory) else { return true }
      if info.kind != .directory { return false }
    }
    return true
  }

  /// False when the file was changed in the meantime.
  private func replace(_ info: Posix.Info, _ old: [UInt8], by new: [UInt8]) throws(GitError) -> Bool {
    for temporary in [scratch, file + ".orch-\(info.inode)"] {
      try Posix.remove(temporary)
      try write(new, to: temporary, like: info)
      guard try Posix.info(file) == info, try Posix.read(file) == old else {
        try Posix.remove(temporary)
        return false
      }
      if unsafe rename(temporary, file) == 0 { return true }
      let code = errno
      try Posix.remove(temporary)
      // The state directory of git may be on another file system: then write beside the file.
      if code != EXDEV { throw .file(operation: "replace", path: file, errno: code) }
    }
    throw .file(operation: "replace", path: file, errno: EXDEV)
  }

  private func write(_ bytes: [UInt8], to temporary: String, like info: Posix.Info) throws(GitError) {
    guard let descriptor = try Posix.create(temporary, mode: 0o600) else {
      throw .file(operation: "create", path: temporary, errno: EEXIST)
    }
    defer { close(descriptor) }
    try Posix.writeAll(bytes, to: descriptor, path: temporary)
    // Only root may give files away; a file of another user that we may write keeps its group and mode at least.
    if fchown(descriptor, info.owner, info.group) != 0 { _ = fchown(descriptor, uid_t.max, info.group) }
    guard fchmod(descriptor, mode_t(info.mode)) == 0, fsync(descriptor) == 0 else {
      throw .file(operation: "write", path: temporary, errno: errno)
    }
  }
}
