#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Makes and removes whole directories.
package enum DirectoryTree {
  /// Makes the directory and those above it that are missing.
  ///
  /// - Parameter mode: Of every directory that is made; those that exist keep theirs.
  package static func make(_ path: String, mode: UInt32 = 0o700) throws(FileError) {
    guard !path.hasNUL else { throw .badPath(path: path) }
    // Mostly it is there, which one call tells; why it is not is for those below to say, because they do what it takes.
    if let status = try? FileStatus(path: path, following: true), status.kind == .directory { return }
    var made = path.utf8.first == UInt8(ascii: "/") ? "/" : ""
    for component in path.split(separator: "/") {
      made += (made.isEmpty || made == "/" ? "" : "/") + component
      guard mkdir(made, mode_t(mode)) != 0 else { continue }
      let code = errno
      // EROFS and EACCES also come for a directory that exists.
      // The reason of this look is dropped because `code` is what the person has to know.
      guard let status = try? FileStatus(path: made, following: true) else {
        throw .system(operation: "make the directory", path: made, code: code)
      }
      guard status.kind == .directory else { throw .notDirectory(path: made, kind: status.kind) }
    }
  }

  /// Removes a file, a link, or a directory with all that is below; nothing there is no error.
  ///
  /// Links are removed, never followed, and other file systems mounted below are left alone.
  package static func remove(_ path: String) throws(FileError) {
    guard !path.hasNUL else { throw .badPath(path: path) }
    let status: FileStatus
    do { status = try FileStatus(path: path, following: false) } catch {
      if error.isMissing { return }
      throw error
    }
    guard status.kind == .directory else {
      guard unlink(path) == 0 || errno == ENOENT else { throw .system(operation: "remove", path: path, code: errno) }
      return
    }
    let top = try openDirectory(path, at: AT_FDCWD, shown: path)
    var removal = TreeRemoval(device: status.device, top: top.number)
    try removal.empty(top.number, path: path, depth: 0)
    while let (name, shown) = removal.takeMoved() {
      try removal.removeDirectory(name, in: top.number, path: shown, depth: 0)
    }
    guard rmdir(path) == 0 || errno == ENOENT else { throw .system(operation: "remove", path: path, code: errno) }
  }

  fileprivate static func openDirectory(
    _ name: String, at base: Int32, shown: String
  ) throws(FileError) -> Descriptor {
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW
    do { return try Descriptor(open: name, at: base, flags, operation: "list", shown: shown) } catch {
      guard case .system(_, _, EACCES) = error, fchmodat(base, name, 0o700, 0) == 0 else { throw error }
      return try Descriptor(open: name, at: base, flags, operation: "list", shown: shown)
    }
  }
}

/// Removes what is below a directory with few descriptors, however deep it is.
private struct TreeRemoval {
  private let device: UInt64
  private let top: Int32
  /// Directories that lay too deep and were moved up into `top`.
  private var moved: [(name: String, shown: String)] = []
  private var counter = 0
  private static let maximumDepth = 48

  init(device: UInt64, top: Int32) {
    self.device = device
    self.top = top
  }

  mutating func takeMoved() -> (name: String, shown: String)? { moved.popLast() }

  /// Removes everything in `directory`.
  mutating func empty(_ directory: Int32, path: String, depth: Int) throws(FileError) {
    for name in try names(in: directory, path: path) {
      let shown = path + "/" + name.text
      if !name.isDirectory, removeEntry(name.text, in: directory, flags: 0) { continue }
      let code = errno
      // Without a reason because a name that is gone needs no removal, and others fail below.
      let kind = (try? FileStatus(path: name.text, at: directory, following: false))?.kind
      guard let kind else { continue }
      guard kind == .directory else { throw .system(operation: "remove", path: shown, code: code) }
      if depth >= TreeRemoval.maximumDepth {
        try moveUp(name.text, from: directory, shown: shown)
      } else {
        try removeDirectory(name.text, in: directory, path: shown, depth: depth + 1)
      }
    }
  }

  mutating func removeDirectory(_ name: String, in base: Int32, path: String, depth: Int) throws(FileError) {
    let directory = try DirectoryTree.openDirectory(name, at: base, shown: path)
    guard try directory.status(of: path).device == device else { throw .outside(path: path, root: "its file system") }
    try empty(directory.number, path: path, depth: depth)
    guard removeEntry(name, in: base, flags: AT_REMOVEDIR) || errno == ENOENT else {
      throw .system(operation: "remove", path: path, code: errno)
    }
  }

  private mutating func moveUp(_ name: String, from directory: Int32, shown: String) throws(FileError) {
    counter += 1
    let flat = ".orch-remove-\(getpid())-\(counter)"
    guard renameat(directory, name, top, flat) == 0 else {
      throw .system(operation: "remove", path: shown, code: errno)
    }
    moved.append((flat, shown))
  }

  /// Also out of a directory that its owner made read-only.
  private func removeEntry(_ name: String, in directory: Int32, flags: Int32) -> Bool {
    if unlinkat(directory, name, flags) == 0 { return true }
    guard errno == EACCES, fchmod(directory, 0o700) == 0 else { return false }
    return unlinkat(directory, name, flags) == 0
  }

  private func names(in directory: Int32, path: String) throws(FileError) -> [(text: String, isDirectory: Bool)] {
    let copy = try Descriptor(open: ".", at: directory, O_RDONLY | O_DIRECTORY, operation: "list", shown: path)
    let number = copy.relinquish()
    guard let stream = fdopendir(number) else {
      let code = errno
      close(number)
      throw .system(operation: "list", path: path, code: code)
    }
    defer { closedir(stream) }
    var names: [(text: String, isDirectory: Bool)] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        guard errno == 0 else { throw .system(operation: "list", path: path, code: errno) }
        return names
      }
      let isDirectory = Int32(entry.pointee.d_type) == Int32(DT_DIR)
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name == [0x2E] || name == [0x2E, 0x2E] { continue }
      guard let text = String(validating: name, as: UTF8.self) else {
        names.append((try giveName(name, in: directory, path: path), isDirectory))
        continue
      }
      names.append((text, isDirectory))
    }
  }

  /// Gives an entry whose name is not UTF-8 a name that is, so that it can be removed like any other.
  private func giveName(_ name: [UInt8], in directory: Int32, path: String) throws(FileError) -> String {
    let raw = name.map { CChar(bitPattern: $0) } + [0]
    let text = ".orch-remove-" + String(UInt64.random(in: .min ... .max), radix: 36)
    guard renameat(directory, raw, directory, text) == 0 else {
      throw .system(operation: "remove", path: path + "/" + String(decoding: name, as: UTF8.self), code: errno)
    }
    return text
  }
}
