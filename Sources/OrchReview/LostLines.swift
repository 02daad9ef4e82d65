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

    package init(name: String, when: String, _ change: Change) {
      self.name = name
      self.when = when
      var added: [String: [String: Int]] = [:]
      var removed: [String: Set<String>] = [:]
      for file in change.files {
        for hunk in file.hunks {
          for text in hunk.added { added[file.path, default: [:]][text, default: 0] += 1 }
          for line in hunk.removed { removed[file.oldPath, default: []].insert(line.text) }
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

  /// A change with its lines taken apart, so that comparing it with many landings does that only once.
  package struct Change: Sendable {
    struct File: Sendable {
      let path: String
      /// Where its lines were before.
      let oldPath: String
      let hunks: [Hunk]
    }

    struct Hunk: Sendable {
      let added: [String]
      /// With their places in the new file.
      let removed: [(line: Int, text: String)]
    }

    let files: [File]
    let added: Set<String>

    /// - Parameter telling: A line without the blanks around it, or nil for one that many files have.
    package init(_ files: [FileDiff], telling: (String) -> String? = LostLines.telling) {
      var all: Set<String> = []
      self.files = files.map { file in
        let hunks = file.hunks.map { hunk in
          var added: [String] = []
          var removed: [(line: Int, text: String)] = []
          var number = max(1, hunk.newStart)
          for line in hunk.lines {
            if line.origin != .context, let text = telling(line.text) {
              if line.origin == .added { added.append(text) } else { removed.append((number, text)) }
            }
            if line.origin != .removed { number += 1 }
          }
          all.formUnion(added)
          return Hunk(added: added, removed: removed)
        }
        return File(path: file.path, oldPath: file.oldPath ?? file.path, hunks: hunks)
      }
      added = all
    }
  }

  /// - Parameters:
  ///   - name: The task whose change this is.
  ///   - supersedes: Names of landings that the plan means to undo.
  ///   - removes: Files that the plan means to take lines out of.
  package static func judge(
    _ change: Change, of name: String, landings: [Landing], supersedes: Set<String> = [], removes: [Glob] = []
  ) -> [Evidence] {
    var evidence: [Evidence] = []
    for landing in landings where landing.name != name && !supersedes.contains(landing.name) {
      for file in change.files {
        let path = file.oldPath
        guard let added = landing.added[path], !removes.contains(where: { $0.matches(path) }) else { continue }
        let lost = lostLines(file, added, landing.removed[path] ?? [], change.added)
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
    _ file: Change.File, _ added: [String: Int], _ replaced: Set<String>, _ back: Set<String>
  ) -> [(line: Int, text: String)] {
    var left = added
    var lost: [(line: Int, text: String)] = []
    // Something new in their place: rewritten, not lost.
    for hunk in file.hunks where !hunk.removed.isEmpty && hunk.added.allSatisfy(replaced.contains) {
      for line in hunk.removed where !back.contains(line.text) {
        guard let count = left[line.text], count > 0 else { continue }
        left[line.text] = count - 1
        lost.append(line)
      }
    }
    return lost
  }

  /// A line that many files have, such as a brace, tells nothing.
  package static func telling(_ line: String) -> String? {
    var text = line.drop { $0.isWhitespace }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text.utf8.count(where: CodeLine.isWord) >= 6 ? String(text) : nil
  }
}
