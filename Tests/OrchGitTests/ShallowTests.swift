import Foundation
import OrchGit
import OrchProcess
import OrchRandom
import Testing

@Suite("Clones and indexes that hold only a part")
struct ShallowTests {
  /// A clone of the last commits, with work of its own on top.
  private func clone(_ t: TestRepository, depth: Int) async throws -> String {
    let place = t.base + "/shallow"
    try await t.git("clone", "-q", "--no-local", "--depth", String(depth), "file://\(t.path)", place, in: t.base)
    return place
  }

  @Test("A shallow clone merges as a whole one does", arguments: [1, 2, 5])
  func merges(_ depth: Int) async throws {
    let t = try await TestRepository.make(["a": MergeTests.lines])
    for n in 1...6 { try await t.commit(["n": "\(n)\n"], "\(n)") }
    let place = try await clone(t, depth: depth)
    let base = try await t.rev("main", in: place)
    try await t.git("checkout", "-q", "-b", "work", in: place)
    let theirs = try await t.commit(["a": MergeTests.edited, "w": "w\n"], "work", in: place)
    try await t.git("checkout", "-q", "main", in: place)
    let ours = try await t.commit(["a": MergeTests.editedToo], "meanwhile", in: place)
    let r = try await t.open(place)
    #expect(try await r.mergeBase(ours, theirs) == base)
    guard case .clean(let tree) = try await r.merge(ours: ours, theirs: theirs) else {
      Issue.record("it does not merge")
      return
    }
    let merged = try await t.git("show", "\(tree):a", in: place)
    #expect(merged.contains("LINE 2\n") && merged.contains("LINE 18\n"))
    #expect(try await r.isAncestor(base, of: ours))
    #expect(try await !r.isAncestor(theirs, of: ours))
    #expect(try await r.commits(from: base, to: theirs).map(\.id) == [theirs])
    #expect(try await r.commits(from: nil, to: ours).count == depth + 1)
    let oldest = try #require(try await r.commits(from: nil, to: ours).last)
    #expect(oldest.parents == [])
  }

  @Test("Cut-off histories of any shape are what git takes them for", arguments: 1...4 as ClosedRange<UInt64>)
  func random(_ seed: UInt64) async throws {
    var random = SplitMix64(seed: seed)
    let t = try await TestRepository.make()
    let tree = try await t.rev("HEAD^{tree}")
    var commits = [try await t.rev("HEAD")]
    for n in 1...14 {
      let parents = Set((0..<(1 + random.below(2))).map { _ in commits[max(0, commits.count - 1 - random.below(4))] })
      let options = parents.sorted().flatMap { ["-p", $0] }
      let made = try await t.gitResult(["commit-tree", tree, "-m", "\(n)"] + options)
      commits.append(String(made.text.prefix(40)))
    }
    let cut = Set((0..<3).map { _ in commits[random.below(10)] })
    try Data(cut.sorted().map { $0 + "\n" }.joined().utf8).write(to: URL(filePath: t.path + "/.git/shallow"))
    let r = try await t.open()
    for _ in 0..<8 {
      let (a, b) = (random.pick(commits), random.pick(commits))
      let bases = try await t.gitResult(["merge-base", "--all", a, b]).text.split(separator: "\n").map(String.init)
      let ours = try await r.mergeBase(a, b)
      #expect(ours.map(bases.contains) ?? bases.isEmpty, "\(a) \(b): \(ours ?? "none"), git: \(bases)")
      let isAncestor = try await t.gitResult(["merge-base", "--is-ancestor", a, b]).exit == .code(0)
      #expect(try await r.isAncestor(a, of: b) == isAncestor)
      let listed = try await t.git("rev-list", "--topo-order", b, "^\(a)").split(separator: "\n").map(String.init)
      let found = try await r.commits(from: a, to: b)
      #expect(found.map(\.id).sorted() == listed.sorted())
      for (n, commit) in found.enumerated() {
        #expect(found[..<n].allSatisfy { !commit.parents.contains($0.id) }, "a parent came before its child")
      }
    }
  }

  @Test("What a partial clone has left out is told with what brings it")
  func leftOut() async throws {
    let t = try await TestRepository.make(["a": MergeTests.lines])
    let first = try await t.rev("HEAD")
    let second = try await t.commit(["a": MergeTests.edited])
    let blob = try await t.rev("\(first):a")
    try t.remove(".git/objects/\(blob.prefix(2))/\(blob.dropFirst(2))")
    let error = await #expect(throws: GitError.self) { try await t.open().patch(from: first, to: second, limit: 99) }
    #expect(error?.description.contains("git fetch --refetch --no-filter") == true)
  }

  @Test("An index that is split or sparse is not read", arguments: ["split", "sparse"])
  func indexes(_ kind: String) async throws {
    let t = try await TestRepository.make(["a": MergeTests.lines, "d/e/f": "f\n"])
    let first = try await t.rev("HEAD")
    let second = try await t.commit(["a": MergeTests.edited])
    if kind == "split" {
      try await t.git("update-index", "--split-index")
    } else {
      try await t.git("sparse-checkout", "set", "--cone", "--sparse-index", "x")
    }
    #expect(try await t.open().patch(from: first, to: second).contains("+LINE 2\n"))
  }
}
