import OrchDomain

/// Finds a JSON object in what an agent says, for CLIs that cannot be held to a schema.
enum JSONAnswer {
  private static let limit = 1 << 20

  /// The whole text, the inside of its last code block, or its last line: the first of these that is an object.
  static func find(in text: String) -> JSONValue? {
    guard text.utf8.count <= limit else { return nil }
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    var candidates = [text]
    let fences = lines.indices.filter { lines[$0].hasPrefix("```") }
    if fences.count >= 2 {
      candidates.append(lines[(fences[fences.count - 2] + 1)..<fences[fences.count - 1]].joined(separator: "\n"))
    }
    if let last = lines.last(where: { $0.contains { !$0.isWhitespace } }) { candidates.append(String(last)) }
    for candidate in candidates {
      if let value = JSONReader.value(Array(candidate.utf8)[...]), value.members != nil { return value }
    }
    return nil
  }
}
