import OrchDomain

/// What a person wants to see of a tool's use.
enum ToolSummary {
  private static let telling = [
    "command", "cmd", "file_path", "filePath", "notebook_path", "path", "pattern", "url", "query", "skill",
    "description",
  ]

  /// The one telling value of the input, else all of it.
  static func text(of input: JSONValue?, in directory: String = "") -> String {
    guard let input else { return "" }
    if let text = input.string {
      // Some vendors put the input's own JSON into a string.
      guard text.utf8.first == UInt8(ascii: "{"), let value = JSONReader.value(Array(text.utf8)[...]) else {
        return text.bounded(2000)
      }
      return self.text(of: value, in: directory)
    }
    for key in telling {
      guard let value = input[key] else { continue }
      let text = value.string ?? (value.array ?? []).compactMap(\.string).joined(separator: " ")
      guard !text.isEmpty else { continue }
      guard !directory.isEmpty, text.hasPrefix(directory + "/") else { return text.bounded(2000) }
      return String(text.dropFirst(directory.count + 1)).bounded(2000)
    }
    return input.members?.isEmpty == false ? input.text().bounded(2000) : ""
  }

  /// The first line, and how many more there are.
  static func lines(_ text: String) -> String {
    let lines = text.bounded(20_000).split(whereSeparator: \.isNewline)
    guard let first = lines.first else { return "" }
    return lines.count == 1 ? String(first) : "\(first) (+\(lines.count - 1) lines)"
  }
}
