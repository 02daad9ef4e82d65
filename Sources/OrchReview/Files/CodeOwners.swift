import OrchDomain

/// Whom a repository has named for which paths, in the format of GitHub's and GitLab's `CODEOWNERS`.
package struct CodeOwners: Hashable, Sendable {
  /// Where the file may be; the first one counts.
  package static let places = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"]

  private struct Line: Hashable {
    let pattern: String
    let globs: [Glob]
    let owners: [String]
  }

  private let lines: [Line]

  package static let none = CodeOwners("")

  package init(_ text: String) {
    lines = text.split(whereSeparator: \.isNewline).compactMap { line in
      let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).map(String.init)
      guard let pattern = words.first, !pattern.hasPrefix("["), !pattern.hasPrefix("^[") else { return nil }
      return Line(pattern: pattern, globs: CodeOwners.globs(pattern), owners: Array(words.dropFirst()))
    }
  }

  /// As gitignore reads patterns: a slash ties to the root, a name alone counts anywhere, a directory means all below.
  private static func globs(_ pattern: String) -> [Glob] {
    let isTied = pattern.dropLast(pattern.hasSuffix("/") ? 1 : 0).contains("/")
    let text = isTied ? pattern : "**/" + pattern
    return pattern.hasSuffix("/") ? [Glob(text)] : [Glob(text), Glob(text + "/**")]
  }

  /// Who owns `path`, and by which pattern. The last match counts. A pattern for everything says nothing about any
  /// file in particular, so it gives nobody.
  package func owners(of path: String) -> (pattern: String, owners: [String])? {
    guard let line = lines.last(where: { line in line.globs.contains { $0.matches(path) } }), !line.owners.isEmpty,
      !["*", "**", "/", "/*", "/**", "**/*"].contains(line.pattern)
    else { return nil }
    return (line.pattern, line.owners)
  }
}
