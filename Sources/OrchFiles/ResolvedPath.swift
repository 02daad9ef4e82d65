#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A path without links and dots: what the file system means by it at this moment.
package struct ResolvedPath: Hashable, Sendable {
  package let text: String

  /// - Throws: ``FileError/system(operation:path:code:)`` when nothing stands there, or links go in a circle.
  package init(_ path: String) throws(FileError) {
    guard !path.hasNUL else { throw .badPath(path: path) }
    guard let resolved = realpath(path, nil) else { throw .system(operation: "resolve", path: path, code: errno) }
    defer { free(resolved) }
    guard let text = String(validatingCString: resolved) else {
      throw .system(operation: "resolve", path: path, code: EILSEQ)
    }
    self.text = text
  }

  /// Whether this is `root` or something below it.
  package func isInside(_ root: ResolvedPath) -> Bool {
    text == root.text || root.text == "/" || text.utf8.starts(with: (root.text + "/").utf8)
  }
}
