/// Why a document was not parsed: it would take a time that grows with the square of its length.
package enum MarkdownRefusal: Error, Hashable, Sendable {
  /// Lists or quotes nested so deeply that every further line is slow; the deepest line.
  case tooDeep(line: Int)
  /// A paragraph with too many square brackets; its last line.
  case tooManyBrackets(line: Int)
  /// A table with too many cells; its last line.
  case tableTooLarge(line: Int)
  /// More than 1 GiB.
  case tooLarge

  /// The line to look at; nil when it is the whole file.
  package var line: Int? {
    switch self {
    case .tooDeep(let line), .tooManyBrackets(let line), .tableTooLarge(let line): line
    case .tooLarge: nil
    }
  }
}

extension MarkdownRefusal: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tooDeep(let line):
      "the Markdown was not read: line \(line) nests lists or quotes too deeply for a file of this length"
    case .tooManyBrackets(let line):
      "the Markdown was not read: the paragraph that ends in line \(line) has too many square brackets"
    case .tableTooLarge(let line): "the Markdown was not read: the table that ends in line \(line) has too many cells"
    case .tooLarge: "the Markdown was not read: the file is larger than 1 GiB"
    }
  }
}
