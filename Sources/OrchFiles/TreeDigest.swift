import CPosix

/// Tells whether anything below a directory has changed, without reading a file.
package enum TreeDigest {
  /// So many entries are looked at; in a larger tree a change of a file beyond them is not seen.
  private static let limit = 100_000

  /// Differs when a file below the directory was made, changed or removed; nil when the directory is not there. What is
  /// in `.git` does not count.
  package static func of(_ directory: String) -> UInt64? {
    var digest: UInt64 = 0
    return cposix_tree_digest(directory, limit, &digest) == 0 ? digest : nil
  }
}
