package import OrchDomain

/// Checks that a merge by hand has kept what both sides had added.
///
/// A line has survived when the merged file still has it, or a line with all of its words: two edits of one line become
/// one line with both. Only files that both sides changed are looked at; elsewhere git merges by itself.
package enum DroppedLines {
  /// - Parameters:
  ///   - theirs: What the base branch gained.
  ///   - ours: What the branch had changed before it took that in.
  ///   - sinceTheirs: From the base to the merged branch.
  ///   - sinceOurs: From the branch before to the merged branch.
  ///   - base: The name of the base branch.
  package static func judge(
    theirs: [FileDiff], ours: [FileDiff], sinceTheirs: [FileDiff], sinceOurs: [FileDiff], base: String
  ) -> [Evidence] {
    let shared = Set(theirs.map(path)).intersection(ours.map(path))
    return lost(of: theirs, in: sinceTheirs, among: shared, whose: "'\(base)'")
      + lost(of: ours, in: sinceOurs, among: shared, whose: "the branch before the merge")
  }

  private static func path(_ file: FileDiff) -> String { file.oldPath ?? file.path }

  private static func lost(
    of side: [FileDiff], in since: [FileDiff], among shared: Set<String>, whose: String
  ) -> [Evidence] {
    let added = Dictionary(
      side.map { (path($0), Set(lines(.added, of: $0))) }, uniquingKeysWith: { $0.union($1) })
    let merged = since.flatMap { lines(.added, of: $0) }.map { Set(words($0)) }
    var evidence: [Evidence] = []
    for file in since where shared.contains(path(file)) {
      let own = added[file.path] ?? added[path(file)] ?? []
      let dropped = lines(.removed, of: file).filter { line in
        let words = words(line)
        return own.contains(line) && !words.isEmpty && !merged.contains { $0.isSuperset(of: words) }
      }
      guard let first = dropped.first else { continue }
      evidence.append(
        Evidence(
          rule: ReviewRule.droppedLines.name, category: ReviewRule.droppedLines.category, file: file.path, line: nil,
          excerpt: SafeText.line("the merge drops \(dropped.count) lines of \(whose): \(first)", limit: 200)))
    }
    return evidence
  }

  private static func lines(_ origin: FileDiff.Line.Origin, of file: FileDiff) -> [String] {
    file.hunks.flatMap(\.lines).filter { $0.origin == origin }.map { line in
      var text = line.text.drop { $0.isWhitespace }
      while text.last?.isWhitespace == true { text.removeLast() }
      return String(text)
    }
  }

  private static func words(_ line: String) -> [Substring] { line.split { !$0.isLetter && !$0.isNumber && $0 != "_" } }
}
