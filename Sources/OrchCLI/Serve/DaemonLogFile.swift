import OrchEngine

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The log of a daemon that runs in the background.
enum DaemonLogFile {
  /// One that has grown larger is put aside when a daemon starts; the one before it goes.
  private static let limit = 10 << 20

  /// - Returns: Where what the next daemon writes begins.
  static func prepare(_ path: String) throws -> (path: String, size: Int) {
    try DirectoryOfFile.make(path)
    if size(path) > limit { rename(path, "\(path).1") }
    return (path, size(path))
  }

  /// 0 without a file.
  static func size(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }
}
