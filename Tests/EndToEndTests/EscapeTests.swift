import Foundation
import OrchDomain
import OrchStore
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Whether bubblewrap works here; a suite that needs it says when it was skipped, and why.
enum Bubblewrap {
  static let obstacle: String? = {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["bwrap", "--unshare-user", "--unshare-pid", "--ro-bind", "/", "/", "--proc", "/proc", "true"]
    let errors = Pipe()
    process.standardError = errors
    do { try process.run() } catch { return "\(error)" }
    let text = String(decoding: errors.fileHandleForReading.everything(), as: UTF8.self)
    process.waitUntilExit()
    if process.terminationStatus == 0 { return nil }
    let reason = text.contains("No such file") ? "bubblewrap is not installed" : "no user namespaces: \(text)"
    print("skipped: \(reason)")
    return reason
  }()
}

/// Every way out of the sandbox that we know, tried twice: without it each one works, with it none does.
@Suite(.serialized, .timeLimit(.minutes(15)), .enabled(if: Bubblewrap.obstacle == nil, "no user namespaces"))
struct EscapeTests {
  /// One run with all attacks, each by a task of its own.
  struct Trial: Sendable {
    var shop: Workshop
    var grounds: Escape.Grounds
    var worked: [String: Bool]
  }

  static let shutIn = Task { try await trial(mode: "bubblewrap") }
  static let free = Task { try await trial(mode: "off") }

  @Test(arguments: Escape.all) func isStopped(_ escape: Escape) async throws {
    #expect(try await Self.shutIn.value.worked[escape.name] == false)
  }

  @Test(arguments: Escape.all) func worksWithoutTheSandbox(_ escape: Escape) async throws {
    #expect(try await Self.free.value.worked[escape.name] == true)
  }

  @Test func honestWorkLandsAllTheSame() async throws {
    let trial = try await Self.shutIn.value
    let states = try await trial.shop.states()
    // Names such as "login" ask for a human, whatever is in the file.
    #expect(Set(states.values).isSubset(of: ["complete", "in_review"]), "\(states)")
    #expect(try trial.shop.git("fsck", "--connectivity-only", accepted: [0]).contains("error") == false)
  }

  static func output(of name: String, in shop: Workshop) throws -> String {
    let runs = "\(shop.state)/runs"
    let project = try #require(try FileManager.default.contentsOfDirectory(atPath: runs).first)
    return try shop.read("\(runs)/\(project)/way-\(name)-E01/1/turn-1/stdout")
  }

  private static func trial(mode: String) async throws -> Trial {
    let token = UUID().uuidString.lowercased()
    let scratch = try Scratch()
    let out = "\(scratch.path)/out"
    let other = try Workshop([])
    try other.write("secret.txt", "of another\n")
    try other.git("add", "secret.txt")
    try other.git("commit", "--quiet", "-m", "secret")
    let victim = try Running(
      "/bin/sh", ["-c", "while [ -d '\(scratch.path)' ]; do sleep 0.1; done"], in: "/",
      ["PATH": "/usr/bin:/bin", "VICTIM_SECRET": "hidden"])
    let prey = try Running(
      "/bin/sh", ["-c", "while [ -d '\(scratch.path)' ]; do sleep 0.1; done"], in: "/", ["PATH": "/usr/bin:/bin"])
    let listener = try abstractSocket(token)
    defer { close(listener) }
    let plans = Escape.all.map {
      plan($0, out: out, victim: victim.pid, prey: prey.pid, token: token, other: other.root)
    }
    let shop = try Workshop(plans, settings: "[sandbox]\nmode = \"\(mode)\"", parallel: 4)
    // Attacks go up from the worktree to what is beside the state directory.
    try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: "\(shop.scratch.path)/out", withDestinationPath: out)
    try shop.write("\(shop.environment["HOME"] ?? "")/.ssh/id_ed25519", "a key\n")
    try shop.write("\(shop.environment["HOME"] ?? "")/.claude/.credentials.json", "{}\n")
    try shop.git("branch", "victim")
    try shop.git("branch", "victim-was")
    try shop.write("spare.txt", "\(token)\n")
    let object = try shop.git("hash-object", "-w", "spare.txt")
    try FileManager.default.removeItem(atPath: "\(shop.root)/spare.txt")
    try shop.write("\(scratch.path)/spare", object)
    _ = try await shop.launch(
      ["start", "--all"], adding: ["CLAUDE_ORCH_SANDBOX": "", "ESCAPE_SECRET": "x"]
    ).output()
    let grounds = Escape.Grounds(out: out, victim: victim.pid, prey: prey.pid, spare: object)
    var worked: [String: Bool] = [:]
    for escape in Escape.all { worked[escape.name] = try escape.worked(shop, grounds) }
    kill(victim.pid, SIGKILL)
    kill(prey.pid, SIGKILL)
    try FileManager.default.removeItem(atPath: scratch.path)
    return Trial(shop: shop, grounds: grounds, worked: worked)
  }

  private static func plan(
    _ escape: Escape, out: String, victim: pid_t, prey: pid_t, token: String, other: String
  ) -> Plan {
    // A change that is called an escape would wait for a human.
    Plan(
      "way-\(escape.name)/E01",
      script: """
        export OUT='\(out)' VICTIM=\(victim) PREY=\(prey) NAME='\(token)' OTHER='\(other)'
        export COMMON=$(git rev-parse --path-format=absolute --git-common-dir)
        export SPARE=$(cat "\(out)/../spare" 2>/dev/null || echo 0000000000000000000000000000000000000000)
        ( \(escape.script)
        ) > got 2>/dev/null || true
        if [ -s got ]; then echo "LEAK-\(escape.name)"; fi
        rm -rf got
        git reset -q
        \(Plan.work("way-\(escape.name)/E01"))
        """)
  }

  private static func abstractSocket(_ name: String) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { path in
      for (index, byte) in name.utf8.enumerated() { path[index + 1] = byte }
    }
    let size = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.utf8.count)
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
    }
    try #require(bound == 0 && listen(descriptor, 16) == 0)
    return descriptor
  }
}
