import Foundation
import OrchDomain
import Synchronization
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Honest work inside of the sandbox: git, turns, limits and kills are as they are outside.
@Suite(.serialized, .timeLimit(.minutes(15)), .enabled(if: Bubblewrap.obstacle == nil, "no user namespaces"))
struct SandboxedWorkTests {
  static func shop(_ plans: [Plan], sandbox: String = "", gate: String = "sh test.sh", attempts: Int = 1) throws
    -> Workshop
  {
    try Workshop(
      plans, settings: "[sandbox]\nmode = \"bubblewrap\"\n\(sandbox)", gate: gate, attempts: attempts)
  }

  static func start(_ shop: Workshop, _ more: [String: String] = [:]) async throws -> Output {
    try await shop.orch("start", "--all", adding: ["CLAUDE_ORCH_SANDBOX": ""].merging(more) { $1 })
  }

  @Test func gitWorksAsUsualAndAcrossTurns() async throws {
    let plan = Plan(
      "core/E01",
      script: """
        mkdir -p data
        if [ -z "${ORCH_FEEDBACK_FILE:-}" ]; then
          git config user.name && git config user.email
          echo "kept" > stashed.txt && git add stashed.txt && git stash --quiet
          for n in 1 2 3; do echo "$n" > "data/$n"; git add data; git commit --quiet -m "Step $n"; done
          GIT_SEQUENCE_EDITOR="sed -i '2,3s/^pick/fixup/'" git rebase --quiet -i "$ORCH_BASE"
          git commit --quiet --amend -m "One step"
          git gc --quiet
          git gc --auto
          git tag mine
          git branch aside
        else
          git stash pop --quiet
          rm data/*
          echo "ok" > data/ok
          git add --all
          git commit --quiet -m "Repair"
          git checkout --quiet --detach
          git commit --quiet --allow-empty -m "On a detached head"
        fi
        """)
    let shop = try Self.shop([plan])
    let output = try await Self.start(shop)
    #expect(output.status == 0, "\(output)")
    try await shop.expectFinished(["core/E01"])
    #expect(try shop.git("show", "main:stashed.txt") == "kept")
    let subjects = try shop.git("log", "--format=%s", "main")
    #expect(subjects.contains("One step") && subjects.contains("On a detached head") && !subjects.contains("Step 2"))
    // What the agent made beside its branch stays its own.
    #expect(try shop.git("for-each-ref", "--format=%(refname)").contains("mine") == false)
    #expect(try shop.git("branch", "--list", "aside").isEmpty)
    #expect(try shop.git("fsck").contains("missing") == false)
  }

  @Test func conflictsAreSettledInside() async throws {
    let shop = try Self.shop([Plan.word("a/E01", "alpha"), Plan.word("b/E01", "beta")])
    let output = try await Self.start(shop)
    #expect(output.status == 0, "\(output)")
    #expect(try shop.git("show", "main:words").split(separator: " ").count == 3)
  }

  @Test func unfinishedWorkIsKeptWhenTheAttemptFails() async throws {
    let shop = try Self.shop([
      Plan("core/E01", script: "echo draft > draft.txt\necho x > staged.txt\ngit add staged.txt\nexit 3")
    ])
    #expect(try await Self.start(shop).status == 1)
    let kept = try shop.git("ls-tree", "-r", "--name-only", "refs/orch/attempts/core/E01/1")
    #expect(kept.contains("draft.txt") && kept.contains("staged.txt"))
  }

  @Test func anAgentOutlivesStartAndIsAdopted() async throws {
    let shop = try Self.shop([
      Plan("core/E01", script: "while [ ! -e go ]; do sleep 0.02; done\nrm go\n\(Plan.work("core/E01"))")
    ])
    let run = try shop.launch(["start", "--all", "--json"], adding: ["CLAUDE_ORCH_SANDBOX": ""])
    let worktree = try await self.worktree(of: shop)
    try await shop.until {
      !Strays.list(below: worktree).filter { $0.contains("/bash ") || $0.contains(" bash") }.isEmpty
    }
    kill(run.pid, SIGKILL)
    _ = try await run.output()
    let second = try shop.launch(["start", "--all", "--json"], adding: ["CLAUDE_ORCH_SANDBOX": ""])
    try shop.write("\(worktree)/go", "")
    #expect(try await second.output().status == 0)
    #expect(try shop.turns("core/E01").count == 1)
    try await shop.expectFinished(["core/E01"])
    #expect(try await shop.strays() == [])
  }

