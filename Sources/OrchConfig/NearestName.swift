/// Finds what a person may have meant.
enum NearestName {
  /// The candidate with the fewest edits from `name`, when that is a third of its letters at most.
  ///
  /// Of equals the first in the order of the alphabet wins, so the answer does not depend on the order of candidates.
  static func find(_ name: String, in candidates: some Sequence<String>) -> String? {
    // No known name is nearly as long, and the time grows with the length.
    guard name.utf8.count <= 64 else { return nil }
    let limit = max(1, name.utf8.count / 3)
    var best: (distance: Int, name: String)?
    for candidate in candidates {
      let distance = distance(Array(name.utf8), Array(candidate.utf8))
      if distance <= limit, best.map({ (distance, candidate) < ($0.distance, $0.name) }) ?? true {
        best = (distance, candidate)
      }
    }
    return best?.name
  }

  /// Insertions, deletions, replacements and exchanges of neighbours that turn `a` into `b`.
  static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var before: [Int] = []
    var previous = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      row.reserveCapacity(b.count + 1)
      for j in b.indices {
        var cost = min(previous[j] + (a[i] == b[j] ? 0 : 1), previous[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
        row.append(cost)
      }
      before = previous
      previous = row
    }
    return previous[b.count]
  }
}
