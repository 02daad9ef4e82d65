import Foundation
import OrchDomain
import Testing

/// Every command with a daemon and without one.
@Suite(.serialized, .timeLimit(.minutes(15))) struct BesideDaemonTests {
  /// Commands that only read, in every form that tells something else.
  private static let reading: [[String]] = [
    ["status"], ["status", "--json"], ["list"], ["list", "--json"], ["list", "--ready"], ["list", "--module", "a"],
    ["show", "a/E01"], ["show", "a/E99"], ["why", "a/E02"], ["why", "b/E01"], ["attempts", "a/E01"], ["diff", "b/E01"],
    ["graph"], ["graph", "--format", "dot"], ["graph", "--format", "mermaid", "a/E02"], ["plan"], ["plan", "--json"],
    ["logs", "a/E01"], ["logs", "a/E01", "--json"], ["logs", "a/E02"], ["prompt", "a/E02"], ["pr", "list"],
    ["pr", "list", "--all", "--json"], ["pr", "review"], ["pr", "show", "b/E01"], ["pr", "show", "a/E02"],
    ["batch", "list"], ["batch", "history"], ["groups", "list"], ["groups", "list", "--json"], ["agents", "list"],
    ["events"], ["events", "--json"], ["events", "--verify"], ["audit", "verify"], ["replay"], ["check"],
    ["check", "--explain", "P004"], ["check", "--format", "sarif"], ["maintenance", "list"], ["version"],
    ["send", "a/E02", "--list"], ["cleanup", "worktrees", "--dry-run"], ["start", "--dry-run"], ["sync", "--dry-run"],
    ["report", "--json"], ["notify", "list"], ["issues", "list"], ["completions", "bash"], ["nonsense"],
    ["list", "--nonsense"],
  ]

  /// Commands with another test of their own: they change something (below), are the daemon's own, or have no end.
  private static let others: Set<String> = [
    "serve", "daemon", "projects", "mcp", "onboard", "stop", "pause", "resume", "retry", "reset", "doctor", "help",
    "network-proxy",
  ]

  @Test func readingIsTheSame() async throws {
    let shop = try Workshop([Plan("a/E01"), Plan("a/E02"), Plan("b/E01", front: "needs_review: true")])
    try await shop.expect(0, "start", "a/E01", "b/E01")
    try await shop.expect(0, "send", "a/E02", "Use the blue one")
    var alone: [Output] = []
    for command in Self.reading { alone.append(try await shop.launch(command).output()) }
    let house = try await DaemonHouse.open(shop)
    for (command, before) in zip(Self.reading, alone) {
      let beside = try await shop.launch(command).output()
      let name = command.joined(separator: " ")
      #expect(beside.status == before.status, "\(name)")
      #expect(Self.timeless(beside.out) == Self.timeless(before.out), "\(name)")
      #expect(Self.timeless(beside.err) == Self.timeless(before.err), "\(name)")
    }
    _ = try await house.end()
    // None is forgotten.
    let help = try await shop.expect(0, "--help").out
    let list = try #require(help.range(of: "SUBCOMMANDS"))
    let names = help[list.upperBound...].split(separator: "\n").compactMap { line in
      line.wholeMatch(of: #/  ([a-z-]+)( .*)?/#).map { String($0.1) }
    }
    let known = Set(Self.reading.map { $0[0] }).union(Self.others)
    #expect(names.count > 25)
    for name in names { #expect(known.contains(name), "\(name) is in no table") }
  }

  /// Without what is counted up to now.
  private static func timeless(_ text: String) -> String {
    text.replacing(#/for [0-9.]+ ?(ms|s|min|h)/#, with: "for a while")
      .replacing(#/"(age_seconds|landed_per_hour)":[0-9.]+/#) { "\"\($0.1)\":0" }
  }

  /// One after the other, each with the status that it ends with.
  private static let writing: [(status: Int32, command: [String])] = [
    (0, ["sync"]), (0, ["groups", "set", "b", "1"]), (0, ["groups", "unset", "b"]), (0, ["pause", "a/E02"]),
    (0, ["resume", "a/E02"]), (1, ["retry", "a/E02"]), (1, ["reset", "a/E99"]), (0, ["pause"]), (0, ["resume"]),
    (0, ["send", "a/E01", "Use the blue one"]), (0, ["start", "a/E01", "b/E01"]), (1, ["pr", "approve", "a/E02"]),
    (0, ["pr", "reject", "b/E01", "--reason", "Say more"]), (0, ["start", "b/E01"]), (0, ["pr", "approve", "b/E01"]),
    (0, ["start", "--all"]), (0, ["cleanup", "worktrees"]), (0, ["stop"]), (1, ["batch", "run", "nobody"]),
    (0, ["events", "--verify"]), (0, ["audit", "verify"]),
  ]

  @Test func writingComesToTheSame() async throws {
    var ends: [[String: String]] = []
    for isBeside in [false, true] {
      let again = "\ngit commit --quiet --allow-empty -m Again"
      let shop = try Workshop(
        [Plan("a/E01"), Plan("a/E02")]
          + [Plan("b/E01", front: "needs_review: true", script: Plan.work("b/E01") + " --allow-empty" + again)])
      let house = isBeside ? try await DaemonHouse.open(shop) : nil
      for (status, command) in Self.writing {
        let output = try await shop.launch(command).output()
        #expect(output.status == status, "\(command.joined(separator: " ")), beside: \(isBeside): \(output)")
      }
      ends.append(try await shop.states())
      for id in ["a/E01", "a/E02"] { #expect(try shop.attempts(id).count == 1, "\(id), beside: \(isBeside)") }
      if let house { #expect(try await house.end().status == 0) }
      try await shop.expectFinished(["a/E01", "a/E02", "b/E01"])
    }
    #expect(ends[0] == ends[1])
  }
}
