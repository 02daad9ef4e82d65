import OrchDomain
import OrchSchedule
import OrchStore

/// The tasks of the one project that a store holds.
struct StoredGraph {
  let store: Store
  let project: ProjectID
  /// All tasks, complete ones too, in the order of ids.
  let tasks: [GraphTask]

  init(database: String) throws {
    store = try Store(path: database)
    guard let first = try store.projects().first else { throw StoreError.missing(path: database) }
    project = first.id
    tasks = try store.loadGraph(project)
  }

  var open: [GraphTask] { tasks.filter { $0.state != .complete } }

  var frontier: Frontier {
    Frontier(
      tasks.map { task in
        SchedulableTask(
          id: task.id, priority: task.priority, dependencies: task.dependencies.map(\.id),
          touches: task.touches.map { Glob($0) }, phase: task.state == .complete ? .complete : .waiting)
      })
  }
}

/// The graph of a store in the form that Benchmarks/floor.c and the makefile are made of.
enum GraphText {
  static func write(database: String) throws {
    let open = try StoredGraph(database: database).open
    let places = Dictionary(open.enumerated().map { ($0.element.id, $0.offset) }) { first, _ in first }
    for (place, task) in open.enumerated() {
      let numbers = [place] + task.dependencies.compactMap { places[$0.id] }
      print(numbers.map(String.init).joined(separator: " "))
    }
  }
}
