#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Finds programs as a shell would.
package enum ProgramSearch {
  /// - Parameters:
  ///   - program: A bare name, or a path.
  ///   - path: The value of PATH.
  /// - Returns: The file that would be started; nil when there is none.
  package static func find(_ program: String, path: String) -> String? {
    if program.contains("/") { return isExecutable(program) ? program : nil }
    return path.split(separator: ":").map { "\($0)/\(program)" }.first(where: isExecutable)
  }

  private static func isExecutable(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
  }
}
