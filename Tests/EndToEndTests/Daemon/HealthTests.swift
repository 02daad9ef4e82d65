import Foundation
import GRDBSQLite
import OrchDomain
import OrchStore
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the daemon says of itself, and how it is reached.
@Suite(.serialized, .timeLimit(.minutes(10))) struct HealthTests {
  @Test func aLockedDatabaseIsNotReady() async throws {
    let shop = try Workshop([Plan("a/E01")])
    let house = try await DaemonHouse.open(shop)
    var database: OpaquePointer?
    try #require(sqlite3_open("\(shop.state)/orchestrator.db", &database) == SQLITE_OK)
    defer { sqlite3_close(database) }
    try #require(sqlite3_exec(database, "BEGIN IMMEDIATE", nil, nil, nil) == SQLITE_OK)
    let refused = try house.web.get("/readyz")
    #expect(refused.status == 503 && refused.header("Retry-After") != nil)
    #expect(try refused.json["error"]["code"].string == "store_unavailable")
    // It lives all the same.
    #expect(try house.web.get("/healthz").status == 200)
    try #require(sqlite3_exec(database, "ROLLBACK", nil, nil, nil) == SQLITE_OK)
    try await Eventually.holds("it is ready again") { try house.web.get("/readyz").status == 200 }
  }

  @Test func aFullDiskIsNotReady() async throws {
    let shop = try Workshop([Plan("a/E01")])
    guard let disk = try FullDiskTests.SmallDisk(shop.state, megabytes: 32) else { return }
    let house = try await DaemonHouse.open(shop)
    FullDiskTests.SmallDisk.fill(disk.path)
    let refused = try house.web.get("/readyz")
    #expect(refused.status == 503 && refused.body.contains("are free at"))
    try FileManager.default.removeItem(atPath: "\(disk.path)/filler")
    try await Eventually.holds("it is ready again") { try house.web.get("/readyz").status == 200 }
    _ = try await house.end()
  }

  @Test func figuresAreInTheFormOfPrometheus() async throws {
    let shop = try Workshop([Plan("a/E01"), Plan("b/E01", front: "needs_review: true")])
    try await shop.expect(0, "start", "--all")
    let house = try await DaemonHouse.open(shop)
    let answer = try house.web.get("/metrics")
    #expect(answer.header("Content-Type")?.hasPrefix("text/plain; version=0.0.4") == true)
    var types: Set<String> = []
    for line in answer.body.split(separator: "\n") {
      if let match = line.wholeMatch(of: #/# TYPE ([a-z_]+) (gauge|counter)/#) {
        #expect(types.insert(String(match.1)).inserted, "a type that is told twice: \(line)")
      } else {
        let sample = try #require(
          line.wholeMatch(of: #/([a-z_]+)(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+/#), "\(line)")
        #expect(types.contains(String(sample.1)), "no type: \(line)")
      }
    }
    for sample in [
      "claude_orch_up 1", "state=\"complete\"} 1", "state=\"in_review\"} 1", "claude_orch_event_readers 0",
    ] {
      #expect(answer.body.contains(sample), "\(sample)")
    }
  }

  @Test func theLimitOfOpenFilesIsRaisedForItselfAlone() async throws {
    let plan = Plan("a/E01", script: "ulimit -Sn > \"$HOME/limit\"\n" + Plan.work("a/E01"))
    let shop = try Workshop([plan])
    let house = try await DaemonHouse.open(shop, files: 200)
    #if os(Linux)
      let limits = try String(contentsOfFile: "/proc/\(house.pid)/limits", encoding: .utf8)
      let line = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max open files") })
      let numbers = line.split(separator: " ").compactMap { Int($0) }
      #expect(numbers.count == 2 && numbers[0] == min(numbers[1], 65_536), "\(line)")
    #endif
    try await shop.expect(0, "start")
    #if os(Linux)
      #expect(try shop.read("\(shop.scratch.path)/user/limit") == "200\n")
    #endif
    _ = try await house.end()
  }

  private static var hasTools: Bool {
    ["openssl", "curl"].allSatisfy { FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)") }
  }

  @Test(.enabled(if: hasTools)) func withACertificateItSpeaksTLSAndNothingElse() async throws {
    let shop = try Workshop([Plan("a/E01")])
    let (certificate, key) = ("\(shop.scratch.path)/cert.pem", "\(shop.scratch.path)/key.pem")
    func tool(_ words: String...) async throws -> Output {
      try await Running("/usr/bin/\(words[0])", Array(words.dropFirst()), in: shop.root, shop.environment).output()
    }
    let made = try await tool(
      "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
      "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    try #require(made.status == 0, "\(made)")
    let file = ".claude-orchestrator.toml"
    let settings = try shop.read(file)
    try shop.write(file, settings + "\n[web]\ntls_certificate = \"\(certificate)\"\n")
    let half = try await shop.expect(1, "serve", "--port", "0")
    #expect(half.err.contains("tls_key"))
    try shop.write(file, settings + "\n[web]\ntls_certificate = \"\(certificate)\"\ntls_key = \"\(key)\"\n")
    let running = try shop.launch(["serve", "--port", "0"])
    defer { kill(running.pid, SIGKILL) }
    let shake = try await Eventually.value("the handshake") {
      shop.exists("\(shop.state)/daemon.json") ? try JSON(shop.read("\(shop.state)/daemon.json")) : nil
    }
    #expect(shake["tls"].bool == true)
    let (port, token) = (try #require(shake["port"].int), "Authorization: Bearer \(shake["token"].string)")
    let url = "https://localhost:\(port)"
    let health = try await tool("curl", "--silent", "--cacert", certificate, "--header", token, "\(url)/healthz")
    #expect(health.out.contains("\"status\":\"ok\""), "\(health)")
    #expect(
      try await tool("curl", "--silent", "--header", token, "\(url)/healthz").status == 60, "an unknown certificate")
    let old = try await tool(
      "curl", "--silent", "--cacert", certificate, "--tls-max", "1.1", "--header", token, "\(url)/healthz")
    #expect(old.status != 0)
    #expect(try await tool("curl", "--silent", "--header", token, "http://localhost:\(port)/healthz").status != 0)
    let link = try await shop.expect(0, "daemon", "link").out.trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(link.hasPrefix("https://"))
    let login = try await tool("curl", "--silent", "--include", "--cacert", certificate, link)
    #expect(login.out.contains("; Secure"))
    try await shop.expect(0, "daemon", "stop")
    #expect(try await running.output().status == 0)
  }
}
