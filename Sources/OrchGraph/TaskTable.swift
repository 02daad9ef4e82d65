package import OrchDomain

/// Task ids in ascending order, each with its place as a dense number.
///
/// Looking up costs one hash of the module's name and a binary search inside the module, so no table of whole ids is
/// needed.
package struct TaskTable: Sendable {
  /// Ascending, without duplicates.
  package let ids: [TaskID]
  private let modules: [String: Range<Int>]

  /// Sorts and drops duplicates.
  package init(_ ids: [TaskID]) {
    let isAscending = zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 }
    var sorted = ids
    if !isAscending {
      sorted.sort()
      var unique: [TaskID] = []
      unique.reserveCapacity(sorted.count)
      for id in sorted where unique.last != id { unique.append(id) }
      sorted = unique
    }
    var modules: [String: Range<Int>] = [:]
    var start = 0
    for i in sorted.indices where i + 1 == sorted.count || sorted[i + 1].module != sorted[i].module {
      modules[sorted[i].module] = start..<(i + 1)
      start = i + 1
    }
    self.ids = sorted
    self.modules = modules
  }

  package var count: Int { ids.count }

  /// The number of `id`; nil when it is not in the table.
  package func index(of id: TaskID) -> Int32? {
    guard let range = modules[id.module] else { return nil }
    let place = insertionPoint(of: id, in: range)
    return place < range.upperBound && ids[place] == id ? Int32(place) : nil
  }

  /// As ``index(of:)``, but looks first at the task just before `neighbour`: most tasks wait for that one.
  package func index(of id: TaskID, near neighbour: Int32) -> Int32? {
    let before = Int(neighbour) - 1
    if ids.indices.contains(before), ids[before] == id { return Int32(before) }
    return index(of: id)
  }

  /// How many ids of the table are less than `id`.
  package func insertionPoint(of id: TaskID) -> Int { insertionPoint(of: id, in: 0..<ids.count) }

  /// The ids of one module; empty when it has none.
  package func ids(of module: String) -> ArraySlice<TaskID> { ids[modules[module] ?? 0..<0] }

  private func insertionPoint(of id: TaskID, in range: Range<Int>) -> Int {
    var low = range.lowerBound
    var high = range.upperBound
    while low < high {
      let middle = (low + high) / 2
      if ids[middle] < id { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
