import OrchDomain
import Testing

@testable import OrchReview

struct SecretScannerTests {
  private func scan(_ sample: SecretCorpus.Sample, allowed: [Glob] = []) -> [SecretFinding] {
    SecretScanner.scan([diff(sample.file, sample.lines.map { "+" + $0 })], allowed: allowed)
  }

  @Test func theCorpusIsJudgedWithPrecisionAndRecall() {
    let (secrets, harmless) = (SecretCorpus.secrets, SecretCorpus.harmless)
    #expect(Set(secrets.compactMap(\.kind)).count >= 40 && harmless.count >= 200)
    let missed = secrets.filter { !scan($0).contains { [sample = $0] in $0.kind == sample.kind } }
    let alarms = harmless.filter { !scan($0).isEmpty }
    let found = secrets.count - missed.count
    let precision = Double(found) / Double(max(1, found + alarms.count))
    print(
      "secret scan: \(Set(secrets.compactMap(\.kind)).count) formats, \(secrets.count) secrets, \(harmless.count) "
        + "lookalikes: precision \(precision), recall \(Double(found) / Double(secrets.count))")
    for sample in missed { Issue.record("missed \(sample.kind ?? "") in \(sample.file)") }
    for sample in alarms { Issue.record("false alarm: \(sample.file): \(sample.lines)") }
  }

  @Test func findingsSayWhereAndWhatButNeverTheValue() throws {
    let sample = try #require(SecretCorpus.secrets.first { $0.kind == "github-token" })
    let file = diff("a.py", [" one", "+two", "+" + sample.lines[0], "-gone"])
    let finding = try #require(SecretScanner.scan([file]).first)
    #expect(finding.kind == "github-token" && finding.file == "a.py" && finding.line == 3)
    let secret = SecretForms.matches(in: Array(sample.lines[0].utf8))[0].range
    let value = String(decoding: Array(sample.lines[0].utf8)[secret], as: UTF8.self)
    #expect(!"\(finding)".contains(value))
    // What was there before, or goes away, is not published by this change.
    #expect(SecretScanner.scan([diff("a.py", [" " + sample.lines[0], "-" + sample.lines[0]])]).isEmpty)
    #expect(scan(sample, allowed: [Glob(sample.file)]).isEmpty)
    #expect(SecretScanner.scan(text: sample.lines[0], named: "message").map(\.file) == ["message"])
  }

  @Test func masksKeepLengthLinesAndTheRest() throws {
    let mask = SecretMask(environment: ["MY_TOKEN": "correct-horse", "HOME": "/home/somebody", "A_TOKEN": "short"])
    for sample in SecretCorpus.secrets where sample.kind != "high-entropy-value" {
      let text = (["before"] + sample.lines + ["after"]).joined(separator: "\n")
      let masked = mask.masked(text)
      #expect(masked != text && masked.utf8.count == text.utf8.count, "\(sample.kind ?? "")")
      #expect(masked.hasPrefix("before\n") && masked.hasSuffix("\nafter"))
      #expect(masked.split(separator: "\n").count == text.split(separator: "\n").count)
      #expect(SecretForms.matches(in: Array(masked.utf8)).isEmpty)
      #expect(mask.masked(masked) == masked)
    }
    #expect(mask.masked("a correct-horse b /home/somebody short") == "a ************* b /home/somebody short")
    for sample in SecretCorpus.harmless { #expect(mask.masked(sample.lines[0]) == sample.lines[0]) }
  }

  @Test func aKeyOverManyLinesIsMaskedLineByLine() throws {
    let (mask, words) = (SecretMask(environment: [:]), ["before", "x 1"])
    for sample in SecretCorpus.secrets where sample.kind != "high-entropy-value" {
      var lines = SecretLineMask(mask)
      let all = (words + sample.lines + words).map { lines.masked(Array($0.utf8)) }
      let whole = mask.masked((words + sample.lines + words).joined(separator: "\n"))
      let first = sample.lines[0].hasPrefix("-----BEGIN ") && sample.lines.count > 1
      // The head alone is no secret, and when it comes nobody knows what follows.
      let masked = all.map { String(decoding: $0, as: UTF8.self) }
      #expect(
        masked.enumerated().filter { !first || $0.offset != 2 }.map(\.element)
          == whole.split(separator: "\n").map(String.init).enumerated().filter { !first || $0.offset != 2 }.map(
            \.element))
    }
    var lines = SecretLineMask(mask)
    for line in ["-----BEGIN PRIVATE KEY-----", "{\"type\":\"x\"}", "usual text", String(repeating: "ab/9", count: 20)]
    {
      #expect(lines.masked(Array(line.utf8)) == Array(line.utf8))
    }
  }

  @Test func tenThousandLinesAreScanned() {
    let line = "+    let value = try container.decode(String.self, forKey: .identifier) // 0f8fad5bd9cb469fa165"
    let file = diff("a.swift", Array(repeating: line, count: 10_000))
    let time = ContinuousClock().measure { #expect(SecretScanner.scan([file]).isEmpty) }
    print("secret scan: 10,000 lines in \(time)")
  }
}
