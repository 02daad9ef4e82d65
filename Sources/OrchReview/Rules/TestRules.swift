import OrchDomain

/// Tests and checks that a change takes away or switches off.
enum TestRules {
  /// How tests begin, as found in a line without its blanks.
  private static let beginnings = PatternTable(
    [
      "def test", "@test", "[fact", "[theory", "[test]", "[testmethod]", "[testcase", "func test", "#[test]",
      "#[tokio::test", "#[async_std::test",
      "#[rstest", "#[sqlx::test", "function test", "fn test_", "@parameterizedtest",
    ].map { Pattern($0, .testsRemoved, left: .boundary) })

  /// How they begin where the name is a text; only as the first thing of a line.
  private static let namedBeginnings = PatternTable(
    [
      "it(\"", "it('", "it(`", "test(\"", "test('", "test(`", "it\"", "it'", "test\"", "test'", "specify\"",
      "scenario(\"", "test.each(", "it.each(", "t.run(\"",
    ].map { Pattern($0, .testsRemoved, left: .boundary) })

  private static func beginsTest(_ bytes: [UInt8]) -> Bool {
    !beginnings.matches(in: bytes).isEmpty || namedBeginnings.matches(in: bytes).first?.position == 0
  }

  private static let skips = PatternTable(
    [
      "@pytest.mark.skip", "@unittest.skip", "pytest.skip(", "@pytest.mark.xfail", "@skip(", "it.skip(", "test.skip(",
      "describe.skip(", "context.skip(", "xit(",
      "xdescribe(", "xtest(", "xcontext", "it.only(", "test.only(", "describe.only(", "fdescribe(", "fit(", "@disabled",
      "@ignore", "#[ignore", "t.skip(", "t.skipnow(",
      "b.skip(", "xctskip", "[fact(skip", "[theory(skip", "[ignore", "marktestskipped(", "marktestincomplete(",
      "->skip(", "skip(\"", "skip_test", "test.todo(",
      "it.todo(", "assume.assumetrue(false", "self.skiptest(", "@test(.disabled", "test.fixme(", "->marktest",
      "@disabledif", "@flaky",
    ].map { Pattern($0, .testsSkipped, left: .boundary) })

  private static let conditions: [[UInt8]] = ["#[cfg(", "#[cfg_attr(", "skip:"].map { Array($0.utf8) }

  private static let asserts = PatternTable(
    [
      "assert", "expect(", "#expect", "#require", "xctassert", "should(", ".should.", "should_not", "verify(",
      "require.", "t.error", "t.fatal", "precondition(",
      "mustbe(", "must_equal", "assert!", "assert_eq!", "is_expected", "expect{", "fail(", "tobe(",
    ].map { Pattern($0, .checksRemoved, left: .boundary) })

  /// In comments as well: this is where most of them live.
  private static let switchedOff = PatternTable(
    [
      "@ts-nocheck", "#nosec", "nosonar", "--no-verify", "continue-on-error:true", "allow_failure:true", "flake8:noqa",
      "nolint:gosec", "noqa:s",
      "eslint-disable*/", "eslint-disable security", "mypy:ignore-errors", "tslint:disable", "#!nix",
      "ignore_errors=true", "fail_ci_if_error:false", "-dskiptests",
      "--no-frozen-lockfile", "--ignore-scripts=false", "--skip-tests", "-xtest", "--passwithnotests",
      "brakeman:ignore", "lgtm[", "codeql[", "semgrep:ignore", "nosemgrep",
      "phpcs:disable", "safety:ignore", "audit:ignore",
    ].map { Pattern($0, .checksRemoved) })

  static func judge(_ all: [(file: FileDiff, lines: [ScannedLine])], _ evidence: inout EvidenceCollector) {
    var balance = 0
    var gone: [(path: String, line: ScannedLine)] = []
    var returned: Set<[UInt8]> = []
    var assertions = 0
    var lostAssertion: (path: String, line: ScannedLine)?
    for (file, lines) in all {
      let role = FileRole(file.path)
      let (isTest, language) = (role.isTest, role.language)
      let fresh = newTestLines(lines)
      for line in lines {
        let bytes = line.squeezed.bytes
        if line.isAdded { judgeAdded(line, isNew: fresh.contains(line.line), file.path, &evidence) }
        if beginsTest(bytes), !line.isComment {
          balance += line.isAdded ? 1 : -1
          if line.isAdded { returned.insert(line.bare) } else { gone.append((file.path, line)) }
        }
        // Conditions under which a test is there at all, and options of one.
        if isTest, line.isAdded, !fresh.contains(line.line), conditions.contains(where: bytes.starts) {
          evidence.add(.testsSkipped, file.path, line.line, line.excerpt(0))
        }
        if isTest, !line.isImport(language), !asserts.matches(in: bytes).isEmpty {
          assertions += line.isAdded ? 1 : -1
          if !line.isAdded, lostAssertion == nil { lostAssertion = (file.path, line) }
        }
      }
    }
    if balance < 0 {
      for item in gone where !returned.contains(item.line.bare) {
        evidence.add(.testsRemoved, item.path, item.line.line, item.line.excerpt(0))
      }
    } else if assertions < 0, let lost = lostAssertion {
      evidence.add(
        .checksRemoved, lost.path, lost.line.line, "\(-assertions) fewer assertions, first \(lost.line.excerpt(0))")
    }
  }

  /// Lines that stand in one piece with the beginning of a new test: what is skipped there has never run. Where as many
  /// tests go as begin, they are the old ones in other words.
  private static func newTestLines(_ lines: [ScannedLine]) -> Set<Int> {
    let beginnings = lines.reduce(0) { $0 + (beginsTest($1.squeezed.bytes) ? ($1.isAdded ? 1 : -1) : 0) }
    guard beginnings > 0 else { return [] }
    var result: Set<Int> = []
    var run: [ScannedLine] = []
    func close() {
      if run.contains(where: { beginsTest($0.squeezed.bytes) }) {
        result.formUnion(run.map(\.line))
      }
      run = []
    }
    for line in lines where line.isAdded {
      if let last = run.last, line.line != last.line + 1 { close() }
      run.append(line)
    }
    close()
    return result
  }

  private static func judgeAdded(
    _ line: ScannedLine, isNew: Bool, _ path: String, _ evidence: inout EvidenceCollector
  ) {
    if !isNew, let match = skips.matches(in: line.squeezed.bytes).first {
      evidence.add(.testsSkipped, path, line.line, line.excerpt(line.squeezed.origins[match.position]))
    }
    let whole = SqueezedLine(line.whole.bytes)
    if let match = switchedOff.matches(in: whole.bytes).first {
      evidence.add(.checksRemoved, path, line.line, line.excerpt(whole.origins[match.position]))
    }
  }
}
