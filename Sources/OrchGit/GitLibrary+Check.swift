/// Whether the library that the program loads at run time is there.
package enum GitLibraryCheck {
  /// - Throws: ``GitError/libraryUnavailable(_:)`` with what to install.
  package static func load() throws(GitError) { try GitLibrary.load() }
}
