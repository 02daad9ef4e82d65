import OrchDiagnostics
import OrchDomain
import OrchGraph

/// Finds the task that an unknown id most likely means.
struct NearestTask {
  /// After so many unknown ids a plan is broken in another way, and guessing would only take time.
  private static let limit = 200

  private let table: TaskTable
  private var modules: [String]?
  private var known: [TaskID: TaskID?] = [:]

  init(_ table: TaskTable) { self.table = table }

  /// A task of the same module, or of the module with the nearest name; nil when nothing is near.
  mutating func nearest(to id: TaskID) -> TaskID? {
    if let answer = known[id] { return answer }
    guard known.count < NearestTask.limit else { return nil }
    let answer = find(id)
    known[id] = .some(answer)
    return answer
  }

  private mutating func find(_ id: TaskID) -> TaskID? {
    var candidates = table.ids(of: id.module)
    if candidates.isEmpty {
      guard let module = NearestName.find(id.module, in: moduleNames()) else { return nil }
      candidates = table.ids(of: module)
      // With the module put right, only the same code is a good guess.
      return candidates.first { $0.prefix == id.prefix && $0.number == id.number }
        ?? nearest(to: id, in: candidates)
    }
    return nearest(to: id, in: candidates)
  }

  private func nearest(to id: TaskID, in candidates: ArraySlice<TaskID>) -> TaskID? {
    let written = Array(id.code.utf8)
    var best: (id: TaskID, cost: Int, gap: Int)?
    for candidate in candidates.prefix(2000) {
      let cost = NearestName.distance(written, Array(candidate.code.utf8))
      let gap = abs(candidate.number - id.number)
      if best.map({ (cost, gap) < ($0.cost, $0.gap) }) ?? true { best = (candidate, cost, gap) }
    }
    return best?.id
  }

  private mutating func moduleNames() -> [String] {
    if let modules { return modules }
    var names: [String] = []
    for id in table.ids where names.last != id.module { names.append(id.module) }
    modules = names
    return names
  }
}
