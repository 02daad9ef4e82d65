#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes files so that a reader, a crash or a full disk sees the old bytes or the new ones, never a mixture.
package enum AtomicFile {
  /// The end of the names of files that are being written. A file that a killed process left may be deleted.
  package static let temporarySuffix = ".orch-tmp"

  /// Replaces the content of an existing regular file; its mode stays, and its owner where the system permits.
  ///
  /// Other hard links keep the old content. Extended attributes are not copied.
  ///
  /// - Parameters:
  ///   - expecting: What the file must have, before and right before the replacement; nil for anything.
  ///   - root: A link at `path` is followed only to a file inside this directory; without it, to no file.
  /// - Throws: ``FileError/changed(path:)`` or ``FileError/readOnly(path:)``; the file is then untouched.
  package static func replace(
    _ path: String, expecting: [UInt8]?, with bytes: [UInt8], within root: String? = nil
  ) throws(FileError) {
    try replace(path, expecting: expecting, with: bytes, within: root) {}
  }

  /// - Parameter beforeCheck: Runs when the new file is complete; tests change the old one there.
  static func replace(
    _ path: String, expecting: [UInt8]?, with bytes: [UInt8], within root: String?, beforeCheck: () -> Void
  ) throws(FileError) {
    let target = try resolve(path, within: root)
    let status = try check(target, expecting: expecting)
    guard status.mode & 0o222 != 0, access(target, W_OK) == 0 else { throw .readOnly(path: path) }
    let temporary = try writeTemporary(beside: target, bytes, mode: status.mode & 0o7777, like: status)
    beforeCheck()
    do throws(FileError) {
      _ = try check(target, expecting: expecting)
      guard rename(temporary, target) == 0 else {
        throw FileError.system(operation: "replace", path: path, code: errno)
      }
    } catch {
      unlink(temporary)
      throw error
    }
    try synchronizeDirectory(of: target)
  }

  /// Creates a file with its content at once.
  ///
  /// - Parameters:
  ///   - mode: Used as it is, whatever the umask.
  ///   - overwriting: Whether a file that is there is replaced; its mode is then `mode`, too.
  /// - Throws: ``FileError/alreadyExists(path:)`` when something is there and `overwriting` is false.
  package static func write(
    _ path: String, _ bytes: [UInt8], mode: UInt32 = 0o600, overwriting: Bool = false
  ) throws(FileError) {
    let temporary = try writeTemporary(beside: path, bytes, mode: mode & 0o7777, like: nil)
    if overwriting {
      guard rename(temporary, path) == 0 else {
        let code = errno
        unlink(temporary)
        throw .system(operation: "write", path: path, code: code)
      }
    } else {
      // Unlike rename, link never replaces what another process has just created.
      let code = link(temporary, path) == 0 ? 0 : errno
      unlink(temporary)
      guard code != EEXIST else { throw .alreadyExists(path: path) }
      guard code == 0 else { throw .system(operation: "create", path: path, code: code) }
    }
    try synchronizeDirectory(of: path)
  }

  private static func resolve(_ path: String, within root: String?) throws(FileError) -> String {
    let status = try FileStatus(path: path, following: false)
    guard let root else {
      guard status.kind != .link else { throw .notRegular(path: path, kind: .link) }
      return path
    }
    let target = try ResolvedPath(path)
    guard target.isInside(try ResolvedPath(root)) else { throw .outside(path: path, root: root) }
    return target.text
  }

  /// The state of the file, when it has the expected bytes.
  private static func check(_ path: String, expecting: [UInt8]?) throws(FileError) -> FileStatus {
    guard let expecting else {
      let status = try FileStatus(path: path, following: false)
      guard status.kind == .regular else { throw .notRegular(path: path, kind: status.kind) }
      return status
    }
    do throws(FileError) {
      let file = try Descriptor(open: path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW, operation: "read")
      let (bytes, status) = try FileReader.read(file, path: path, limit: expecting.count)
      guard bytes == expecting else { throw FileError.changed(path: path) }
      return status
    } catch {
      if case .tooLarge = error { throw .changed(path: path) }
      throw error
    }
  }

  private static func writeTemporary(
    beside path: String, _ bytes: [UInt8], mode: UInt32, like status: FileStatus?
  ) throws(FileError) -> String {
    guard !path.hasNUL else { throw .badPath(path: path) }
    let (directory, name) = split(path)
    for _ in 0..<16 {
      // Names have at most 255 bytes, so a long one is cut.
      let stem = String(decoding: name.utf8.prefix(180), as: UTF8.self)
      let random = String(UInt64.random(in: .min ... .max), radix: 36)
      let temporary = directory + "/." + stem + "." + random + temporarySuffix
      do throws(FileError) {
        let file = try Descriptor(
          open: temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600, operation: "create", shown: path)
        try fill(file, temporary: temporary, path: path, bytes, mode: mode, like: status)
        return temporary
      } catch {
        guard case .system(_, _, EEXIST) = error else { throw error }
      }
    }
    throw .system(operation: "create a temporary file beside", path: path, code: EEXIST)
  }

  /// Gives the new file its owner, mode and bytes, or removes it.
  private static func fill(
    _ file: borrowing Descriptor, temporary: String, path: String, _ bytes: [UInt8], mode: UInt32,
    like status: FileStatus?
  ) throws(FileError) {
    do throws(FileError) {
      if let status, status.owner != geteuid() || status.group != getegid() {
        // Only root may give files away; for everybody else the group is what can be kept.
        if fchown(file.number, status.owner, status.group) != 0 { _ = fchown(file.number, uid_t.max, status.group) }
      }
      guard fchmod(file.number, mode_t(mode)) == 0 else {
        throw FileError.system(operation: "set the mode of", path: path, code: errno)
      }
      try file.write(bytes, to: path)
      try file.synchronize(path)
    } catch {
      unlink(temporary)
      throw error
    }
  }

  private static func synchronizeDirectory(of path: String) throws(FileError) {
    let directory = split(path).directory
    try Descriptor(open: directory, O_RDONLY | O_DIRECTORY, operation: "sync").synchronize(directory)
  }

  private static func split(_ path: String) -> (directory: String, name: String) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
    let directory = path[..<slash]
    return (directory.isEmpty ? "/" : String(directory), String(path[path.utf8.index(after: slash)...]))
  }
}
