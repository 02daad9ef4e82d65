import ArgumentParser
import OrchDomain
import OrchEngine
import OrchStore

/// Task ids on the command line.
enum TaskOption {
  static func parse(_ text: String) throws -> TaskID {
    guard let id = TaskID(text) else {
      throw ValidationError("a task is named module/E05 or module/CLI02; `claude-orch list` shows them all")
    }
    return id
  }
}

extension ProjectOptions {
  /// The project without its repository: quick, and enough for everything that only tells.
  func view() throws -> ProjectView {
    let (place, store, project) = try openStore()
    return ProjectView(place: place, store: store, row: project.id)
  }

  /// As ``view()``, for a command that is asked often and changes nothing.
  func look() throws -> ProjectView {
    let place = try place()
    let (store, project) = try place.openStoreToLook(now: EngineClock.system.now())
    return ProjectView(place: place, store: store, row: project.id)
  }
}

extension ProjectView {
  /// One consistent look at the store.
  func look<T>(_ body: (borrowing StoreTransaction) throws -> T) throws -> T { try store.read(row, body) }

  /// Who drives the tasks now; nil when nobody does.
  func holder() throws -> String? { try ProjectLock.holder(place.paths) }

  /// The newest events of a task, oldest first.
  func latestEvents(of id: TaskID, limit: Int) throws -> [StoredEvent] {
    var latest: [StoredEvent] = []
    while true {
      let page = try store.events(row, after: latest.last?.seq ?? 0, limit: 1000, task: id)
      latest = (latest + page).suffix(max(limit, 1))
      if page.count < 1000 { return latest }
    }
  }
}
