import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
package import OrchDomain

/// Where the server listens and what it demands.
package struct HTTPServerSettings: Sendable {
  package var host: String
  /// 0 for any that is free.
  package var port: Int
  /// Other names by which browsers may call it.
  package var names: [String] = []
  /// Where it is reached from elsewhere.
  package var publicURL: String?
  package var token: String
  /// PEM files of the certificate chain and its key; nil without TLS.
  package var tls: (certificate: String, key: String)?
  /// Requests a second that one peer may send.
  package var rate: Int
  /// Bytes of a request's body at most.
  package var bodyLimit = 1 << 20
  package var heartbeat = Duration.seconds(15)

  package init(host: String, port: Int, token: String, rate: Int) {
    self.host = host
    self.port = port
    self.token = token
    self.rate = rate
  }
}

/// The HTTP interface: one table of routes behind one door.
package struct HTTPServer: Sendable {
  private let settings: HTTPServerSettings
  private let routes: [HTTPRoute]
  private let sessions: BrowserSessions
  private let now: @Sendable () -> Timestamp
  private let describe: @Sendable (any Error) -> HTTPProblem
  private let makeID: @Sendable () -> String

  /// - Parameters:
  ///   - describe: What a client is told of an error of a handler.
  ///   - makeID: For requests.
  package init(
    _ settings: HTTPServerSettings, routes: [HTTPRoute], sessions: BrowserSessions,
    now: @escaping @Sendable () -> Timestamp, makeID: @escaping @Sendable () -> String,
    describe: @escaping @Sendable (any Error) -> HTTPProblem
  ) {
    self.settings = settings
    self.routes = routes
    self.sessions = sessions
    self.now = now
    self.makeID = makeID
    self.describe = describe
  }

  /// Listens until it is cancelled.
  ///
  /// - Parameter whenBound: Told the port as soon as it listens.
  package func run(whenBound: @escaping @Sendable (Int) async -> Void) async throws {
    let door = Door(settings: settings, sessions: sessions)
    let responder = Responder(
      settings: settings, router: HTTPRouter(routes), door: door, now: now, makeID: makeID, describe: describe)
    var server = HTTPServerBuilder.http1(
      configuration: .init(
        idleTimeout: .seconds(120),
        httpDecoderConfiguration: .init(
          maxHeaderFieldSize: 16 << 10,
          maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100)))
    if let tls = settings.tls {
      let chain = try NIOSSLCertificate.fromPEMFile(tls.certificate).map { NIOSSLCertificateSource.certificate($0) }
      let key = try NIOSSLPrivateKey(file: tls.key, format: .pem)
      var configuration = TLSConfiguration.makeServerConfiguration(
        certificateChain: chain, privateKey: .privateKey(key))
      configuration.minimumTLSVersion = .tlsv12
      server = try .tls(server, tlsConfiguration: configuration)
    }
    let application = Application(
      responder: responder, server: server,
      configuration: .init(address: .hostname(settings.host, port: settings.port), backlog: 1024),
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? settings.port
        await door.open(port: port)
        await whenBound(port)
      },
      // It writes nothing: what a client sends must not fill a disk.
      logger: Logger(label: "claude-orch") { _ in SwiftLogNoOpLogHandler() })
    try await application.run()
  }
}

/// Checks who asks; knows its own port as soon as it is bound.
actor Door {
  private let settings: HTTPServerSettings
  private let sessions: BrowserSessions
  private(set) var access: AccessControl?

  init(settings: HTTPServerSettings, sessions: BrowserSessions) {
    self.settings = settings
    self.sessions = sessions
  }

  func open(port: Int) {
    access = AccessControl(
      token: settings.token, address: settings.host, names: settings.names, port: port, usesTLS: settings.tls != nil,
      publicURL: settings.publicURL, sessions: sessions)
  }
}
