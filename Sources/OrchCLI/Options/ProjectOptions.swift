import ArgumentParser
import OrchConfig
import OrchDiagnostics
import OrchDomain
import OrchEngine
import OrchStore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What every command that works on a project accepts.
struct ProjectOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Use this configuration file and no other", valueName: "file"))
  var config: String?

  @Option(name: .long, help: ArgumentHelp("Work on the project in this directory", valueName: "dir"))
  var project: String?

  /// The surroundings that this process was started in.
  func launch() throws -> LaunchContext {
    let environment = Surroundings.environment
    guard let directory = Surroundings.currentDirectory else {
      throw EngineError.unavailable("the current directory is gone; change to another one")
    }
    let home = environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    guard home != nil || environment["CLAUDE_ORCH_HOME"]?.isEmpty == false else {
      throw EngineError.unavailable(
        "HOME is not set, so there is no place for the state; set HOME, or CLAUDE_ORCH_HOME to a directory of its own "
          + "(`claude-orch batch install` prints lines for cron that do)")
    }
    return LaunchContext(
      configFlag: config, projectFlag: project, environment: environment, currentDirectory: directory,
      home: home ?? "/")
  }

  /// The project's place; configuration errors are printed and end the command.
  func place() throws -> ProjectPlace {
    let place = try ProjectPlace(launch())
    let shown = place.loaded.diagnostics.filter { $0.severity > .note }
    if !shown.isEmpty {
      var renderer = DiagnosticRenderer(colour: Terminal.standardError.allowsColour) { Surroundings.source($0) }
      for diagnostic in shown { Terminal.standardError.write(renderer.text(diagnostic)) }
    }
    if place.loaded.hasErrors { throw ExitStatus.failed }
    return place
  }

  /// The store and the project's row in it, without opening the repository.
  func openStore() throws -> (place: ProjectPlace, store: Store, project: OrchStore.Project) {
    let place = try place()
    let (store, project) = try place.openStore(now: EngineClock.system.now())
    return (place, store, project)
  }

  func open(observer: @escaping @Sendable (Observation) -> Void = { _ in }) async throws -> OpenProject {
    try await place().open(observer: observer)
  }
}

/// The option of every command that prints data.
struct OutputOptions: ParsableArguments {
  @Flag(name: .long, help: "Print JSON")
  var json = false
}

/// The process's own surroundings.
enum Surroundings {
  /// Programs are found without a PATH, too, as it is when something is started by the clock.
  static var environment: [String: String] {
    var result = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
    var entry = environ
    while let text = entry.pointee {
      let line = String(cString: text)
      if let sign = line.utf8.firstIndex(of: UInt8(ascii: "=")) {
        result[String(line[..<sign])] = String(line[line.utf8.index(after: sign)...])
      }
      entry += 1
    }
    // Asked for only when it is needed: to look up an account takes twenty system calls.
    if result["HOME"] == nil { result["HOME"] = accountHome }
    return result
  }

  /// The home directory of the user's account; nil for a user without one.
  private static var accountHome: String? {
    guard let entry = getpwuid(getuid()), let home = entry.pointee.pw_dir else { return nil }
    return String(cString: home)
  }

  static var pid: Int32 { getpid() }

  static var currentDirectory: String? {
    guard let path = getcwd(nil, 0) else { return nil }
    defer { free(path) }
    return String(cString: path)
  }

  /// The bytes of a file for the source lines of diagnostics; nil leaves the lines out.
  static func source(_ path: String) -> [UInt8]? { SourceFile.bytes(path) }

  /// The name of the user, for records of who approved what.
  static var userName: String { environment["USER"] ?? environment["LOGNAME"] ?? "uid \(getuid())" }
}
