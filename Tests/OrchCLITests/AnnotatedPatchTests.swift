import OrchDomain
import Testing

@testable import OrchCLI

@Suite("A patch with its evidence")
struct AnnotatedPatchTests {
  static let patch = """
    diff --git a/src/a.py b/src/a.py
    index 1..2
    --- a/src/a.py
    +++ b/src/a.py
    @@ -3,3 +3,3 @@
     x = 1
    -require_permission(u)
    +eval(x)
     y = 2
    diff --git a/Dockerfile b/Dockerfile
    new file mode 100644
    --- /dev/null
    +++ b/Dockerfile
    @@ -0,0 +1 @@
    +FROM \u{1B}[31mx
    """
  static let verdict = Verdict(
    category: .security, needsHuman: true,
    evidence: [
      Evidence(rule: "security.exec", category: .security, file: "src/a.py", line: 4, excerpt: "eval(x)"),
      Evidence(
        rule: "security.guard-removed", category: .security, file: "src/a.py", line: 4,
        excerpt: "removed: require_permission(u)"),
      Evidence(rule: "security.ci", category: .security, file: "Dockerfile", line: nil, excerpt: "added"),
    ])

  @Test("Evidence stands below its line, also of a line that went, and below the head of its file")
  func notes() {
    let text = AnnotatedPatch(patch: Self.patch, verdict: Self.verdict).text(colour: false)
    let lines = text.split(separator: "\n").map(String.init)
    func below(_ line: String) -> String { lines.firstIndex(of: line).map { lines[$0 + 1] } ?? "" }
    #expect(below("-require_permission(u)").hasPrefix("      ^ security.guard-removed: "))
    #expect(below("+eval(x)").hasPrefix("      ^ security.exec: "))
    #expect(below("diff --git a/Dockerfile b/Dockerfile").hasPrefix("      ^ security.ci: "))
    #expect(lines.count == Self.patch.split(separator: "\n").count + 3)
    #expect(!text.contains("\u{1B}"))
  }

  @Test("Colour is the terminal's own, and the patch cannot add to it")
  func colour() {
    let text = AnnotatedPatch(patch: Self.patch, verdict: Self.verdict).text(colour: true)
    #expect(text.contains("\u{1B}[31m-require_permission(u)\u{1B}[0m"))
    #expect(text.contains("\u{1B}[32m+eval(x)\u{1B}[0m"))
    #expect(!text.contains("FROM \u{1B}[31mx"))
  }
}
