/// Which module a heading names, if any.
///
/// A heading names a module when both are the same words, whatever their case, with blanks for dashes: `auth-core`,
/// `Auth Core`. Only when that fails may one ` Module` at the end be missing or too many. A part of a name is never
/// enough: `Authorization` isn't `auth`.
struct ModuleHeadings {
  private var exact: [String: Set<String>] = [:]
  private var loose: [String: Set<String>] = [:]

  init(modules: Set<String>) {
    for module in modules {
      let words = ModuleHeadings.words(module)
      exact[words.joined(separator: " "), default: []].insert(module)
      loose[ModuleHeadings.withoutSuffix(words), default: []].insert(module)
    }
  }

  /// Nil when no module, or more than one, has this name.
  func module(named heading: String) -> String? {
    let words = ModuleHeadings.words(heading)
    let found = exact[words.joined(separator: " ")] ?? loose[ModuleHeadings.withoutSuffix(words)] ?? []
    return found.count == 1 ? found.first : nil
  }

  private static func words(_ text: String) -> [String] {
    text.lowercased().split { $0.isWhitespace || $0 == "-" || $0 == "_" }.map(String.init)
  }

  private static func withoutSuffix(_ words: [String]) -> String {
    (words.count > 1 && words.last == "module" ? words.dropLast() : words[...]).joined(separator: " ")
  }
}
