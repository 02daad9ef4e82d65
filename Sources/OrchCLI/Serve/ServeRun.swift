import OrchConfig
import OrchDomain
import OrchEngine
import OrchHTTP
import OrchProcess
import OrchStore
import Synchronization

/// The life of one daemon, from its lock to its end.
struct ServeRun {
  let place: DaemonPlace
  /// The value of `--config`.
  let config: String?
  let host: String?
  let port: Int?
  let isInsecure: Bool
  private let clock = EngineClock.system

  init(place: DaemonPlace, config: String?, host: String?, port: Int?, isInsecure: Bool) {
    self.place = place
    self.config = config
    self.host = host
    self.port = port
    self.isInsecure = isInsecure
  }

  func execute() async throws {
    let settings = try serverSettings()
    let lock = try DaemonLock(in: place.stateDirectory, now: clock.now())
    defer { lock.release() }
    DescriptorLimit.raise()
    let store = try place.openStore()
    try serveOwnProject()
    let log = DaemonLog()
    let daemon = Daemon(launch: place.launch, store: store, clock: clock, startBatch: batchStarter()) {
      served, observation in
      log.write(served, observation)
    }
    let (stops, stopped) = AsyncStream.makeStream(of: DaemonStop.self)
    let signals = DaemonSignals { stopped.yield($0) }
    signals.start()
    defer { signals.end() }
    let sessions = BrowserSessions(token: settings.token, makeSecret: DaemonToken.make)
    let events = try Self.broadcast(daemon, path: place.database)
    let api = API(
      daemon: daemon, events: events, clock: clock, stop: { stopped.yield($0) }, sessions: sessions,
      usesTLS: settings.tls != nil)
    let server = HTTPServer(
      settings, routes: api.routes, sessions: sessions, now: clock.now, makeID: DaemonToken.shortID
    ) { error in
      let problem = API.describe(error)
      if problem.status >= 500 { log.write("\(error)") }
      return problem
    }
    let handshake = Mutex<DaemonHandshake?>(nil)
    let following = Task { await daemon.run() }
    let reading = Task { await events.run() }
    let serving = Task {
      // Without anybody who listens there is nothing to wait for.
      defer { stopped.finish() }
      try await server.run { port in
        let found = announce(port, settings, log)
        handshake.withLock { $0 = found }
      }
    }
    var isStopped = false
    for await mode in stops {
      isStopped = true
      log.write(mode == .drain ? "Finishing what runs, then ending." : "Ending; agents go on.")
      if mode == .drain { await Self.either({ await daemon.drain() }, or: { await Self.leave(stops) }) }
      break
    }
    for task in [following, reading] { task.cancel() }
    await Self.either({ await daemon.end() }, or: { await Self.pause(Self.patience) })
    serving.cancel()
    try handshake.withLock { $0 }?.remove(from: place.stateDirectory)
    guard !isStopped else { return }
    do {
      try await serving.value
    } catch {
      throw EngineError.unavailable(
        "cannot listen at \(settings.host):\(settings.port): \(error); name another port with --port or [web] port")
    }
  }

  /// How long engines may take to let go of what they do; whatever they have not recorded is found again.
  private static let patience = Duration.seconds(10)

  /// Returns when one of two things has happened.
  private static func either(
    _ one: @escaping @Sendable () async -> Void, or other: @escaping @Sendable () async -> Void
  ) async {
    let (signals, signal) = AsyncStream.makeStream(of: Void.self)
    // Not structured, because the one that does not happen is not waited for.
    let tasks = [one, other].map { body in
      Task {
        await body()
        signal.finish()
      }
    }
    for await _ in signals {}
    for task in tasks { task.cancel() }
  }

  /// Somebody who does not want to wait any longer.
  private static func leave(_ stops: AsyncStream<DaemonStop>) async {
    for await mode in stops where mode == .leave { return }
    await pause(.seconds(365 * 86_400))
  }

  private static func pause(_ time: Duration) async {
    do { try await Task.sleep(for: time) } catch { return }
  }

  /// Tells where the daemon is, to people and to programs.
  private func announce(_ port: Int, _ settings: HTTPServerSettings, _ log: DaemonLog) -> DaemonHandshake? {
    let pid = Surroundings.pid
    let handshake = DaemonHandshake(
      process: ProcessIdentity(pid: pid, start: ProcessIdentity.startTime(of: pid) ?? 0),
      bootID: ProcessIdentity.bootID,
      host: settings.host, port: port, usesTLS: settings.tls != nil, token: settings.token, startedAt: clock.now(),
      version: Version.number)
    do {
      try handshake.write(in: place.stateDirectory)
    } catch {
      // Commands do without it; whoever asks by HTTP cannot know the token.
      log.write("the handshake file cannot be written: \(error)")
      return nil
    }
    log.write("Listening at \(handshake.url); `claude-orch daemon link` opens a browser's session.")
    return handshake
  }

