/// The ready tasks of all tiers.
///
/// Tasks of one tier with the same `touches` share a lane, because either all of them may run next or none. So a
/// lane that overlaps with running work is set aside once, not once per task.
///
/// Tasks are numbered lane by lane in the order in which they start, so that the first of a lane is the smallest of a
/// set of numbers. Only what came or changed later is in a heap.
struct ReadyQueue {
  private struct Lane {
    let tier: Int32
    let touches: Int32
    /// The numbers of its tasks, but for the late ones.
    var numbers: Range<Int32> = 0..<0
    var late = TaskHeap()
    var count = 0
    /// What runs first of all that is queued.
    var first: TaskHeap.Entry?
    /// Where it is in the heap of its tier; -1 when empty or set aside.
    var place: Int32 = -1
    var isAside = false
  }

  private struct LaneName: Hashable {
    let tier: Int32
    let touches: Int32
  }

  private var lanes: [Lane] = []
  private var names: [LaneName: Int32] = [:]
  /// Per tier a heap of lanes, ordered by the first task of each.
  private var tiers: [[Int32]] = []
  /// The queued tasks, but for the late ones.
  private var queued = NumberSet(limit: 0)
  /// The place of each late task that is queued in the heap of its lane.
  private var latePlaces: [Int32: Int32] = [:]

  mutating func addTier() { tiers.append([]) }

  /// The lane for tasks of `tier` with `touches`; made when there is none.
  mutating func lane(tier: Int32, touches: Int32) -> Int32 {
    let name = LaneName(tier: tier, touches: touches)
    if let lane = names[name] { return lane }
    let lane = Int32(lanes.count)
    lanes.append(Lane(tier: tier, touches: touches))
    names[name] = lane
    return lane
  }

  /// Decides how the nodes are to be numbered, while nothing is queued.
  ///
  /// - Returns: The places of the nodes in `drafts`, in the order of their numbers.
  mutating func plan(_ drafts: ArraySlice<Frontier.Node>) -> [Int32] {
    let order = drafts.indices.map { (lane: drafts[$0].lane, key: drafts[$0].key, place: Int32($0)) }
      .sorted { $0.lane != $1.lane ? $0.lane < $1.lane : $0.key < $1.key }
    for (number, node) in order.enumerated() {
      let start = lanes[Int(node.lane)].numbers.isEmpty ? Int32(number) : lanes[Int(node.lane)].numbers.lowerBound
      lanes[Int(node.lane)].numbers = start..<(Int32(number) + 1)
    }
    queued = NumberSet(limit: order.count)
    return order.map(\.place)
  }

  func tier(of lane: Int32) -> Int32 { lanes[Int(lane)].tier }
  func touches(of lane: Int32) -> Int32 { lanes[Int(lane)].touches }
  func contains(_ node: Int32) -> Bool { queued.contains(node) || latePlaces[node] != nil }

  mutating func push(_ node: Int32, _ nodes: [Frontier.Node]) {
    let it = nodes[Int(node)]
    let entry = TaskHeap.Entry(key: it.key, node: node)
    if it.flags.contains(.late) {
      lanes[Int(it.lane)].late.push(entry, &latePlaces)
    } else {
      queued.insert(node)
    }
    lanes[Int(it.lane)].count += 1
    if let first = lanes[Int(it.lane)].first, first.key < entry.key { return }
    lanes[Int(it.lane)].first = entry
    laneChanged(it.lane)
  }

  /// Takes out `node`, which is as it was when it was pushed as far as its order goes.
  mutating func remove(_ node: Int32, _ nodes: [Frontier.Node]) {
    let lane = nodes[Int(node)].lane
    if let place = latePlaces[node] {
      lanes[Int(lane)].late.remove(at: Int(place), &latePlaces)
    } else {
      queued.remove(node)
    }
    lanes[Int(lane)].count -= 1
    guard lanes[Int(lane)].first?.node == node else { return }
    lanes[Int(lane)].first = first(of: lanes[Int(lane)], nodes)
    laneChanged(lane)
  }

