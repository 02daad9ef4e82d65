/// Loads settings from files.
package enum SettingsLoader {
  /// Reads the text of one file. Pure; a text with mistakes gives diagnostics, and defaults in their places.
  ///
  /// - Parameter file: The name for places and origins.
  package static func parse(_ text: String, file: String) -> LoadedSettings {
    finish(TOMLDocument.parse(text, file: file), file: file)
  }

  /// Reads the bytes of one file, such as those at the base commit.
  package static func parse(bytes: [UInt8], file: String) -> LoadedSettings {
    finish(TOMLDocument.parse(bytes, file: file), file: file)
  }

  /// Finds and reads the file that counts.
  ///
  /// - Returns: The defaults when there is no file. Places name the file as it was found.
  package static func load(
    in context: LaunchContext, exists: (String) -> Bool, read: (String) -> FileContent
  ) throws(ConfigError) -> LoadedSettings {
    switch ConfigLocation.locate(in: context, exists: exists) {
    case .none: return LoadedSettings()
    case .missing(let path, let choice): throw .notFound(path: path, choice)
    case .file(let path, let choice):
      switch read(path) {
      case .bytes(let bytes): return parse(bytes: bytes, file: path)
      case .unreadable(let reason): throw .unreadable(path: path, reason: reason)
      // Gone since it was found: what was asked for by name must exist, anything else may be absent.
      case .missing where choice == .flag || choice == .environment: throw .notFound(path: path, choice)
      case .missing: return LoadedSettings()
      }
    }
  }

  private static func finish(_ document: Result<TOMLDocument, SyntaxFailure>, file: String) -> LoadedSettings {
    switch document {
    case .success(let document): SettingsDecoder.decode(document, file: file)
    case .failure(let failure): LoadedSettings(file: file, diagnostics: [failure.diagnostic])
    }
  }
}
