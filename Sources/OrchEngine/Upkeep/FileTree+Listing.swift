#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension FileTree {
  /// The names in a directory, without `.` and `..`, in no order; empty when there is none. Names not in UTF-8 are
  /// left out.
  static func names(in directory: String) throws -> [String] {
    guard let stream = opendir(directory) else {
      let code = errno
      if code == ENOENT { return [] }
      throw EngineError.invalid("cannot list \(directory): \(errorText(code))")
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      guard let name = String(validating: bytes, as: UTF8.self), name != ".", name != ".." else { continue }
      names.append(name)
    }
    return names
  }

  /// What a walk over everything below a directory found. Links are counted, never followed.
  struct Census: Hashable, Sendable {
    var files = 0
    var bytes: Int64 = 0
    /// Files that were being written when their process died.
    var unfinished: [String] = []
    /// Whether there was more than the walk wanted to look at.
    var isCut = false
  }

  /// - Parameters:
  ///   - suffix: The ending of the names of unfinished files.
  ///   - skipping: Names of directories that are not looked into.
  static func census(of root: String, suffix: String, skipping: Set<String> = [], limit: Int = 200_000) throws -> Census
  {
    var census = Census()
    var waiting = [root]
    while let directory = waiting.popLast() {
      for name in try names(in: directory) {
        guard census.files < limit else {
          census.isCut = true
          return census
        }
        let path = "\(directory)/\(name)"
        var status = stat()
        guard lstat(path, &status) == 0 else { continue }
        census.files += 1
        census.bytes += Int64(status.st_blocks) * 512
        if name.hasSuffix(suffix) { census.unfinished.append(path) }
        if status.st_mode & S_IFMT == S_IFDIR, !skipping.contains(name) { waiting.append(path) }
      }
    }
    return census
  }
}
