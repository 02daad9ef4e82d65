/// Finds the known name that a person most likely meant.
package enum NearestName {
  /// The candidate with the fewest edits to `name`, the first of equals; nil when none is near enough to be a slip.
  ///
  /// Near means at most a third of the longer name, and at least one edit is always allowed. Letter case counts half.
  package static func find(_ name: String, in candidates: some Sequence<String>) -> String? {
    let written = Array(name.utf8.prefix(maximumLength))
    var best: (name: String, cost: Int)?
    for candidate in candidates {
      let known = Array(candidate.utf8.prefix(maximumLength))
      let limit = max(2, 2 * max(written.count, known.count) / 3)
      let cost = distance(written, known)
      if cost <= limit, cost < 2 * max(written.count, known.count), cost < best?.cost ?? .max {
        best = (candidate, cost)
      }
    }
    return best?.name
  }

  /// Twice the number of edits (insert, delete, replace, swap of neighbours); a change of ASCII case costs 1.
  package static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = (0...b.count).map { 2 * $0 }
    for i in a.indices {
      var row = [2 * (i + 1)]
      row.reserveCapacity(b.count + 1)
      for j in b.indices {
        var cost = min(last[j + 1] + 2, row[j] + 2, last[j] + replacement(a[i], b[j]))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 2) }
        row.append(cost)
      }
      beforeLast = last
      last = row
    }
    return last[b.count]
  }

  // Names are short; a longer text is hostile or a mistake, and must not make the search slow.
  private static let maximumLength = 64

  private static func replacement(_ a: UInt8, _ b: UInt8) -> Int {
    if a == b { return 0 }
    let lower = a | 0x20
    return lower == b | 0x20 && (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lower) ? 1 : 2
  }
}
