import Foundation
import OrchDomain
import OrchStore
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A daemon of a workshop, ended with it.
final class DaemonHouse: Sendable {
  let shop: Workshop
  let running: Running
  let web: WebClient
  let handshake: JSON

  var pid: pid_t { running.pid }

  private init(_ shop: Workshop, _ running: Running, _ handshake: JSON) {
    self.shop = shop
    self.running = running
    self.handshake = handshake
    web = WebClient(port: handshake["port"].int ?? 0, token: handshake["token"].string)
  }

  deinit { kill(running.pid, SIGKILL) }

  /// Starts `serve` and waits until it is ready.
  ///
  /// - Parameter files: How many the daemon may have open when it starts.
  static func open(
    _ shop: Workshop, adding more: [String: String] = [:], files: Int? = nil
  ) async throws -> DaemonHouse {
    let running =
      if let files {
        try Running(
          "/bin/sh", ["-c", "ulimit -Sn \(files) && exec '\(Built.orch)' serve --port 0"], in: shop.root,
          shop.environment)
      } else {
        try shop.launch(["serve", "--port", "0"], adding: more)
      }
    let found = try await Eventually.value("the daemon's handshake") {
      guard let text = try? shop.read("\(shop.state)/daemon.json"), let json = try? JSON(text),
        json["pid"].int == Int(running.pid)
      else { return nil as JSON? }
      return json
    }
    let house = DaemonHouse(shop, running, found)
    try await Eventually.holds("the daemon is ready") { try house.web.get("/readyz").status == 200 }
    return house
  }

  /// The path of the only project.
  func project() throws -> String {
    let first = try #require(try web.get("/api/v1/projects").json["projects"].array.first)
    return "/api/v1/projects/\(first["id"].string)"
  }

  func kill9() async throws {
    kill(running.pid, SIGKILL)
    _ = try await running.output()
  }

  /// Ends it as a service manager does.
  func end() async throws -> Output {
    kill(running.pid, SIGTERM)
    return try await running.output()
  }
}

/// Waiting for something that happens in its own time.
enum Eventually {
  static func holds(_ what: String, _ condition: () async throws -> Bool) async throws {
    _ = try await value(what) { try await condition() ? true : nil }
  }

  static func value<T>(_ what: String, _ find: () async throws -> T?) async throws -> T {
    let end = ContinuousClock.now.advanced(by: .seconds(120))
    while ContinuousClock.now < end {
      if let found = try await find() { return found }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw Workshop.Failure(text: "it never came to this: \(what)")
  }
}
