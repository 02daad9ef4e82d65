import OrchDomain
import OrchEngine
import OrchProcess
import OrchStore

/// The daemon of a state directory for people and programs. It is told from files, so it needs no answer from anybody.
struct DaemonStatus {
  let daemon: DaemonHandshake?
  /// Whether a daemon was killed and has left its handshake file.
  let isStale: Bool
  let projects: [ServedProject]
  let now: Timestamp

  static func read(_ place: DaemonPlace, now: Timestamp) throws -> DaemonStatus {
    let found = try DaemonHandshake.read(in: place.stateDirectory)
    let isAlive = found?.isAlive ?? false
    return DaemonStatus(
      daemon: isAlive ? found : nil, isStale: found != nil && !isAlive,
      projects: try place.openStore().servedProjects(), now: now)
  }

  private var state: String { daemon != nil ? "running" : isStale ? "stale" : "stopped" }

  var text: String {
    var text: String
    if let daemon {
      text =
        "The daemon runs: \(daemon.url), process \(daemon.process.pid), version \(daemon.version), since "
        + "\(daemon.startedAt.rfc3339)\n"
    } else {
      text = isStale ? "The daemon was killed; " : "No daemon runs; "
      text += "`claude-orch daemon start` starts one\n"
    }
    if projects.isEmpty { return text + "No projects; `claude-orch projects add` adds one\n" }
    return text + "Projects:\n" + projects.map { "  \(SafeText.visible($0.project.root))\n" }.joined()
  }

  /// The token is not a part of it.
  var json: JSONValue {
    .object([
      .init("state", .string(state)), .init("pid", JSONValue(daemon.map { Int($0.process.pid) })),
      .init("url", JSONValue(daemon?.url)), .init("version", JSONValue(daemon?.version)),
      .init("started_at", JSONValue(daemon?.startedAt.rfc3339)),
      .init("uptime_seconds", JSONValue(daemon.map { now.since($0.startedAt).inSeconds })),
      .init("projects", .array(projects.map(\.json))),
    ])
  }
}

extension ServedProject {
  /// A project as `projects list` tells it.
  var json: JSONValue {
    .object([
      .init("id", .string(ProjectPaths(home: "", root: project.root).key)), .init("root", .string(project.root)),
      .init("name", .string(project.name)), .init("config", JSONValue(config)),
      .init("added_at", .string(addedAt.rfc3339)),
    ])
  }
}
