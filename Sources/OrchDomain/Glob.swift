/// A path pattern: `*` within a component, `**` across components, `?`, `[a-z]`; a trailing `/` means everything below.
///
/// Matching is linear in pattern times path, so a hostile pattern cannot make it hang.
package struct Glob: Hashable, Sendable {
  package let pattern: String
  private let parts: [[UInt8]]

  package init(_ pattern: String) {
    self.pattern = pattern
    var text = pattern.hasPrefix("./") ? String(pattern.dropFirst(2)) : pattern
    if text.hasPrefix("/") { text.removeFirst() }
    if text.hasSuffix("/") { text += "**" }
    parts = text.split(separator: "/").map { Array($0.utf8) }
  }

  /// Whether the whole of `path` (components separated by `/`) matches.
  package func matches(_ path: String) -> Bool {
    Glob.match(parts[...], path.split(separator: "/").map { Array($0.utf8) }[...])
  }

  /// Whether some path could match both patterns. Errs on the side of yes.
  package func mayOverlap(_ other: Glob) -> Bool { Glob.overlap(parts[...], other.parts[...]) }

  private static let doubleStar = Array("**".utf8)

  /// Greedy matching with one point of return, over path components.
  private static func match(_ pattern: ArraySlice<[UInt8]>, _ path: ArraySlice<[UInt8]>) -> Bool {
    var p = pattern.startIndex
    var s = path.startIndex
    var resume: (pattern: Int, path: Int)?
    while s < path.endIndex {
      if p < pattern.endIndex, pattern[p] == doubleStar {
        resume = (p + 1, s)
        p += 1
      } else if p < pattern.endIndex, matchComponent(pattern[p], path[s]) {
        p += 1
        s += 1
      } else if let back = resume {
        resume = (back.pattern, back.path + 1)
        p = back.pattern
        s = back.path + 1
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == doubleStar }
  }

  private static func matchComponent(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
    var p = 0
    var s = 0
    var resume: (pattern: Int, text: Int)?
    while s < text.count {
      if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
        resume = (p + 1, s)
        p += 1
      } else if p < pattern.count, let next = matchOne(pattern, p, text[s]) {
        p = next
        s += 1
      } else if let back = resume {
        resume = (back.pattern, back.text + 1)
        p = back.pattern
        s = back.text + 1
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
  }

  /// The index behind the pattern element at `p` when it matches `byte`; nil otherwise.
  private static func matchOne(_ pattern: [UInt8], _ p: Int, _ byte: UInt8) -> Int? {
    switch pattern[p] {
    case UInt8(ascii: "?"):
      return p + 1
    case UInt8(ascii: "["):
      guard let close = pattern[(p + 1)...].dropFirst().firstIndex(of: UInt8(ascii: "]")) else {
        return byte == pattern[p] ? p + 1 : nil
      }
      var set = pattern[(p + 1)..<close]
      let negated = set.first == UInt8(ascii: "!") || set.first == UInt8(ascii: "^")
      if negated { set = set.dropFirst() }
      var found = false
      var i = set.startIndex
      while i < set.endIndex {
        if i + 2 < set.endIndex, set[i + 1] == UInt8(ascii: "-") {
          if set[i] <= byte && byte <= set[i + 2] { found = true }
          i += 3
        } else {
          if set[i] == byte { found = true }
          i += 1
        }
      }
      return found != negated ? close + 1 : nil
    default:
      return pattern[p] == byte ? p + 1 : nil
    }
  }

  private static func overlap(_ a: ArraySlice<[UInt8]>, _ b: ArraySlice<[UInt8]>) -> Bool {
    // One row of the table: can pattern a[..<i] and b[..<j] produce a common prefix of components.
    var row = [Bool](repeating: false, count: b.count + 1)
    row[0] = true
    for j in 0..<b.count { row[j + 1] = row[j] && b[b.startIndex + j] == doubleStar }
    for x in a {
      var next = [Bool](repeating: false, count: b.count + 1)
      next[0] = row[0] && x == doubleStar
      for j in 0..<b.count {
        let y = b[b.startIndex + j]
        if x == doubleStar || y == doubleStar {
          next[j + 1] = row[j] || row[j + 1] || next[j]
          if x != doubleStar { next[j + 1] = next[j] || row[j + 1] || row[j] }
        } else {
          next[j + 1] = row[j] && componentsMayOverlap(x, y)
        }
      }
      row = next
    }
    return row[b.count]
  }

  private static func componentsMayOverlap(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    let wild = Set("*?[".utf8)
    switch (a.contains(where: wild.contains), b.contains(where: wild.contains)) {
    case (false, false): return a == b
    case (true, false): return matchComponent(a, b)
    case (false, true): return matchComponent(b, a)
    case (true, true):
      // Two wildcards: compare what is fixed at both ends.
      let aHead = a.prefix { !wild.contains($0) }
      let bHead = b.prefix { !wild.contains($0) }
      guard zip(aHead, bHead).allSatisfy(==) else { return false }
      let aTail = a.reversed().prefix { !wild.contains($0) && $0 != UInt8(ascii: "]") }
      let bTail = b.reversed().prefix { !wild.contains($0) && $0 != UInt8(ascii: "]") }
      return zip(aTail, bTail).allSatisfy(==)
    }
  }
}
