import OrchDomain
import OrchReview

/// A patch with the evidence of its verdict beside the lines that gave it.
struct AnnotatedPatch {
  let patch: String
  let verdict: Verdict?

  /// The patch fit for a terminal: below a line that is evidence, the rule and why it matters.
  func text(colour: Bool) -> String {
    var byPlace: [String: [Int: [Evidence]]] = [:]
    var byFile: [String: [Evidence]] = [:]
    for item in verdict?.evidence ?? [] {
      if let line = item.line {
        byPlace[item.file, default: [:]][line, default: []].append(item)
      } else {
        byFile[item.file, default: []].append(item)
      }
    }
    var result: [String] = []
    var walk = PatchWalk()
    for line in patch.split(separator: "\n", omittingEmptySubsequences: false) {
      let place = walk.step(line)
      // What is about a line that went stands before the line that took its place.
      if place.isHeader, let file = walk.file, let items = byFile.removeValue(forKey: file) {
        result.append(shown(line, colour))
        result += items.map { note($0, colour) }
        continue
      }
      result.append(shown(line, colour))
      guard let file = walk.file, let number = place.line else { continue }
      let all = byPlace[file]?[number] ?? []
      let own = all.filter { Self.isAboutRemoved($0) == place.isRemoved }
      guard !own.isEmpty else { continue }
      byPlace[file]?[number] = all.filter { !own.contains($0) }
      result += own.map { note($0, colour) }
    }
    return result.joined(separator: "\n")
  }

  private static func isAboutRemoved(_ item: Evidence) -> Bool {
    item.excerpt.hasPrefix("removed: ") || item.rule == "policy.lost-lines"
  }

  private func shown(_ line: Substring, _ colour: Bool) -> String {
    TaskDiff.shown(String(line), colour: colour)
  }

  private func note(_ item: Evidence, _ colour: Bool) -> String {
    let summary = ReviewRule.all.first { $0.name == item.rule }?.summary
    let text = "      ^ \(item.rule)" + (summary.map { ": \($0)" } ?? "")
    return VerdictText.paint(SafeText.line(text, limit: 160), 33, colour)
  }
}

/// Follows a unified diff from line to line.
private struct PatchWalk {
  struct Place {
    /// In the new file; of a removed line, where it was.
    var line: Int?
    var isRemoved = false
    /// Whether the line names a file.
    var isHeader = false
  }

  private(set) var file: String?
  private var next = 0
  /// Lines that the header of the hunk still announces.
  private var oldLeft = 0
  private var newLeft = 0

  mutating func step(_ line: Substring) -> Place {
    if oldLeft > 0 || newLeft > 0 { return hunkLine(line) }
    if line.hasPrefix("diff --git ") {
      // `diff --git a/NAME b/NAME`
      let names = line.dropFirst("diff --git a/".count)
      file = String(names.prefix((names.count - 3) / 2))
      return Place(isHeader: true)
    }
    if line.hasPrefix("rename to ") { file = String(line.dropFirst("rename to ".count)) }
    if line.hasPrefix("@@ ") {
      let ranges = line.split(separator: " ").dropFirst().prefix(2).map { range in
        range.dropFirst().split(separator: ",").map { Int($0) ?? 0 }
      }
      guard ranges.count == 2, ranges.allSatisfy({ !$0.isEmpty }) else { return Place() }
      oldLeft = ranges[0].count > 1 ? ranges[0][1] : 1
      newLeft = ranges[1].count > 1 ? ranges[1][1] : 1
      next = max(1, ranges[1][0])
    }
    return Place()
  }

  private mutating func hunkLine(_ line: Substring) -> Place {
    if line.hasPrefix("\\") { return Place() }
    let isRemoved = line.hasPrefix("-")
    let place = Place(line: next, isRemoved: isRemoved)
    if !line.hasPrefix("+") { oldLeft -= 1 }
    if !isRemoved {
      newLeft -= 1
      next += 1
    }
    return place
  }
}
