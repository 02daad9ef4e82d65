import OrchDomain
import OrchEngine
import Testing

@Suite struct ProjectPathsTests {
  static let home = "/home/u/.claude-plan-orchestrator"

  @Test func everythingIsBelowTheHome() throws {
    let paths = ProjectPaths(home: Self.home, root: "/src/ledger")
    let id = try #require(TaskID("billing/CLI02"))
    #expect(paths.key.hasPrefix("ledger-"))
    #expect(paths.database == "\(Self.home)/orchestrator.db")
    #expect(paths.lock == "\(Self.home)/locks/\(paths.key).lock")
    #expect(paths.worktree(id, attempt: 3) == "\(Self.home)/worktrees/\(paths.key)/billing-CLI02-3")
    #expect(paths.run(id, attempt: 3) == "\(Self.home)/runs/\(paths.key)/billing-CLI02/3")
    #expect(paths.turn(id, attempt: 3, turn: 2) == "\(paths.run(id, attempt: 3))/turn-2")
    #expect(paths.landing(id) == "\(Self.home)/runs/\(paths.key)/billing-CLI02/landing")
    #expect(paths.gateWorktree(0) == "\(paths.worktrees)/_gate")
    #expect(id.branch == "feat/billing-CLI02")
    #expect(id.attemptRef(3) == "refs/orch/attempts/billing/CLI02/3")
  }

  @Test func placesCanBeMovedOneByOne() {
    let paths = ProjectPaths(home: "/h", root: "/r", database: "/fast/o.db", worktrees: "/big")
    #expect(paths.database == "/fast/o.db")
    #expect(paths.worktrees == "/big/\(paths.key)")
    #expect(paths.logs == "/h/logs")
  }

  @Test func aNameIsStableAndItsOwn() {
    let key = { (root: String) in ProjectPaths(home: "/h", root: root).key }
    #expect(key("/a/ledger") == key("/a/ledger"))
    let roots = [
      "/a/ledger", "/b/ledger", "/a/ledger/", "/a/Ledger", "/a/led ger", "/a/led-ger", "/", "/a/账本", "/a/..b",
    ]
    #expect(Set(roots.map(key)).count == roots.count)
  }

  @Test(arguments: ["/", "/a/..", "/x/$(rm -rf)", "/x/a b\n", "/x/" + String(repeating: "é", count: 300), "/x/-rf"])
  func aNameIsSafeInAPath(_ root: String) {
    let key = ProjectPaths(home: "/h", root: root).key
    #expect(key.utf8.count <= 60)
    #expect(key.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }, "\(key)")
  }

  /// The worktree of no task is the gate's, or inside of another one's.
  @Test func worktreesDoNotMeet() throws {
    let paths = ProjectPaths(home: "/h", root: "/r")
    var seen: Set<String> = [paths.gateWorktree(0), paths.gateWorktree(1)]
    for name in ["a/E01", "a/E1", "a-b/E01", "a/B01", "gate/E01"] {
      let id = try #require(TaskID(name))
      for attempt in [1, 2, 11] { seen.insert(paths.worktree(id, attempt: attempt)) }
    }
    // a/E1 is a/E01.
    #expect(seen.count == 2 + 4 * 3)
    for path in seen {
      #expect(!seen.contains { $0.hasPrefix(path + "/") })
    }
  }
}
