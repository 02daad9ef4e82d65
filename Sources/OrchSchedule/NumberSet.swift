/// A set of numbers below a limit that finds the first of its members in a range.
///
/// A tree of bits: each bit of a level says whether a word of the level below has one, so that every operation looks at
/// one word for each 64-fold of the limit. A million numbers take 127 KB, which a cache holds.
struct NumberSet {
  private var words: [UInt64] = []
  /// Where in `words` each level begins, the members themselves first.
  private var starts: [Int] = []
  private let limit: Int

  /// - Parameter limit: Numbers from here on are never members.
  init(limit: Int) {
    self.limit = limit
    var size = limit
    var total = 0
    repeat {
      size = (size + 63) / 64
      starts.append(total)
      total += size
    } while size > 1
    words = [UInt64](repeating: 0, count: total)
  }

  func contains(_ number: Int32) -> Bool {
    Int(number) < limit && words[Int(number) >> 6] & bit(Int(number)) != 0
  }

  mutating func insert(_ number: Int32) {
    var place = Int(number)
    for start in starts {
      let before = words[start + place >> 6]
      words[start + place >> 6] = before | bit(place)
      guard before == 0 else { return }
      place >>= 6
    }
  }

  mutating func remove(_ number: Int32) {
    var place = Int(number)
    for start in starts {
      words[start + place >> 6] &= ~bit(place)
      guard words[start + place >> 6] == 0 else { return }
      place >>= 6
    }
  }

  /// The smallest member of `range`, which must not be above the limit.
  func first(in range: Range<Int32>) -> Int32? {
    var place = Int(range.lowerBound)
    var level = 0
    while level < starts.count, place << (6 * level) < Int(range.upperBound) {
      let rest = words[starts[level] + place >> 6] >> UInt64(truncatingIfNeeded: place & 63)
      if rest != 0 {
        let found = descend(from: level, to: place + rest.trailingZeroBitCount)
        return found < range.upperBound ? found : nil
      }
      place = place >> 6 + 1
      level += 1
    }
    return nil
  }

  /// The first member below a bit that is set.
  private func descend(from level: Int, to place: Int) -> Int32 {
    var found = place
    for start in starts[..<level].reversed() { found = found << 6 + words[start + found].trailingZeroBitCount }
    return Int32(found)
  }

  private func bit(_ place: Int) -> UInt64 { 1 << UInt64(truncatingIfNeeded: place & 63) }
}
