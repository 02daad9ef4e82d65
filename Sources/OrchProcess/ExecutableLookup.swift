#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Finds the file of a program as a shell would, in the PATH and from the directory that the program will have.
package enum ExecutableLookup {
  /// - Returns: An absolute path to a file that may be run.
  package static func find(_ name: String, path: String?, directory: String?) throws(ProcessError) -> String {
    guard !name.isEmpty else { throw .badRequest(what: "a command without a name") }
    let base = directory ?? currentDirectory()
    if name.utf8.contains(UInt8(ascii: "/")) {
      let file = absolute(name, from: base)
      let code = obstacle(file)
      if code == 0 { return file }
      throw code == ENOENT ? .commandNotFound(name: name, searched: [base]) : .notExecutable(path: file, errno: code)
    }
    let folders = (path ?? "").split(separator: ":", omittingEmptySubsequences: true).map(String.init)
    var forbidden: ProcessError?
    for folder in folders {
      let file = absolute("\(folder)/\(name)", from: base)
      let code = obstacle(file)
      if code == 0 { return file }
      if code == EACCES { forbidden = .notExecutable(path: file, errno: code) }
    }
    throw forbidden ?? .commandNotFound(name: name, searched: folders)
  }

  static func absolute(_ path: String, from base: String) -> String { path.hasPrefix("/") ? path : "\(base)/\(path)" }

  /// 0 when the file may be run.
  private static func obstacle(_ file: String) -> Int32 {
    var status = stat()
    guard stat(file, &status) == 0 else { return errno == ENOTDIR ? ENOENT : errno }
    guard status.st_mode & S_IFMT == S_IFREG else { return EACCES }
    return access(file, X_OK) == 0 ? 0 : errno
  }

  private static func currentDirectory() -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    return getcwd(&buffer, buffer.count) == nil ? "/" : string(of: buffer)
  }
}