  private func worktree(of shop: Workshop) async throws -> String {
    var found: String?
    try await shop.until {
      let listed = try shop.git("worktree", "list", "--porcelain").split(separator: "\n")
      found = listed.first { $0.hasSuffix("/core-E01-1") }.map { String($0.dropFirst("worktree ".count)) }
      return found != nil
    }
    return try #require(found)
  }

  @Test func theGateIsShutInAsWell() async throws {
    let shop = try Self.shop([Plan("core/E01")], gate: "sh test.sh; touch ../escaped ~/escaped; test ! -e ~/.ssh")
    try shop.write("\(shop.environment["HOME"] ?? "")/.ssh/id", "key")
    #expect(try await Self.start(shop).status == 0)
    #expect(!shop.exists("\(shop.environment["HOME"] ?? "")/escaped"))
  }

  // MARK: Where it cannot be

  @Test func aMachineWithoutASandboxIsToldOrRefused() async throws {
    let shop = try Workshop([Plan("core/E01")], settings: "[sandbox]\nmode = \"auto\"")
    let broken = "\(shop.scratch.path)/broken"
    try shop.write("\(broken)/bwrap", "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(broken)/bwrap")
    let path = "\(broken):\(shop.environment["PATH"] ?? "")"
    let refused = try await shop.orch(
      "start", "--all", adding: ["CLAUDE_ORCH_SANDBOX": "bubblewrap", "PATH": path])
    #expect(refused.status == 69 && refused.err.contains("No permissions"), "\(refused)")
    #expect(try await shop.states() == ["core/E01": "ready"])
    let told = try await shop.orch("start", "--all", adding: ["CLAUDE_ORCH_SANDBOX": "auto", "PATH": path])
    #expect(told.status == 0, "\(told)")
    let lines = (told.out + told.err).split(separator: "\n").filter { $0.contains("without a sandbox") }
    #expect(lines.count == 1 && lines[0].contains("namespaces"), "\(told)")
  }

  @Test func aNetworkSettingWithoutASandboxIsRefused() async throws {
    let shop = try Workshop([Plan("core/E01")], settings: "[sandbox]\nmode = \"off\"\nnetwork = \"none\"")
    let output = try await Self.start(shop)
    #expect(output.status == 69 && output.err.contains("network"), "\(output)")
  }

  // MARK: Network

  @Test func withNoneThereIsNobodyToTalkTo() async throws {
    let server = try LoopbackServer()
    let shop = try Self.shop(
      [Plan("core/E01", script: Self.attempt(server.port) + Plan.work("core/E01"))], sandbox: "network = \"none\"")
    #expect(try await Self.start(shop).status == 0)
    let output = try Self.printed(shop)
    #expect(output.contains("direct: refused") && output.contains("interfaces: lo\n"), "\(output)")
    #expect(server.served == 0)
  }

  private static func attempt(_ port: UInt16) -> String {
    """
    if (exec 4<>/dev/tcp/127.0.0.1/\(port)) 2>/dev/null; then echo "direct: open"; else echo "direct: refused"; fi
    echo "interfaces: $(tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' ' | paste -sd ' ')"

    """
  }

  static func printed(_ shop: Workshop, _ name: String = "stdout") throws -> String {
    let runs = "\(shop.state)/runs"
    let project = try #require(try FileManager.default.contentsOfDirectory(atPath: runs).first)
    return try shop.read("\(runs)/\(project)/core-E01/1/turn-1/\(name)")
  }

