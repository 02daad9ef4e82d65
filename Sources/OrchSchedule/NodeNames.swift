import OrchDomain
import OrchGraph

/// The ids of the nodes: a sorted table made once, and those that were added later.
///
/// A node has a number, by which everything else knows it, and a place: that of its id in the table, behind it when it
/// was added.
struct NodeNames {
  private let table: TaskTable
  /// By number, and by place.
  private var places: [Int32]
  private var numbers: [Int32]
  private var added: [TaskID] = []
  private var addedNodes: [TaskID: Int32] = [:]
  /// The added nodes by id.
  private var addedOrder: [Int32] = []
  private var addedRanks: [Int64] = []

  /// Numbers are the places at first.
  init(_ table: TaskTable) {
    self.table = table
    places = Array(0..<Int32(table.count))
    numbers = places
  }

  /// - Parameter places: The place of every node, in the order in which they are to be numbered. What was added keeps
  ///   its number.
  mutating func number(_ places: [Int32]) {
    self.places = places
    for (number, place) in places.enumerated() { numbers[Int(place)] = Int32(number) }
  }

  var count: Int { places.count }

  func place(of node: Int32) -> Int { Int(places[Int(node)]) }
  func node(at place: Int32) -> Int32 { numbers[Int(place)] }

  func contains(_ node: Int32) -> Bool { node >= 0 && Int(node) < count }

  func id(_ node: Int32) -> TaskID {
    let place = place(of: node)
    return place < table.count ? table.ids[place] : added[place - table.count]
  }

  func index(of id: TaskID) -> Int32? { table.index(of: id).map(node) ?? addedNodes[id] }

  /// - Parameter place: Of a node whose neighbour in the table is probably meant.
  func index(of id: TaskID, near place: Int32) -> Int32? {
    table.index(of: id, near: place).map(node) ?? addedNodes[id]
  }

  /// A number that ascends with the ids. It may change when a node is added, but never the order of two nodes.
  func rank(_ node: Int32) -> Int64 {
    let place = place(of: node)
    return place < table.count ? (Int64(place) + 1) << 31 : addedRanks[place - table.count]
  }

  /// Adds an id that is not there yet. Every rank may have changed when ``ranksMoved`` says so.
  mutating func add(_ id: TaskID) -> Int32 {
    let node = Int32(count)
    let gap = table.insertionPoint(of: id)
    var place = 0
    var end = addedOrder.count
    while place < end {
      let middle = (place + end) / 2
      if self.id(addedOrder[middle]) < id { place = middle + 1 } else { end = middle }
    }
    let low = Int64(gap) << 31
    let high = (Int64(gap) + 1) << 31
    let before = place > 0 ? max(low, rank(addedOrder[place - 1])) : low
    let after = place < addedOrder.count ? min(high, rank(addedOrder[place])) : high
    added.append(id)
    places.append(node)
    numbers.append(node)
    addedNodes[id] = node
    addedOrder.insert(node, at: place)
    addedRanks.append(before + (after - before) / 2)
    if after - before < 2 { spread(around: place, low: low, high: high) }
    return node
  }

  /// Counts how often existing ranks were changed.
  private(set) var ranksMoved = 0

  /// Spaces the added nodes between two nodes of the table evenly.
  private mutating func spread(around place: Int, low: Int64, high: Int64) {
    var start = place
    var end = place + 1
    while start > 0, rank(addedOrder[start - 1]) > low { start -= 1 }
    while end < addedOrder.count, rank(addedOrder[end]) < high { end += 1 }
    let step = (high - low) / Int64(end - start + 1)
    for (offset, node) in addedOrder[start..<end].enumerated() {
      addedRanks[Int(node) - table.count] = low + step * Int64(offset + 1)
    }
    ranksMoved += 1
  }
}
