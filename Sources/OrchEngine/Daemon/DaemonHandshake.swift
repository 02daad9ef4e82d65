import OrchAgents
package import OrchDomain
package import OrchProcess

/// How programs find the daemon of a state directory: a file that only its owner can read.
package struct DaemonHandshake: Hashable, Sendable {
  /// With its start time, so that another process that got the number later is not taken for the daemon.
  package var process: ProcessIdentity
  package var bootID: String
  /// Where it listens, such as `127.0.0.1`.
  package var host: String
  package var port: Int
  package var usesTLS: Bool
  /// Whoever has it may do everything: it is never printed.
  package var token: String
  package var startedAt: Timestamp
  package var version: String

  package init(
    process: ProcessIdentity, bootID: String, host: String, port: Int, usesTLS: Bool, token: String,
    startedAt: Timestamp, version: String
  ) {
    self.process = process
    self.bootID = bootID
    self.host = host
    self.port = port
    self.usesTLS = usesTLS
    self.token = token
    self.startedAt = startedAt
    self.version = version
  }

  /// `http://127.0.0.1:8080`
  package var url: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return "\(usesTLS ? "https" : "http")://\(name):\(port)"
  }

  /// Whether the process that wrote it runs.
  package var isAlive: Bool { bootID == ProcessIdentity.bootID && process.isAlive }

  package static func path(in stateDirectory: String) -> String { "\(stateDirectory)/daemon.json" }

  package func write(in stateDirectory: String) throws {
    try FileTree.makeDirectories(stateDirectory)
    try FileTree.write(Self.path(in: stateDirectory), Array((json.text(pretty: true) + "\n").utf8))
  }

  /// Takes the file away, unless it is another daemon's by now.
  package func remove(from stateDirectory: String) throws {
    guard try Self.read(in: stateDirectory)?.process == process else { return }
    try FileTree.removeIfPresent(Self.path(in: stateDirectory))
  }

  /// What is in the file, whether its writer lives or not; nil without a file, or when it is not one of ours.
  package static func read(in stateDirectory: String) throws -> DaemonHandshake? {
    let path = path(in: stateDirectory)
    guard FileTree.exists(path) else { return nil }
    return DaemonHandshake(JSONReader.value(try FileTree.read(path)[...]))
  }

  /// The daemon that runs now; nil when there is none.
  package static func live(in stateDirectory: String) throws -> DaemonHandshake? {
    guard let found = try read(in: stateDirectory), found.isAlive else { return nil }
    return found
  }

  private var json: JSONValue {
    .object([
      .init("pid", .int(Int64(process.pid))), .init("start_time", .string(String(process.start))),
      .init("boot_id", .string(bootID)), .init("host", .string(host)), .init("port", JSONValue(port)),
      .init("tls", .bool(usesTLS)), .init("token", .string(token)), .init("started_at", .int(startedAt.milliseconds)),
      .init("version", .string(version)),
    ])
  }

  private init?(_ json: JSONValue?) {
    guard let json, let pid = json["pid"]?.int, let start = json["start_time"]?.string.flatMap(UInt64.init),
      let boot = json["boot_id"]?.string, let host = json["host"]?.string,
      let port = json["port"]?.int, let tls = json["tls"]?.bool, let token = json["token"]?.string,
      let began = json["started_at"]?.int, let version = json["version"]?.string
    else { return nil }
    self.init(
      process: ProcessIdentity(pid: Int32(clamping: pid), start: start), bootID: boot, host: host, port: port,
      usesTLS: tls, token: token, startedAt: Timestamp(milliseconds: Int64(began)), version: version)
  }
}
