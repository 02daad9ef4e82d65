/// Finds the known name that a person most likely meant.
package enum NearestName {
  /// The candidate with the fewest edits to `name`, the first of equals; nil when none is near enough to be a slip.
  ///
  /// Near means at most a third of the longer name, and at least one edit is always allowed. The case of ASCII letters
  /// only decides between equals.
  package static func find(_ name: String, in candidates: some Sequence<String>) -> String? {
    let written = name.utf8.prefix(maximumLength).map(lowercased)
    var best: (name: String, cost: Int)?
    for candidate in candidates {
      let known = candidate.utf8.prefix(maximumLength).map(lowercased)
      let length = max(written.count, known.count)
      let edits = distance(written, known)
      // An edit counts double, so that letter case weighs less than any edit.
      let cost = 2 * edits + (candidate == name || edits > 0 ? 0 : 1)
      if edits <= max(1, length / 3), edits < length, cost < best?.cost ?? .max {
        best = (candidate, cost)
      }
    }
    return best?.name
  }

  /// The number of edits: insert, delete, replace, swap of neighbours.
  package static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      row.reserveCapacity(b.count + 1)
      for j in b.indices {
        var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
        row.append(cost)
      }
      beforeLast = last
      last = row
    }
    return last[b.count]
  }

  // Names are short; a longer text is hostile or a mistake, and must not make the search slow.
  private static let maximumLength = 64

  private static func lowercased(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 0x20 : byte }
}
