import OrchDomain

/// Which sets of `touches` are held by work in progress, and which lanes wait for one of them to be free.
///
/// Equal sets have one number; 0 is the empty set, which overlaps with nothing.
struct TouchIndex {
  private(set) var sets: [[Glob]] = [[]]
  /// For every set the fixed beginnings of its patterns.
  private var roots: [[[UInt8]]] = [[]]
  private var numbers: [[Glob]: Int32] = [:]
  private var holders: [Int32] = [0]
  private var waiting: [[Int32]] = [[]]
  /// The sets with a holder, in the order in which they were first held.
  private(set) var held: [Int32] = []
  private var known: [UInt64: Bool] = [:]

  /// The number of a set of patterns, whatever their order.
  mutating func number(of touches: [Glob]) -> Int32 {
    guard !touches.isEmpty else { return 0 }
    if let number = numbers[touches] { return number }
    var set: [Glob] = []
    for glob in touches.sorted(by: { $0.pattern < $1.pattern }) where set.last != glob { set.append(glob) }
    let number = numbers[set] ?? Int32(sets.count)
    if numbers[set] == nil {
      sets.append(set)
      roots.append(set.map { TouchIndex.root(of: $0) })
      holders.append(0)
      waiting.append([])
      numbers[set] = number
    }
    numbers[touches] = number
    return number
  }

  mutating func acquire(_ set: Int32) {
    guard set != 0 else { return }
    holders[Int(set)] += 1
    if holders[Int(set)] == 1 { held.append(set) }
  }

  /// - Returns: The lanes that waited for this set and may be looked at again.
  mutating func release(_ set: Int32) -> [Int32] {
    guard set != 0, holders[Int(set)] > 0 else { return [] }
    holders[Int(set)] -= 1
    guard holders[Int(set)] == 0 else { return [] }
    held.removeAll { $0 == set }
    let lanes = waiting[Int(set)]
    waiting[Int(set)] = []
    return lanes
  }

  mutating func wait(_ lane: Int32, for set: Int32) { waiting[Int(set)].append(lane) }

  /// The first held set that may overlap with `set`.
  mutating func conflict(of set: Int32) -> Int32? {
    guard set != 0 else { return nil }
    for other in held where mayShareRoot(set, other) && overlaps(set, other) { return other }
    return nil
  }

  /// As ``conflict(of:)``, without remembering what was found out.
  func isFree(_ set: Int32) -> Bool {
    set == 0 || !held.contains { mayShareRoot(set, $0) && (known[TouchIndex.pair(set, $0)] ?? compare(set, $0)) }
  }

  /// The pairs of patterns that may name the same file.
  func overlaps(between set: Int32, and other: Int32) -> [Obstacle.Overlap] {
    sets[Int(set)].flatMap { own in
      sets[Int(other)].filter(own.mayOverlap).map { Obstacle.Overlap(own: own.pattern, other: $0.pattern) }
    }
  }

  /// A quick no for most pairs: two patterns can only meet when the fixed beginning of one begins that of the other.
  private func mayShareRoot(_ a: Int32, _ b: Int32) -> Bool {
    for own in roots[Int(a)] {
      for other in roots[Int(b)] where zip(own, other).allSatisfy({ $0 == $1 }) { return true }
    }
    return false
  }

  /// The components before the first that has a wildcard, each with a final `/`.
  private static func root(of glob: Glob) -> [UInt8] {
    let pattern = glob.pattern.hasPrefix("./") ? glob.pattern.dropFirst(2) : glob.pattern[...]
    var root: [UInt8] = []
    for component in pattern.utf8.split(separator: UInt8(ascii: "/")) {
      if component.contains(where: { "*?[".utf8.contains($0) }) { break }
      root += component
      root.append(UInt8(ascii: "/"))
    }
    return root
  }

  private mutating func overlaps(_ a: Int32, _ b: Int32) -> Bool {
    let pair = TouchIndex.pair(a, b)
    if let answer = known[pair] { return answer }
    // A cache, so forgetting is safe; without a bound it would grow with the square of the sets.
    if known.count >= 1 << 18 { known.removeAll(keepingCapacity: true) }
    let answer = compare(a, b)
    known[pair] = answer
    return answer
  }

  private static func pair(_ a: Int32, _ b: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: min(a, b))) << 32 | UInt64(UInt32(bitPattern: max(a, b)))
  }

  private func compare(_ a: Int32, _ b: Int32) -> Bool {
    a == b || sets[Int(a)].contains { own in sets[Int(b)].contains { own.mayOverlap($0) } }
  }
}
