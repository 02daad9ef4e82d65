import OrchDomain
import OrchGraph

/// Decides which task may start next, and keeps that decision cheap while work goes on.
///
/// A task is ready when every dependency is complete, its tier is open, it is neither paused nor deselected nor
/// defective, and its `touches` overlap with no work in progress. A tier is open when every task of every lower tier
/// is complete: one that runs, is held or has failed keeps it closed. Ready tasks start in this order, which is
/// total: priority, then the longest chain of incomplete work that the task unblocks (longest first), then module,
/// prefix and number.
///
/// Starting or ending a task costs the logarithm of the ready tasks plus the dependents of the task, whatever the
/// size of the plan. Every function exists for ids and for the dense numbers (`Int32`) of ``index(of:)``, which stay
/// valid for the life of the value; unknown ids and numbers change nothing.
package struct Frontier: Sendable {
  /// Where a node stands; `absent` is a task that others wait for, but that nobody declares.
  enum State: UInt8 {
    case absent, waiting, running, held, complete

    /// Whether it is work of the plan that is still to be done.
    var isOpen: Bool { self == .waiting || self == .running || self == .held }
  }

  struct Flags: OptionSet {
    let rawValue: UInt8
    static let paused = Flags(rawValue: 1)
    static let deselected = Flags(rawValue: 2)
    static let defective = Flags(rawValue: 4)
    static let holdsTouches = Flags(rawValue: 8)
    static let withoutAgent = Flags(rawValue: 16)
    /// Its place in the order is no longer that of its number.
    static let late = Flags(rawValue: 32)
    /// What keeps a task out of the queue.
    static let barred: Flags = [.paused, .deselected, .defective, .withoutAgent]
  }

  /// All that a decision reads about a task: 32 bytes, so that no node is in two cache lines.
  struct Node {
    /// The longest chain of open work behind it; kept right only while the node is open.
    var chain: Int64 = 0
    /// Ascends with the ids.
    var rank: Int64 = 0
    /// How many dependencies are not complete.
    var missing: Int32 = 0
    var lane: Int32 = 0
    var state: State = .absent
    var flags: Flags = []
    var priority: UInt8 = 1

    var key: OrderKey { OrderKey(priority: priority, chain: chain, rank: rank) }
  }

  struct Tier {
    let value: Int
    var openTasks = 0
  }

  var nodes: [Node] = []
  /// What each node adds to the chains that it is on.
  var weights: [Int64] = []
  var edges = EdgePool()
  var queue = ReadyQueue()
  var touches = TouchIndex()
  var names: NodeNames
  var holds: [Int32: Hold] = [:]
  var defects: [Int32: String] = [:]
  /// Why tasks wait for an agent that may work.
  var agentWaits: [Int32: String] = [:]
  /// By slot; slots are in the order in which tiers were met.
  var tiers: [Tier] = []
  /// Slots by tier value.
  var tierOrder: [Int32] = []
  /// The slot of the open tier; -1 when nothing is left to do.
  var openTier: Int32 = -1
  /// Whether open tasks wait for each other. Rare, so then chains are worked out anew after every change of the plan.
  var hasKnots = false

  /// Tasks that are not complete.
  package internal(set) var incompleteCount = 0
  package internal(set) var runningCount = 0
  /// Whether nothing may start at all; see ``pauseAll()``.
  package internal(set) var isPaused = false
  /// Whether only some tasks may start; see ``select(_:)``.
  package internal(set) var isSelective = false

  /// - Parameter tasks: All tasks of the plan, complete ones too, in any order. Of two with one id the last counts.
  package init(_ tasks: [SchedulableTask]) {
    names = NodeNames(TaskTable(tasks.map(\.id)))
    // For every place of a declared node, where its task is.
    var source = [Int32](repeating: 0, count: names.count)
    for (offset, task) in tasks.enumerated() {
      let inPlace = offset < names.count && names.id(Int32(offset)) == task.id
      guard let place = inPlace ? Int32(offset) : names.index(of: task.id) else { continue }
      source[Int(place)] = Int32(offset)
    }
    var from: [Int32] = []
    var to: [Int32] = []
    from.reserveCapacity(tasks.count * 2)
    to.reserveCapacity(tasks.count * 2)
    for (place, offset) in source.enumerated() {
      for dependency in tasks[Int(offset)].dependencies {
        from.append(Int32(place))
        to.append(names.index(of: dependency, near: Int32(place)) ?? names.add(dependency))
      }
    }
    setUp(tasks, source, IndexGraph(count: names.count, dependents: from, dependencies: to))
  }

  /// - Parameters:
  ///   - source: For every place of a declared node, where its task is.
  ///   - graph: Over places.
  private mutating func setUp(_ tasks: [SchedulableTask], _ source: [Int32], _ graph: IndexGraph) {
    for tier in Set(tasks.map(\.tier)).sorted() { addTier(tier) }
    var drafts = [Node](repeating: Node(), count: graph.count)
    var weights = [Int64](repeating: 1, count: graph.count)
    for (place, offset) in source.enumerated() {
      drafts[place] = draft(tasks[Int(offset)], at: Int32(place))
      weights[place] = IndexGraph.weight(tasks[Int(offset)].weight)
    }
    let chains = chains(graph, isOpen: drafts.map(\.state.isOpen), weights: weights)
    for place in drafts.indices {
      drafts[place].rank = names.rank(Int32(place))
      drafts[place].missing = Int32(graph.dependencies(of: Int32(place)).count { drafts[Int($0)].state != .complete })
      if drafts[place].state.isOpen { drafts[place].chain = chains[place] }
    }
    // Numbered in the order in which they start, what is chosen next lies next in memory.
    let order = queue.plan(drafts[..<source.count]) + (Int32(source.count)..<Int32(graph.count))
    names.number(order)
    nodes = order.map { drafts[Int($0)] }
    self.weights = order.map { weights[Int($0)] }
    edges = EdgePool(graph, names)
    holds = Dictionary(uniqueKeysWithValues: holds.map { (names.node(at: $0.key), $0.value) })
    defects = Dictionary(uniqueKeysWithValues: defects.map { (names.node(at: $0.key), $0.value) })
    for node in nodes.indices { count(Int32(node)) }
    settleOpenTier()
    for node in nodes.indices { refresh(Int32(node)) }
  }

  /// What the plan says about a node, which is known by its place until all are numbered.
  private mutating func draft(_ task: SchedulableTask, at place: Int32) -> Node {
    var node = Node()
    node.lane = queue.lane(tier: addTier(task.tier), touches: touches.number(of: task.touches))
    node.priority = UInt8(task.priority.rank)
    node.state = State(task.phase)
    if let defect = task.defect {
      node.flags.insert(.defective)
      defects[place] = defect
    }
    var holdsTouches = node.state == .running
    if case .held(let hold) = task.phase {
      holds[place] = hold
      holdsTouches = hold.holdsTouches
    }
    if holdsTouches { node.flags.insert(.holdsTouches) }
    return node
  }

  /// Takes a node into account that is in its place.
  private mutating func count(_ node: Int32) {
    let it = nodes[Int(node)]
    if it.flags.contains(.holdsTouches) { touches.acquire(touchSet(of: node)) }
    if it.state == .running { runningCount += 1 }
    if it.state.isOpen {
      incompleteCount += 1
      tiers[Int(tier(of: node))].openTasks += 1
    }
  }

  /// The slot of the tier with this value; made when there is none.
  @discardableResult mutating func addTier(_ value: Int) -> Int32 {
    let place = tierOrder.firstIndex { tiers[Int($0)].value >= value } ?? tierOrder.count
    if place < tierOrder.count, tiers[Int(tierOrder[place])].value == value { return tierOrder[place] }
    let slot = Int32(tiers.count)
    tiers.append(Tier(value: value))
    queue.addTier()
    tierOrder.insert(slot, at: place)
    return slot
  }

  mutating func settleOpenTier() { openTier = tierOrder.first { tiers[Int($0)].openTasks > 0 } ?? -1 }

  func tier(of node: Int32) -> Int32 { queue.tier(of: nodes[Int(node)].lane) }
  func touchSet(of node: Int32) -> Int32 { queue.touches(of: nodes[Int(node)].lane) }

  /// Puts a task into the queue, or takes it out, as its state asks.
  mutating func refresh(_ node: Int32) {
    let it = nodes[Int(node)]
    let belongs = it.state == .waiting && it.missing == 0 && it.flags.isDisjoint(with: .barred)
    guard belongs != queue.contains(node) else { return }
    if belongs { queue.push(node, nodes) } else { queue.remove(node, nodes) }
  }

  /// Changes what orders a task, whether it is in the queue or not.
  mutating func changeKey(of node: Int32, _ change: (inout Node) -> Void) {
    let isQueued = queue.contains(node)
    if isQueued { queue.remove(node, nodes) }
    change(&nodes[Int(node)])
    if isQueued { queue.push(node, nodes) }
  }
}

extension Frontier.State {
  init(_ phase: SchedulableTask.Phase) {
    switch phase {
    case .waiting: self = .waiting
    case .running: self = .running
    case .held: self = .held
    case .complete: self = .complete
    }
  }
}
