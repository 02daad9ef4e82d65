import OrchDomain
import OrchReview
import Testing

@Suite("Lines that a repaired conflict has lost")
struct DroppedLinesTests {
  private func judge(
    theirs: [String], ours: [String], sinceTheirs: [String], sinceOurs: [String], path: String = "a.ts"
  ) -> [Evidence] {
    DroppedLines.judge(
      theirs: [diff("a.ts", theirs)], ours: [diff("a.ts", ours)], sinceTheirs: [diff(path, sinceTheirs)],
      sinceOurs: [diff(path, sinceOurs)], base: "main")
  }

  @Test("A merge that keeps both sides is nobody's business")
  func kept() {
    #expect(
      judge(
        theirs: ["-let a = 1", "+let a = 2"], ours: ["-let a = 1", "+let a = 3", "+let b = 4"],
        sinceTheirs: ["-let a = 2", "+let a = max(2, 3)", "+let b = 4"],
        sinceOurs: ["-let a = 3", "+let a = max(2, 3)"]
      ).isEmpty)
  }

  @Test("What the base had gained and is gone is evidence, however little it is")
  func theirsIsGone() throws {
    let evidence = judge(
      theirs: ["+let price = total()"], ours: ["+let tax = 4"], sinceTheirs: ["-let price = total()", "+let tax = 4"],
      sinceOurs: [])
    #expect(evidence.map(\.rule) == ["policy.dropped-lines"])
    #expect(try #require(evidence.first).excerpt == "the merge drops 1 lines of 'main': let price = total()")
  }

  @Test("So is what the branch itself had added")
  func oursIsGone() throws {
    let evidence = judge(
      theirs: ["+let price = total()"], ours: ["+let tax = 4"], sinceTheirs: [],
      sinceOurs: ["-let tax = 4", "+let price = total()"])
    #expect(try #require(evidence.first).excerpt.contains("the branch before the merge: let tax = 4"))
  }

  @Test("A line that moved, a bracket, and a file that only one side changed tell nothing")
  func ordinary() {
    #expect(
      judge(theirs: ["+let x = 1"], ours: ["+y"], sinceTheirs: ["-let x = 1", "+  let x = 1"], sinceOurs: []).isEmpty)
    #expect(judge(theirs: ["+}"], ours: ["+y"], sinceTheirs: ["-}"], sinceOurs: []).isEmpty)
    #expect(
      judge(theirs: ["+let x = 1"], ours: ["+y"], sinceTheirs: ["-let x = 1"], sinceOurs: [], path: "b.ts").isEmpty)
  }
}