  private func first(of lane: Lane, _ nodes: [Frontier.Node]) -> TaskHeap.Entry? {
    guard let number = queued.first(in: lane.numbers) else { return lane.late.first }
    let entry = TaskHeap.Entry(key: nodes[Int(number)].key, node: number)
    if let late = lane.late.first, late.key < entry.key { return late }
    return entry
  }

  /// The lane of the first task of `tier` that is not set aside.
  func firstLane(ofTier tier: Int32) -> Int32? { tiers[Int(tier)].first }

  func firstTask(ofLane lane: Int32) -> Int32? { lanes[Int(lane)].first?.node }

  /// Keeps a lane out of ``firstLane(ofTier:)`` until ``recall(_:)``.
  mutating func setAside(_ lane: Int32) {
    lanes[Int(lane)].isAside = true
    laneChanged(lane)
  }

  mutating func recall(_ lane: Int32) {
    lanes[Int(lane)].isAside = false
    laneChanged(lane)
  }

  /// The queued tasks of `tier` whose `touches` are allowed, in order.
  func tasks(ofTier tier: Int32, _ nodes: [Frontier.Node], where isAllowed: (Int32) -> Bool) -> [Int32] {
    var found: [TaskHeap.Entry] = []
    for lane in lanes where lane.tier == tier && lane.count > 0 && isAllowed(lane.touches) {
      found += lane.late.entries
      var rest = lane.numbers
      while let number = queued.first(in: rest) {
        found.append(TaskHeap.Entry(key: nodes[Int(number)].key, node: number))
        rest = (number + 1)..<rest.upperBound
      }
    }
    return found.sorted { $0.key < $1.key }.map(\.node)
  }

  /// How many queued tasks of `tier` have allowed `touches`.
  func count(ofTier tier: Int32, where isAllowed: (Int32) -> Bool) -> Int {
    lanes.reduce(0) { sum, lane in
      lane.tier == tier && lane.count > 0 && isAllowed(lane.touches) ? sum + lane.count : sum
    }
  }

  // MARK: The heap of lanes

  /// Restores the heap of the lane's tier after the lane's first task has changed.
  private mutating func laneChanged(_ lane: Int32) {
    let tier = Int(lanes[Int(lane)].tier)
    let place = Int(lanes[Int(lane)].place)
    let belongs = !lanes[Int(lane)].isAside && lanes[Int(lane)].first != nil
    switch (belongs, place >= 0) {
    case (true, true): settle(place, lane, tier)
    case (true, false):
      tiers[tier].append(lane)
      rise(tiers[tier].count - 1, lane, tier)
    case (false, true):
      lanes[Int(lane)].place = -1
      let last = tiers[tier].removeLast()
      if place < tiers[tier].count { settle(place, last, tier) }
    case (false, false): break
    }
  }

  private func isBefore(_ a: Int32, _ b: Int32) -> Bool {
    guard let first = lanes[Int(a)].first, let second = lanes[Int(b)].first else { return false }
    return first.key < second.key
  }

  private mutating func settle(_ place: Int, _ lane: Int32, _ tier: Int) {
    if place > 0, isBefore(lane, tiers[tier][(place - 1) / 2]) {
      rise(place, lane, tier)
    } else {
      sink(place, lane, tier)
    }
  }

  private mutating func rise(_ start: Int, _ lane: Int32, _ tier: Int) {
    var place = start
    while place > 0, isBefore(lane, tiers[tier][(place - 1) / 2]) {
      put(tiers[tier][(place - 1) / 2], at: place, tier)
      place = (place - 1) / 2
    }
    put(lane, at: place, tier)
  }

  private mutating func sink(_ start: Int, _ lane: Int32, _ tier: Int) {
    var place = start
    while true {
      var child = 2 * place + 1
      guard child < tiers[tier].count else { break }
      if child + 1 < tiers[tier].count, isBefore(tiers[tier][child + 1], tiers[tier][child]) { child += 1 }
      guard isBefore(tiers[tier][child], lane) else { break }
      put(tiers[tier][child], at: place, tier)
      place = child
    }
    put(lane, at: place, tier)
  }

  private mutating func put(_ lane: Int32, at place: Int, _ tier: Int) {
    tiers[tier][place] = lane
    lanes[Int(lane)].place = Int32(truncatingIfNeeded: place)
  }
}
