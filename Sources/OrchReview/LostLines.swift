package import OrchDomain

/// Finds changes that take away what another task landed a few days ago.
///
/// Lines that are rewritten are ordinary work. What is looked for is the trace of a lost merge: lines that go without
/// anything new in their place, or with just that in their place which they had replaced.
package enum LostLines {
  /// What one task landed.
  package struct Landing: Hashable, Sendable {
    /// A task, or another name that a reader knows it by.
    package var name: String
    /// When, for people.
    package var when: String
    /// Lines with something to say, without the blanks around them, by path.
    package let added: [String: [String: Int]]
    let removed: [String: Set<String>]

    package init(name: String, when: String, files: [FileDiff]) {
      self.name = name
      self.when = when
      var added: [String: [String: Int]] = [:]
      var removed: [String: Set<String>] = [:]
      for file in files {
        for line in file.hunks.lazy.flatMap(\.lines) where line.origin != .context {
          guard let text = LostLines.telling(line.text) else { continue }
          if line.origin == .added {
            added[file.path, default: [:]][text, default: 0] += 1
          } else {
            removed[file.oldPath ?? file.path, default: []].insert(text)
          }
        }
      }
      self.added = added
      self.removed = removed
    }
  }

  /// So many lines are no accident.
  private static let many = 10
  /// So few are none, unless they are half of what was landed in the file.
  private static let few = 3

  /// - Parameters:
  ///   - name: The task whose change this is.
  ///   - supersedes: Names of landings that the plan means to undo.
  ///   - removes: Files that the plan means to take lines out of.
  package static func judge(
    _ files: [FileDiff], of name: String, landings: [Landing], supersedes: Set<String> = [], removes: [Glob] = []
  ) -> [Evidence] {
    let back = Set(
      files.lazy.flatMap(\.hunks).flatMap(\.lines).filter { $0.origin == .added }.compactMap { telling($0.text) })
    var evidence: [Evidence] = []
    for landing in landings where landing.name != name && !supersedes.contains(landing.name) {
      for file in files {
        let path = file.oldPath ?? file.path
        guard let added = landing.added[path], !removes.contains(where: { $0.matches(path) }) else { continue }
        let lost = lostLines(file, added, landing.removed[path] ?? [], back)
        let whole = added.values.reduce(0, +)
        guard lost.count >= many || (lost.count >= few && 2 * lost.count >= whole), let first = lost.first else {
          continue
        }
        evidence.append(
          Evidence(
            rule: ReviewRule.lostLines.name, category: ReviewRule.lostLines.category, file: file.path, line: first.line,
            excerpt: SafeText.line(
              "\(name) takes away \(lost.count) of \(whole) lines that \(landing.name) landed \(landing.when): "
                + first.text,
              limit: 200)))
      }
    }
    return evidence
  }

  private static func lostLines(
    _ file: FileDiff, _ added: [String: Int], _ replaced: Set<String>, _ back: Set<String>
  ) -> [(line: Int, text: String)] {
    var left = added
    var lost: [(line: Int, text: String)] = []
    for hunk in file.hunks {
      let new = hunk.lines.filter { $0.origin == .added }.compactMap { telling($0.text) }
      // Something new in their place: rewritten, not lost.
      guard new.allSatisfy(replaced.contains) else { continue }
      var number = max(1, hunk.newStart)
      for line in hunk.lines {
        if line.origin != .removed {
          number += 1
        } else if let text = telling(line.text), !back.contains(text), let count = left[text], count > 0 {
          left[text] = count - 1
          lost.append((number, text))
        }
      }
    }
    return lost
  }

  /// A line that many files have, such as a brace, tells nothing.
  private static func telling(_ line: String) -> String? {
    var text = line.drop { $0.isWhitespace }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text.utf8.count(where: CodeLine.isWord) >= 6 ? String(text) : nil
  }
}
