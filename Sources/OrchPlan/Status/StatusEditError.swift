package import OrchMarkdown
package import OrchYAML

/// Why a status can't be written into a file; the file has to be edited by a person first.
package enum StatusEditError: Error, Hashable, Sendable {
  /// The frontmatter has no closing line.
  case unterminatedFrontMatter
  case malformedFrontMatter(YAMLError, line: Int)
  /// The frontmatter is a list or a text.
  case notAMapping(line: Int)
  /// The value of `status` is something that no single word can replace.
  case unsupportedValue(String, line: Int)
  /// The edit would not have had its effect; nothing like this is known, but a wrong edit must not be made.
  case ineffective
  case unreadableMarkdown(MarkdownRefusal)

  /// The line to edit, from 1.
  package var line: Int {
    switch self {
    case .malformedFrontMatter(_, let line), .notAMapping(let line), .unsupportedValue(_, let line): line
    case .unreadableMarkdown(let refusal): refusal.line ?? 1
    case .unterminatedFrontMatter, .ineffective: 1
    }
  }
}

extension StatusEditError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unterminatedFrontMatter: "the frontmatter has no closing line '---'; add it"
    case .malformedFrontMatter(let error, _): "the frontmatter can't be read: \(error)"
    case .notAMapping: "the frontmatter is no list of 'key: value' lines; write it as one"
    case .unsupportedValue(let what, _): "the value of 'status' is \(what); write it as one word, such as 'complete'"
    case .ineffective: "no edit was found that sets 'status' and nothing else; set it by hand"
    case .unreadableMarkdown(let refusal): refusal.description
    }
  }
}
