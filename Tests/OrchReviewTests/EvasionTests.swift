import OrchDomain
import OrchReview
import Testing

@Suite("Ways to slip something past a review")
struct EvasionTests {
  @Test(
    "Letters that look like others are read as they look, and reported",
    arguments: ["p\u{0430}ssword = 1", "\u{FF45}val(x)", "e\u{200B}val(x)", "\u{1D41E}val(x)", "pass\u{00AD}word = 2"])
  func lookalikes(_ line: String) {
    let found = rules(judge(line: line))
    #expect(found.contains("security.hidden-text"))
    #expect(found.contains("security.password") || found.contains("security.exec"))
  }

  @Test("Text in another script is no deception, and neither is an emoji or an accent")
  func otherScripts() {
    for line in [
      "print(\"Привет, мир\")", "print(\"Καλημέρα\")", "let Δt = 1", "größe = 1", "print(\"👩‍💻\")", "let µs = 2",
    ] {
      #expect(judge(line: line).category == .routine, "\(line)")
    }
  }

  @Test("Text that turns around, escaped letters and invisible tags are reported")
  func hidden() {
    for line in ["a \u{202E} b", "x = \"\u{2066}\"", "\\u0065val(x)", "\\u{65}val(x)", "a\u{E0041}"] {
      #expect(rules(judge(line: line)).contains("security.hidden-text"), "\(line)")
    }
    // Also where nobody reads: in a comment.
    #expect(rules(judge(diff("a.go", ["+// \u{202E} x"]))).contains("security.hidden-text"))
    #expect(rules(judge(diff("src/\u{0430}bc.go", ["+x"]))).contains("security.hidden-text"))
  }

  @Test("A word at the end of a huge line is found, quickly, and the line itself is reported")
  func hugeLine() {
    let verdict = judge(line: String(repeating: "x + ", count: 100_000) + "password")
    #expect(verdict.category == .security)
    #expect(rules(verdict).contains("architecture.size"))
    #expect(verdict.evidence.allSatisfy { $0.excerpt.count <= 200 })
    #expect(verdict.evidence.contains { $0.excerpt.contains("password") })
  }

  @Test("Carriage returns change nothing")
  func carriageReturns() {
    for line in ["password\r", "eval(x)\r", "CREATE TABLE x\r", "verify=False\r"] {
      #expect(judge(line: line).category == judge(line: String(line.dropLast())).category)
      #expect(judge(line: line).category != .routine)
    }
    #expect(judge(diff("src/a.go", ["+// password\r"])).category == .routine)
    #expect(judge(line: "x\rpassword = 1").category == .security)
  }

  @Test("Tests are code too")
  func testsDirectory() {
    #expect(judge(diff("tests/helper.py", ["+eval(x)"])).category == .security)
    #expect(judge(diff("docs/conf.py", ["+eval(x)"])).category == .security)
  }

