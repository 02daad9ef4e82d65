import OrchDomain
import OrchGraph

/// Finds tasks that may run together and say that they change the same files.
///
/// Two globs can only overlap when the literal beginning of one is the beginning of the other's, so they are sorted by
/// it and only neighbours are compared. What remains is bounded: every task is reported once as the first of a pair,
/// each glob is compared with at most ``candidateLimit`` others, and all together ask for at most ``globLimit``
/// comparisons of wildcards and ``reachLimit`` searches of the graph. When that is not enough, ``isComplete`` is false.
struct TouchOverlaps {
  static let candidateLimit = 64
  static let globLimit = 5000
  static let reachLimit = 2000

  /// One overlap: entry `touch` of the node's task with an entry of another task.
  struct Pair: Hashable {
    let node: Int32
    let touch: Int
    let other: Int32
    let otherTouch: Int
  }

  private(set) var pairs: [Pair] = []
  private(set) var isComplete = true
  private let touches: [[String]]
  private let chains: [Int32]
  private let graph: IndexGraph
  private let ordering: IndexGraph.Ordering
  private var entries: [Entry] = []
  /// The literal parts of all globs.
  private var pool: [UInt8] = []
  private var globComparisons = 0
  private var searches = 0

  /// One glob; plain numbers, because sorting moves it often.
  private struct Entry {
    let node: Int32
    let touch: Int32
    /// The place in the pool of the components before the first wildcard, each followed by a zero byte.
    let start: Int32
    let count: Int32
    /// The first literal bytes as a number that sorts like them.
    let key: UInt64
    let isLiteral: Bool
    /// Whether the wildcard takes everything below the literal part.
    let isTree: Bool
  }

  /// - Parameters:
  ///   - touches: The globs of every node; empty for a task that needs no comparison.
  ///   - chains: For every node the number of its sequence, whose tasks always run one after the other.
  init(_ touches: [[String]], chains: [Int32], graph: IndexGraph, ordering: IndexGraph.Ordering) {
    self.touches = touches
    self.chains = chains
    self.graph = graph
    self.ordering = ordering
    for node in touches.indices {
      for touch in touches[node].indices { addEntry(node, touch) }
    }
    guard entries.count > 1 else { return }
    sortEntries()
    search()
  }

  /// Reads a pattern as ``Glob`` does.
  private mutating func addEntry(_ node: Int, _ touch: Int) {
    let start = pool.count
    var isLiteral = true
    var isTree = false
    var text = Substring(touches[node][touch]).utf8
    if text.starts(with: "./".utf8) { text = text.dropFirst(2) }
    let endsOpen = text.last == UInt8(ascii: "/")
    while true {
      while text.first == UInt8(ascii: "/") { text = text.dropFirst() }
      guard !text.isEmpty else {
        if endsOpen { (isLiteral, isTree) = (false, true) }
        break
      }
      let part = text.prefix { $0 != UInt8(ascii: "/") }
      guard !part.contains(where: { $0 == 0x2A || $0 == 0x3F || $0 == 0x5B }) else {
        isLiteral = false
        isTree = part.elementsEqual("**".utf8) && part.endIndex == text.endIndex
        break
      }
      pool.append(contentsOf: part)
      pool.append(0)
      text = text[part.endIndex...]
    }
    var key: UInt64 = 0
    for i in 0..<8 { key = key << 8 | UInt64(start + i < pool.count ? pool[start + i] : 0) }
    entries.append(
      Entry(
        node: Int32(clamping: node), touch: Int32(clamping: touch), start: Int32(clamping: start),
        count: Int32(clamping: pool.count - start), key: key, isLiteral: isLiteral, isTree: isTree))
  }

  private mutating func sortEntries() {
    let pool = pool
    pool.withUnsafeBufferPointer { bytes in
      entries.sort { a, b in
        if a.key != b.key { return a.key < b.key }
        let shared = Int(min(a.count, b.count))
        var i = 8
        while i < shared {
          let (left, right) = (bytes[Int(a.start) + i], bytes[Int(b.start) + i])
          if left != right { return left < right }
          i += 1
        }
        if a.count != b.count { return a.count < b.count }
        return (a.node, a.touch) < (b.node, b.touch)
      }
    }
  }

  private mutating func search() {
    var isReported = [Bool](repeating: false, count: touches.count)
    let jumps = jumpsToOtherChains()
    for i in entries.indices where !isReported[Int(entries[i].node)] {
      let first = entries[i]
      var candidates = 0
      var next = i + 1
      while next < entries.count {
        let second = entries[next]
        guard begins(second, with: first), !first.isLiteral || second.count == first.count else { break }
        guard chains[Int(first.node)] != chains[Int(second.node)] else {
          next = jumps[next]
          continue
        }
        next += 1
        guard candidates < TouchOverlaps.candidateLimit else {
          isComplete = false
          break
        }
        candidates += 1
        guard let mayMeet = compare(first, second) else {
          isComplete = false
          return
        }
        guard mayMeet else { continue }
        isReported[Int(first.node)] = true
        pairs.append(
          Pair(
            node: first.node, touch: Int(first.touch), other: second.node, otherTouch: Int(second.touch)))
        break
      }
    }
  }

  /// For every entry the place of the next one of another sequence; a module often has one glob for all its tasks.
  private func jumpsToOtherChains() -> [Int] {
    var jumps = Array(1..<(entries.count + 1))
    for i in entries.indices.dropLast().reversed()
    where chains[Int(entries[i].node)] == chains[Int(entries[i + 1].node)] {
      jumps[i] = jumps[i + 1]
    }
    return jumps
  }

  private func begins(_ second: Entry, with first: Entry) -> Bool {
    guard second.count >= first.count else { return false }
    if first.count >= 8, first.key != second.key { return false }
    return pool.withUnsafeBufferPointer { bytes in
      for i in 0..<Int(first.count) where bytes[Int(first.start) + i] != bytes[Int(second.start) + i] { return false }
      return true
    }
  }

  /// Whether two tasks may change the same file at the same time; nil when there is no budget left to tell.
  private mutating func compare(_ first: Entry, _ second: Entry) -> Bool? {
    let surely = first.isTree || (first.isLiteral && second.isLiteral)
    if !surely {
      guard globComparisons < TouchOverlaps.globLimit else { return nil }
      globComparisons += 1
      let a = Glob(touches[Int(first.node)][Int(first.touch)])
      guard a.mayOverlap(Glob(touches[Int(second.node)][Int(second.touch)])) else { return false }
    }
    guard searches < TouchOverlaps.reachLimit else { return nil }
    searches += 1
    return !graph.reaches(first.node, second.node, ordering) && !graph.reaches(second.node, first.node, ordering)
  }
}
