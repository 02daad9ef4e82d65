import OrchDomain
import OrchRandom
import OrchReview
import Testing

@Suite("What holds for every change")
struct VerdictPropertyTests {
  static let paths = [
    "src/a.go", "src/b.py", "api/c.ts", "go.mod", "db/m.sql", ".github/workflows/x.yml", "tests/d.swift", "auth/e.rs",
    "Makefile", "data.csv", "lib/lexer.c",
  ]
  static let texts = [
    "password = 1", "x := 1", "eval(y)", "CREATE TABLE t", "public func f()", "export const a", "// secret", "token",
    "AKIAIOSFODNN7EXAMPLE", "", "return", "p\u{0430}ssword", "if (a) {", "`", "/*", "*/", "CREATE", "TABLE x",
  ]

  static func change(_ random: inout SplitMix64) -> [FileDiff] {
    (0..<Int.random(in: 1...8, using: &random)).map { _ in
      let lines = (0..<Int.random(in: 0...30, using: &random)).map { _ in
        ["+", "-", " "].randomElement(using: &random)! + texts.randomElement(using: &random)!
      }
      let kind = [FileDiff.Kind.added, .modified, .deleted, .renamed].randomElement(using: &random)!
      let old = kind == .renamed ? paths.randomElement(using: &random) : nil
      let number = Int.random(in: 0...3, using: &random)
      let path = paths.randomElement(using: &random)!
      return diff(number == 0 ? path : "d\(number)/\(path)", lines, kind: kind, from: old)
    }
  }

  @Test(
    "The order of the files changes nothing, also where there is more evidence than is kept", arguments: UInt64(0)..<100
  )
  func order(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var files = Self.change(&random)
    for number in 0..<Int.random(in: 0...9, using: &random) {
      files.append(diff("many\(number).go", (0..<9).map { "+eval(\($0))" }))
    }
    let policy = ReviewPolicy(planPath: "docs/plans/a/epic-01-x.md")
    let verdict = VerdictEngine.judge(files: files, policy: policy)
    #expect(VerdictEngine.judge(files: files.shuffled(using: &random), policy: policy) == verdict)
    #expect(VerdictEngine.judge(files: files.reversed(), policy: policy) == verdict)
  }

  @Test("Prose never changes the category, and code never takes a human away", arguments: UInt64(0)..<100)
  func monotonic(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    // Every second change is harmless: beside a change that is about security already, nothing could show.
    let files = seed % 2 == 0 ? [diff("src/a.go", ["+x := 1"])] : Self.change(&random)
    let policy = ReviewPolicy(planPath: "docs/plans/a/epic-01-x.md")
    let before = VerdictEngine.judge(files: files, policy: policy)
    let lines = Self.texts.map { "+" + $0 }.shuffled(using: &random)
    let names = ["README.md", "docs/auth.md", "NOTES.txt", "docs/plans/b/epic-01.md", policy.planPath]
    let prose = diff(names.randomElement(using: &random)!, lines)
    let after = VerdictEngine.judge(files: files + [prose], policy: policy)
    #expect(after.category == before.category)
    #expect(after.needsHuman || !before.needsHuman)
    let more = VerdictEngine.judge(files: files + Self.change(&random), policy: policy)
    let ranking = VerdictEngine.ranking
    #expect(ranking.firstIndex(of: more.category)! <= ranking.firstIndex(of: before.category)!)
    #expect(more.needsHuman || !before.needsHuman)
  }

  @Test("Evidence is bounded, printable, and never under a harmless verdict", arguments: UInt64(0)..<100)
  func evidence(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var files = Self.change(&random)
    // Bytes without meaning must not stop the judge.
    let noise = (0..<20).map { _ in
      "+" + String(decoding: (0..<80).map { _ in UInt8.random(in: 0...255, using: &random) }, as: UTF8.self)
    }
    files.append(diff("noise.js", noise))
    let verdict = VerdictEngine.judge(files: files, policy: ReviewPolicy())
    #expect(verdict.needsHuman == !verdict.evidence.isEmpty)
    for (_, list) in Dictionary(grouping: verdict.evidence, by: \.rule) { #expect(list.count <= 20) }
    for item in verdict.evidence {
      #expect(item.excerpt.count <= 200)
      #expect(item.excerpt.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && $0.value != 0x202E })
    }
  }
}