  @Test("A comment that may be a string that runs counts as code")
  func fakeComments() {
    let cases: [(String, [String])] = [
      ("a.js", ["+const s = `", "+/*", "+`; eval(x); const t = `", "+*/", "+`"]),
      ("a.js", ["+const s = `", "+// ${eval(x)}", "+`"]), ("a.rb", ["+# #{eval(x)}"]), ("a.py", ["+# {eval(x)}"]),
      ("a.js", ["+/* a */ eval(x)"]), ("a.js", ["+/*", "+eval(x)"]), ("a.js", ["+/[/*]/.test(a); eval(x)"]),
      ("a.swift", ["+// \\(eval(x))"]), ("a.js", ["+ * eval(x)"]),
    ]
    for (path, lines) in cases { #expect(judge(diff(path, lines)).category == .security, "\(lines)") }
  }

  @Test("A rename with an edit is judged by both names and by the edit")
  func renameAndEdit() {
    let moved = diff("src/misc.ts", ["+f()"], kind: .renamed, from: "src/auth/guard.ts")
    #expect(rules(judge(moved)).contains("security.path"))
    let edited = diff("src/b.ts", ["+eval(x)"], kind: .renamed, from: "src/a.ts")
    #expect(judge(edited).category == .security)
  }

  @Test("Prose that becomes code by its name alone has not been seen")
  func proseToCode() {
    let renamed = diff("src/run.py", [], kind: .renamed, from: "notes.md")
    #expect(judge(renamed).needsHuman)
    #expect(rules(judge(renamed)) == ["policy.unreadable"])
    #expect(!judge(diff("src/b.py", [], kind: .renamed, from: "src/a.py")).needsHuman)
    #expect(judge(diff("src/b.py", [], kind: .copied, from: "x.txt")).needsHuman)
  }

  @Test("What cannot be read needs a human, and no setting changes that")
  func unreadable() {
    var policy = ReviewPolicy(disabledRules: ["policy.*", "policy.unreadable"])
    policy.planPath = "p.md"
    #expect(VerdictEngine.judge(files: [], policy: policy).needsHuman)
    let fine = diff("a.go", ["+x"])
    #expect(VerdictEngine.judge(files: [fine], policy: policy, isComplete: false).needsHuman)
    #expect(!VerdictEngine.judge(files: [fine], policy: policy).needsHuman)
    #expect(VerdictEngine.judge(files: [diff("a.go", [])], policy: policy).needsHuman)
    // Where a diff was cut off, a line without a number says so.
    var cut = fine
    cut.hunks[0].lines.append(FileDiff.Line(.context, newLine: nil, "[and 7 more lines of this file]"))
    #expect(rules(VerdictEngine.judge(files: [cut], policy: policy)) == ["policy.unreadable"])
    // An empty new file has nothing to read.
    #expect(!VerdictEngine.judge(files: [diff("__init__.py", [], kind: .added)], policy: policy).needsHuman)
  }

  @Test("Links, other repositories, new executables and binaries need a human")
  func kinds() {
    let cases: [(FileDiff, String)] = [
      (diff("a.md", ["+../elsewhere"], kind: .added, mode: 0o120000), "security.symlink"),
      (diff("lib.md", ["+Subproject commit 1"], kind: .added, mode: 0o160000), "architecture.submodule"),
      (diff("run.sh", ["+x"], kind: .added, mode: 0o100755), "security.executable-bit"),
      (diff("run.sh", [], mode: 0o100755), "security.executable-bit"),
      (FileDiff(kind: .added, path: "a.png", isBinary: true), "architecture.binary"),
    ]
    for (file, rule) in cases {
      let verdict = judge(file)
      #expect(rules(verdict) == [rule])
      #expect(verdict.needsHuman && verdict.category != .routine)
    }
    #expect(!judge(diff("run.sh", ["+x"], mode: 0o100755, oldMode: 0o100755)).needsHuman)
    #expect(judge(diff("run.sh", ["+x"], mode: 0o100755, oldMode: nil)).needsHuman)
  }

  @Test(
    "Secrets are found by their form and blotted out",
    arguments: [
      "key = \"AKIAIOSFODNN7EXAMPLE\"", "-----BEGIN RSA PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----",
      "t = 'ghp_0123456789abcdefghijklmnopqrstuvwxyz'", "sk-ant-api03-abcdefghijklmnopqrstu",
      "url = postgres://bob:hunter22@db/x", "xoxb-123456789012-abc",
    ])
  func secrets(_ line: String) throws {
    let verdict = judge(line: line)
    let evidence = try #require(verdict.evidence.first { $0.rule == "security.secret-literal" })
    #expect(evidence.excerpt.contains("…"))
    for secret in ["IOSFODNN7", "0123456789abcdef", "abcdefghijklmnopqrstu", "hunter22", "123456789012"] {
      for item in verdict.evidence { #expect(!item.excerpt.contains(secret)) }
    }
    // Prose with a secret never changes the category, but somebody has to see it.
    let prose = judge(diff("README.md", ["+" + line]))
    #expect(prose.category == .routine && prose.needsHuman)
  }

  @Test("Placeholders are no secrets")
  func placeholders() {
    for line in ["AKIA_YOUR_KEY", "u = \"postgres://${u}:${p}@h\"", "ghp_short", "http://a:80/b@c"] {
      #expect(!rules(judge(line: line)).contains("security.secret-literal"), "\(line)")
    }
  }
}