  /// Batches are programs of their own, as those that cron starts: they go on when the daemon ends.
  private func batchStarter() -> BatchStarter? {
    guard let program = Surroundings.programPath else { return nil }
    return { [place, clock] name, project in
      try DirectoryOfFile.make(place.log)
      let config = project.place.launch.configFlag.map { ["--config", $0] } ?? []
      let pid = try DetachedProgram.start(
        [program, "batch", "run", name, "--if-due", "--project", project.place.root] + config, log: place.log)
      while !DetachedProgram.hasEnded(pid) { try await clock.sleep(.milliseconds(500)) }
    }
  }

  /// The project that it was started in is served from now on.
  private func serveOwnProject() throws {
    guard let own = place.project else { return }
    let (store, project) = try own.openStore(now: clock.now())
    try Serving.set(true, config: config.map { place.launch.absolute($0) }, project.id, in: store, at: clock.now())
  }

  /// - Throws: What keeps the server from being safe.
  private func serverSettings() throws -> HTTPServerSettings {
    let web = place.settings.web
    let address = host ?? web.host
    var settings = HTTPServerSettings(
      host: address, port: port ?? web.port, token: DaemonToken.make(), rate: web.rateLimit)
    settings.names = web.names
    settings.publicURL = web.publicURL
    switch (web.tlsCertificate, web.tlsKey) {
    case (let certificate?, let key?):
      settings.tls = (place.launch.absolute(certificate), place.launch.absolute(key))
    case (nil, nil): break
    default: throw EngineError.invalid("[web] tls_certificate and tls_key go together; set both or none")
    }
    guard settings.tls != nil || isInsecure || AccessControl.isLoopback(address) else {
      throw EngineError.invalid(
        "\(address) is not this machine alone, and without TLS everybody on the way can read the token: set [web] "
          + "tls_certificate and tls_key, or add --insecure")
    }
    return settings
  }

  /// The log of events, for everybody who reads along.
  private static func broadcast(_ daemon: Daemon, path: String) throws -> EventBroadcast {
    // A connection of its own, whose counter tells of what all others write.
    let log = try Store(path: path, access: .readOnly)
    let token = Mutex<Int?>(nil)
    let names = Mutex<[ProjectID: String]>([:])
    return EventBroadcast(
      read: { after, limit in
        try log.allEvents(after: after, limit: limit).map { found in
          let key = try names.withLock { names in
            if names[found.project] == nil {
              names = Dictionary(
                try log.projects().map { ($0.id, ProjectPaths(home: "", root: $0.root).key) }
              ) { $1 }
            }
            return names[found.project] ?? ""
          }
          return EventFrame(
            seq: found.event.seq, type: found.event.type.rawValue, project: key,
            task: found.event.task?.description, data: EventText.json(found.event, of: key).text())
        }
      }, head: { try log.lastEventNumber() },
      hasNews: {
        let now = try log.changeToken()
        return token.withLock { token in
          defer { token = now }
          return token != now
        }
      })
  }
}

/// Secrets and names that nobody can guess.
enum DaemonToken {
  /// 256 bits, in 64 hexadecimal digits.
  static func make() -> String { digits(32) }
  static func shortID() -> String { digits(8) }

  private static func digits(_ bytes: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<bytes).map { _ in
      let byte = UInt8.random(in: .min ... .max, using: &generator)
      return (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }
}

/// Which projects the daemon works for.
enum Serving {
  @discardableResult
  static func set(
    _ isServed: Bool, config: String? = nil, _ project: ProjectID, in store: Store, at now: Timestamp
  ) throws -> Bool {
    try store.write(project) { tx throws(StoreError) in try tx.setServed(isServed, config: config, at: now) }
  }
}

/// What the daemon tells on standard error: the events of all projects, as lines.
final class DaemonLog: Sendable {
  func write(_ text: String) {
    Terminal.standardError.write("\(EngineClock.system.now().rfc3339)  \(SafeText.visible(text))\n")
  }

  func write(_ served: ServedProject, _ observation: Observation) {
    switch observation {
    case .event(let event):
      if let line = EventText.line(event) { write("\(served.project.name)  \(line.dropLast())") }
    case .diagnostic(let text): write("\(served.project.name)  warning: \(text)")
    // What agents say is in their transcripts.
    case .agent: break
    }
  }
}