  @Test func anAllowListIsKeptAndLogged() async throws {
    let server = try LoopbackServer()
    let ask = { (name: String, target: String) in
      """
      exec 4<>/dev/tcp/127.0.0.1/3128
      printf 'CONNECT \(target) HTTP/1.1\\r\\nHost: \(target)\\r\\n\\r\\n' >&4
      IFS= read -r answer <&4
      echo "\(name): $answer"
      exec 4>&-

      """
    }
    let script =
      Self.attempt(server.port) + "echo \"proxy: $HTTPS_PROXY\"\n" + ask("stranger", "example.org:443")
      + ask("inward", "localhost:\(server.port)") + ask("listed", "127.0.0.1:\(server.port)")
        + """
        exec 5<>/dev/tcp/127.0.0.1/3128
        printf 'GET http://127.0.0.1:\(server.port)/x HTTP/1.1\\r\\nHost: evil\\r\\n\\r\\n' >&5
        echo "plain: $(cat <&5 | tr -d '\\r' | tail -n 1)"

        """
    let shop = try Self.shop(
      [Plan("core/E01", front: "needs_review: true", script: script + Plan.work("core/E01"))],
      sandbox: "network = \"allow-list\"\nallow_hosts = [\"localhost:\(server.port)\", \"127.0.0.1:\(server.port)\"]")
    let output = try await Self.start(shop)
    let text = try Self.printed(shop)
    #expect(text.contains("direct: refused") && text.contains("interfaces: lo\n"), "\(text) \(output)")
    #expect(text.contains("proxy: http://127.0.0.1:3128"))
    // The address that the name leads to is listed here, too.
    #expect(text.contains("stranger: HTTP/1.1 403") && text.contains("inward: HTTP/1.1 200"), "\(text)")
    #expect(text.contains("listed: HTTP/1.1 200") && text.contains("plain: hello 127.0.0.1:\(server.port)"), "\(text)")
    let log = try Self.log(shop)
    #expect(log.contains { $0.contains(" refused example.org:443 ") }, "\(log)")
    #expect(log.contains { $0.contains(" allowed 127.0.0.1:\(server.port) 127.0.0.1 sent=") }, "\(log)")
    #expect(try await shop.strays() == [])
  }

  @Test func aNameThatLeadsInwardIsRefusedAlthoughItIsListed() async throws {
    let server = try LoopbackServer()
    let script = """
      exec 4<>/dev/tcp/127.0.0.1/3128
      printf 'CONNECT localhost:\(server.port) HTTP/1.1\\r\\n\\r\\n' >&4
      IFS= read -r answer <&4
      echo "inward: $answer"

      """
    let shop = try Self.shop(
      [Plan("core/E01", front: "needs_review: true", script: script + Plan.work("core/E01"))],
      sandbox: "network = \"allow-list\"\nallow_hosts = [\"localhost:\(server.port)\"]")
    _ = try await Self.start(shop)
    #expect(try Self.printed(shop).contains("inward: HTTP/1.1 403"))
    #expect(
      try Self.log(shop).contains { $0.contains(" refused localhost:\(server.port) ") && $0.contains("not public") })
    #expect(server.served == 0)
  }

  private static func log(_ shop: Workshop) throws -> [String] {
    let runs = "\(shop.state)/runs"
    let project = try #require(try FileManager.default.contentsOfDirectory(atPath: runs).first)
    return try shop.read("\(runs)/\(project)/core-E01/1/sandbox/network.log").split(separator: "\n").map(String.init)
  }
}

extension Workshop {
  /// Waits for something that is going to happen.
  func until(_ condition: () throws -> Bool) async throws {
    let end = ContinuousClock.now.advanced(by: .seconds(120))
    while try !condition() {
      try #require(ContinuousClock.now < end, "it never happened")
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}

/// A web server on the loopback that says hello and counts.
final class LoopbackServer: Sendable {
  let port: UInt16
  private let descriptor: Int32
  private let count = Mutex(0)
  var served: Int { count.withLock { $0 } }

  init() throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && listen(descriptor, 16) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    try #require(isBound)
    self.descriptor = descriptor
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { [self] in
      while true {
        let connection = accept(descriptor, nil, nil)
        if connection < 0 { return }
        count.withLock { $0 += 1 }
        Thread.detachNewThread {
          var bytes = [UInt8](repeating: 0, count: 4096)
          let got = read(connection, &bytes, bytes.count)
          let host =
            String(decoding: bytes.prefix(max(0, got)), as: UTF8.self).split(separator: "\r\n")
            .first { $0.hasPrefix("Host: ") }?.dropFirst(6) ?? "nobody"
          let answer = Array("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello \(host)\n".utf8)
          if got > 0 { _ = write(connection, answer, answer.count) }
          close(connection)
        }
      }
    }
  }

  deinit { shutdown(descriptor, Int32(SHUT_RDWR)); close(descriptor) }
}
