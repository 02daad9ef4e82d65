import OrchConfig
import OrchDomain
import OrchEngine
import OrchStore

/// Where a daemon keeps its state, as it is seen from a directory.
struct DaemonPlace {
  let launch: LaunchContext
  let settings: Settings
  let stateDirectory: String
  let database: String
  /// The project around the directory; nil outside of one.
  let project: ProjectPlace?

  init(_ options: ProjectOptions) throws {
    launch = try options.launch()
    do {
      let place = try options.place()
      project = place
      settings = place.loaded.settings
      (stateDirectory, database) = (place.config.stateDir, place.paths.database)
    } catch let error as EngineError {
      // A project that was asked for has to be there.
      guard case .outsideRepository = error, options.project == nil else { throw error }
      let loaded = try ProjectPlace.settings(launch)
      let paths = ConfigPaths(loaded, in: launch)
      project = nil
      settings = loaded.settings
      (stateDirectory, database) = (paths.stateDir, paths.databasePath)
    }
  }

  /// The daemon that runs now; nil when there is none.
  func daemon() throws -> DaemonHandshake? { try DaemonHandshake.live(in: stateDirectory) }

  func openStore() throws -> Store {
    try DirectoryOfFile.make(database)
    return try Store(path: database, busyTimeout: .seconds(30))
  }

  var log: String { "\(stateDirectory)/logs/daemon.log" }

  static let none = "no daemon runs here; `claude-orch daemon start` starts one"
}
