import CPosix

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Supervisor {
  /// The program that is a sandbox's proxy: `claude-orch`, which is installed beside `orch-shim`.
  package static func locateProxy(beside shim: String) throws(ProcessError) -> String {
    let path = "\(shim[..<(shim.lastIndex(of: "/") ?? shim.startIndex)])/claude-orch"
    guard access(path, X_OK) == 0 else { throw .shimNotFound(searched: [path]) }
    return path
  }

  /// The path of `orch-shim`: `override`, else `$ORCH_SHIM`, else the file beside the running program.
  package static func locateShim(override: String? = nil) throws(ProcessError) -> String {
    if let path = override ?? getenv("ORCH_SHIM").map({ String(cString: $0) }), !path.isEmpty {
      // A path that somebody gave is meant: falling back to another file would hide the mistake.
      guard access(path, X_OK) == 0 else { throw .shimNotFound(searched: [path]) }
      return path
    }
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let code = cposix_executable_path(&buffer, buffer.count)
    guard code == 0 else { throw .systemCall(operation: "finding the running program", path: nil, errno: -code) }
    let program = string(of: buffer)
    let folder = program[..<(program.lastIndex(of: "/") ?? program.startIndex)]
    let path = "\(folder)/orch-shim"
    guard access(path, X_OK) == 0 else { throw .shimNotFound(searched: [path]) }
    return path
  }
}
