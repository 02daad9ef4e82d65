import OrchFiles

/// Reads files for the source lines below diagnostics.
enum SourceFile {
  /// nil when the file cannot be read: then only the source line is missing.
  static func bytes(_ path: String, in root: String? = nil) -> [UInt8]? {
    let full = path.hasPrefix("/") ? path : root.map { "\($0)/\(path)" } ?? path
    switch Result(catching: { () throws(FileError) in try FileReader.read(full) }) {
    case .success(let bytes): return bytes
    case .failure: return nil
    }
  }
}
