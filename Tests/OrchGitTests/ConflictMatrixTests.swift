import Foundation
import OrchGit
import Testing

@Suite("Conflicts between branches") struct ConflictMatrixTests {
  @Test("Pairs are merged only when they are new and change a file in common")
  func pairs() async throws {
    let t = try await TestRepository.make(["a": MergeTests.lines, "b": "b\n", "c": "c\n"])
    let base = try await t.rev("main")
    let edit = { (text: String) in MergeTests.lines.replacingOccurrences(of: "line 2\n", with: text) }
    var heads = [
      try await t.proposal(["a": edit("one\n")]), try await t.proposal(["a": edit("two\n")]),
      try await t.proposal(["b": "B\n"]), try await t.proposal(["a": MergeTests.editedToo]),
    ]
    let r = try await t.open()
    var matrix = ConflictMatrix()
    #expect(
      try await matrix.update(heads, base: base, in: r) == [.init(first: 0, second: 1, files: ["a"])])
    #expect(matrix.merges == 3, "the one that changes b alone is merged with nobody")
    _ = try await matrix.update(heads, base: base, in: r)
    #expect(matrix.merges == 0, "nothing is new")
    heads[2] = try await t.proposal(["c": "C\n", "a": edit("three\n")])
    let found = try await matrix.update(heads, base: base, in: r)
    #expect(found.map { [$0.first, $0.second] } == [[0, 1], [0, 2], [1, 2]])
    #expect(matrix.merges == 3, "one new commit is compared with the others, and they not with each other")
  }

  @Test("What it says of a pair is what the whole merge says", arguments: MergeTests.cases)
  func agrees(_ item: MergeTests.Case) async throws {
    let t = try await TestRepository.make(item.base)
    let heads = [try await t.proposal(item.ours), try await t.proposal(item.theirs)]
    let r = try await t.open()
    var matrix = ConflictMatrix()
    let found = try await matrix.update(heads, base: try await t.rev("main"), in: r)
    let shared = Set(item.ours.keys).intersection(item.theirs.keys)
    if item.conflicts == nil {
      #expect(found.isEmpty)
    } else if !shared.isEmpty {
      #expect(found.first?.files == Set((item.conflicts ?? []).map(\.path)).sorted())
    }
  }

  @Test("What there was no room for is looked at the next time")
  func bounded() async throws {
    let t = try await TestRepository.make(["a": "a\n"])
    var heads: [String] = []
    for number in 0..<4 { heads.append(try await t.proposal(["a": "\(number)\n"])) }
    let r = try await t.open()
    let base = try await t.rev("main")
    var matrix = ConflictMatrix()
    var counts: [Int] = []
    repeat {
      counts.append(try await matrix.update(heads, base: base, in: r, limit: 4).count)
    } while !matrix.isComplete
    #expect(counts == [4, 6])
  }
}
