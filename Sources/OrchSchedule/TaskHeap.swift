/// The documented order of ready tasks as two numbers: smaller runs first.
///
/// Priority, then the longest chain of work that the task unblocks (longest first), then module, prefix and number. The
/// last three are one rank, so the order is total.
struct OrderKey: Hashable, Comparable {
  /// Priority in the two highest bits, below it the complement of the chain.
  let urgency: UInt64
  /// Ascends with the task ids.
  let rank: Int64

  init(priority: UInt8, chain: Int64, rank: Int64) {
    let limit: UInt64 = 1 << 62 - 1
    urgency = UInt64(priority & 3) << 62 | (limit - min(limit, UInt64(max(0, chain))))
    self.rank = rank
  }

  static func < (a: OrderKey, b: OrderKey) -> Bool {
    a.urgency != b.urgency ? a.urgency < b.urgency : a.rank < b.rank
  }
}

/// A binary heap of tasks, smallest key first, from which any task can be taken out.
///
/// Every task is in at most one heap, so all heaps share one table with the place of each task.
struct TaskHeap {
  struct Entry {
    var key: OrderKey
    let node: Int32
  }

  private(set) var entries: [Entry] = []

  var count: Int { entries.count }
  var isEmpty: Bool { entries.isEmpty }
  var first: Entry? { entries.first }

  mutating func push(_ entry: Entry, _ places: inout [Int32: Int32]) {
    entries.append(entry)
    rise(entries.count - 1, entry, &places)
  }

  /// Takes out the entry at `place`, which must exist.
  mutating func remove(at place: Int, _ places: inout [Int32: Int32]) {
    places[entries[place].node] = nil
    let last = entries.removeLast()
    if place < entries.count { settle(place, last, &places) }
  }

  private mutating func settle(_ place: Int, _ entry: Entry, _ places: inout [Int32: Int32]) {
    if place > 0, entry.key < entries[(place - 1) / 2].key {
      rise(place, entry, &places)
    } else {
      sink(place, entry, &places)
    }
  }

  private mutating func rise(_ start: Int, _ entry: Entry, _ places: inout [Int32: Int32]) {
    var place = start
    while place > 0 {
      let parent = (place - 1) / 2
      guard entry.key < entries[parent].key else { break }
      entries[place] = entries[parent]
      places[entries[place].node] = Int32(truncatingIfNeeded: place)
      place = parent
    }
    entries[place] = entry
    places[entry.node] = Int32(truncatingIfNeeded: place)
  }

  private mutating func sink(_ start: Int, _ entry: Entry, _ places: inout [Int32: Int32]) {
    var place = start
    while true {
      var child = 2 * place + 1
      guard child < entries.count else { break }
      if child + 1 < entries.count, entries[child + 1].key < entries[child].key { child += 1 }
      guard entries[child].key < entry.key else { break }
      entries[place] = entries[child]
      places[entries[place].node] = Int32(truncatingIfNeeded: place)
      place = child
    }
    entries[place] = entry
    places[entry.node] = Int32(truncatingIfNeeded: place)
  }
}
