// Settings of tools whose names nobody has to know: they stand at the root of a project, or begin with a full stop.
extension FileRole {
  private static let harmless: Set<String> = [
    ".gitignore", ".gitkeep", ".keep", ".mailmap", ".prettierignore", ".npmignore", ".editorconfig", ".dockerignore",
    ".gcloudignore", ".eslintignore", ".stylelintignore", ".markdownlint.json", ".all-contributorsrc", ".cspell.json",
    "cspell.json", ".typos.toml", "typos.toml", ".version", "version", "citation.cff", "manifest.webmanifest",
  ]

  /// Whether what a program does may depend on it: anything but what people read, look at, test or try out. What
  /// manifests and lock files say is read by rules of their own.
  var decidesWhatRuns: Bool {
    !isProse && !isTest && !isExample && !isAsset && !isData && !isTranslation && !isDependencies && language != .style
      && !Self.harmless.contains(name)
  }

  /// Whether a tool of the project reads its settings here.
  var isSetting: Bool {
    guard !isAsset, !isData, !isTranslation, !isTest, !isAlwaysProtected, !Self.harmless.contains(name) else {
      return false
    }
    if name.contains(".config.") || name.hasSuffix(".conf.js") || name.hasSuffix("rc.js") || name.hasSuffix("rc.cjs") {
      return true
    }
    // What a program does when nobody says otherwise.
    let defaults = ["yml", "yaml", "properties", "toml", "json", "conf"]
    if name.hasPrefix("appsettings") || (stem == "application" && defaults.contains(suffix)) { return true }
    let isHidden = name.hasPrefix(".")
    guard isHidden || components.count == 1, name != "readme", let language else { return false }
    switch language {
    case .toml, .yaml, .ini, .json: return true
    case .markup, .script, .ruby, .python: return isHidden
    default: return false
    }
  }
}
