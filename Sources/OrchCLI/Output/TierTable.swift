import OrchDomain
import OrchEngine
import OrchStore

/// The modules of a project by tier.
struct TierTable {
  struct Module: Hashable {
    let name: String
    /// nil when it has none of its own and so belongs to tier 0.
    let tier: Int?
    var tasks = 0
    var complete = 0
  }

  /// A task that waits for one of a higher tier, which waits for this one's tier: neither ever starts.
  struct Inversion: Hashable {
    let task: TaskID
    let tier: Int
    let dependency: TaskID
    let dependencyTier: Int
  }

  /// By tier and name.
  let modules: [Module]
  /// The lowest tier that is not complete; nil when all is done.
  let open: Int?
  let inversions: [Inversion]

  static func read(_ view: ProjectView) throws -> TierTable {
    let graph = try view.store.loadGraph(view.row)
    return TierTable(graph, tiers: try view.look { tx in try tx.tiers() })
  }

  init(_ graph: [GraphTask], tiers: [String: Int]) {
    var modules: [String: Module] = [:]
    for (name, tier) in tiers { modules[name] = Module(name: name, tier: tier) }
    for task in graph {
      modules[task.id.module, default: Module(name: task.id.module, tier: nil)].tasks += 1
      if task.state == .complete { modules[task.id.module]?.complete += 1 }
    }
    self.modules = modules.values.sorted { ($0.tier ?? 0, $0.name) < ($1.tier ?? 0, $1.name) }
    open = self.modules.first { $0.complete < $0.tasks }.map { $0.tier ?? 0 }
    func tier(_ id: TaskID) -> Int { tiers[id.module] ?? 0 }
    let incomplete = Set(graph.filter { $0.state != .complete }.map(\.id))
    inversions = graph.filter { incomplete.contains($0.id) }.flatMap { task in
      task.dependencies.filter { incomplete.contains($0.id) && tier($0.id) > tier(task.id) }.map {
        Inversion(task: task.id, tier: tier(task.id), dependency: $0.id, dependencyTier: tier($0.id))
      }
    }
  }

  var text: String {
    guard !modules.isEmpty else { return "No tasks are stored; run `claude-orch sync`.\n" }
    var table = TextTable(header: ["TIER", "MODULE", "COMPLETE", "STATE"])
    for module in modules {
      let tier = module.tier ?? 0
      table.add([
        module.tier.map { String($0) } ?? "0 (none set)", module.name, "\(module.complete) of \(module.tasks)",
        state(of: tier, module),
      ])
    }
    return table.text(width: nil)
  }

  private func state(of tier: Int, _ module: Module) -> String {
    if module.complete == module.tasks { return "complete" }
    return tier == open ? "open" : "waits for tier \(open ?? 0)"
  }

  /// Tells of tasks that the tiers keep from ever starting.
  func warn() {
    for warning in warnings { Terminal.standardError.write("warning: \(warning)\n") }
  }

  var warnings: [String] {
    inversions.map {
      "\($0.task) of tier \($0.tier) waits for \($0.dependency) of tier \($0.dependencyTier), which may not start "
        + "before tier \($0.tier) is complete; put both into one tier: "
        + "`claude-orch groups set \($0.dependency.module) \($0.tier)`"
    }
  }

  var json: JSONValue {
    .object([
      .init("open_tier", JSONValue(open)),
      .init(
        "modules",
        .array(
          modules.map {
            .object([
              .init("module", .string($0.name)), .init("tier", JSONValue($0.tier ?? 0)),
              .init("is_set", .bool($0.tier != nil)), .init("tasks", JSONValue($0.tasks)),
              .init("complete", JSONValue($0.complete)),
            ])
          })),
      .init(
        "inversions",
        .array(
          inversions.map {
            .object([
              .init("task", .string($0.task.description)), .init("tier", JSONValue($0.tier)),
              .init("depends_on", .string($0.dependency.description)),
              .init("depends_on_tier", JSONValue($0.dependencyTier)),
            ])
          })),
    ])
  }
}
