import CPosix

/// How many files the program may have open at once.
package enum DescriptorLimit {
  /// Raises it as far as the system allows, for a process with a connection for everybody who reads along. What it
  /// starts keeps the limit that it had.
  package static func raise() {
    // Where that is refused the old limit holds, and connections beyond it wait.
    _ = cposix_raise_descriptor_limit(65_536)
  }
}
