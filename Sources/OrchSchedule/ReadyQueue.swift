/// The ready tasks of all tiers.
///
/// Tasks of one tier with the same `touches` share a lane, because either all of them may run next or none. So a
/// lane that overlaps with running work is set aside once, not once per task.
struct ReadyQueue {
  private struct Lane {
    let tier: Int32
    let touches: Int32
    var tasks = TaskHeap()
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
  /// Per task its place in the heap of its lane; -1 when it is not queued.
  private var places: [Int32]
  private(set) var count = 0

  init(taskCount: Int) { places = [Int32](repeating: -1, count: taskCount) }

  mutating func addTask() { places.append(-1) }
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

  func tier(of lane: Int32) -> Int32 { lanes[Int(lane)].tier }
  func touches(of lane: Int32) -> Int32 { lanes[Int(lane)].touches }
  func contains(_ node: Int32) -> Bool { places[Int(node)] >= 0 }

  mutating func push(_ node: Int32, _ key: OrderKey, lane: Int32) {
    lanes[Int(lane)].tasks.push(TaskHeap.Entry(key: key, node: node), &places)
    count += 1
    if places[Int(node)] == 0 { laneChanged(lane) }
  }

  /// Takes `node` out of the lane that it is queued in.
  mutating func remove(_ node: Int32, lane: Int32) {
    let place = Int(places[Int(node)])
    lanes[Int(lane)].tasks.remove(at: place, &places)
    count -= 1
    if place == 0 { laneChanged(lane) }
  }

  mutating func rekey(_ node: Int32, _ key: OrderKey, lane: Int32) {
    let place = Int(places[Int(node)])
    lanes[Int(lane)].tasks.rekey(at: place, key, &places)
    if place == 0 || places[Int(node)] == 0 { laneChanged(lane) }
  }

  /// The lane of the first task of `tier` that is not set aside.
  func firstLane(ofTier tier: Int32) -> Int32? { tiers[Int(tier)].first }

  func firstTask(ofLane lane: Int32) -> Int32? { lanes[Int(lane)].tasks.first?.node }

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
  func tasks(ofTier tier: Int32, where isAllowed: (Int32) -> Bool) -> [Int32] {
    var found: [TaskHeap.Entry] = []
    for lane in lanes where lane.tier == tier && !lane.tasks.isEmpty && isAllowed(lane.touches) {
      found += lane.tasks.entries
    }
    return found.sorted { $0.key < $1.key }.map(\.node)
  }

  /// How many queued tasks of `tier` have allowed `touches`.
  func count(ofTier tier: Int32, where isAllowed: (Int32) -> Bool) -> Int {
    lanes.reduce(0) { sum, lane in
      let counts = lane.tier == tier && !lane.tasks.isEmpty && isAllowed(lane.touches)
      return sum + (counts ? lane.tasks.count : 0)
    }
  }

  // MARK: The heap of lanes

  /// Restores the heap of the lane's tier after the lane's first task has changed.
  private mutating func laneChanged(_ lane: Int32) {
    let tier = Int(lanes[Int(lane)].tier)
    let place = Int(lanes[Int(lane)].place)
    let belongs = !lanes[Int(lane)].isAside && !lanes[Int(lane)].tasks.isEmpty
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
    guard let first = lanes[Int(a)].tasks.first, let second = lanes[Int(b)].tasks.first else { return false }
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
