import Foundation
import OrchDomain
import OrchReview
import Testing

/// A diff of the corpus, made again by hand.
struct CorpusDiff: Sendable {
  /// What the base commit says about packages.
  enum Base: Sendable {
    case nothing, go, java, csharp, application

    var packages: [PackageRoot] {
      let manifest: (String, String)? =
        switch self {
        case .nothing: nil
        case .go: ("go.mod", "module x")
        case .java: ("pom.xml", "<project/>")
        case .csharp: ("Kit.csproj", "<PackageId>Kit</PackageId>")
        case .application: ("package.json", "{\"private\": true}")
        }
      return manifest.flatMap { PackageRoot(directory: "", manifest: $0.0, text: $0.1, signs: []) }.map { [$0] } ?? []
    }
  }

  /// The beginning of the commit.
  let commit: String
  let label: String
  let file: FileDiff
  let base: Base
  /// Whether another category than the label's is right as well, or as near as a rule comes.
  let isHard: Bool

  init(
    _ commit: String, _ label: String, _ path: String, _ lines: [String], from old: String? = nil,
    package: Base = .nothing, isNew: Bool = false, isHard: Bool = false
  ) {
    self.commit = commit
    self.label = label
    file = diff(path, lines, kind: old != nil ? .renamed : isNew ? .added : .modified, from: old)
    base = package
    self.isHard = isHard
  }

  static let all = security + migrations + architecture + routine

  var verdict: Verdict {
    VerdictEngine.judge(
      files: [file], policy: ReviewPolicy(), context: ReviewContext(packages: base.packages, isKnown: base != .nothing))
  }
}

@Suite("The labelled corpus")
struct CorpusTests {
  static func file(_ path: String) throws -> String {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return try String(contentsOf: tests.deletingLastPathComponent().appending(path: path), encoding: .utf8)
  }

  /// Label by commit, as a person gave it.
  private static func facts() throws -> [String: String] {
    let text = try file("Benchmarks/router-corpus/facts.tsv")
    var facts: [String: String] = [:]
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let fields = line.split(separator: "\t").map(String.init)
      try #require(fields.count == 5, "\(line)")
      facts[fields[1]] = fields[3]
    }
    return facts
  }

  @Test("No diff stands in two parts, and the unseen parts are of repositories of their own in eight languages or more")
  func parts() throws {
    var seen: Set<String> = []
    var repositories: Set<String> = []
    for name in ["facts", "second", "third", "fourth", "fifth", "sixth"] {
      var own: Set<String> = []
      var languages: Set<String> = []
      var count = 0
      for line in try Self.file("Benchmarks/router-corpus/\(name).tsv").split(separator: "\n")
      where !line.hasPrefix("#") {
        let fields = line.split(separator: "\t").map(String.init)
        try #require(fields.count == 5 && fields[1].count == 40, "\(line)")
        #expect(Verdict.Category(rawValue: fields[3]) != nil, "\(line)")
        #expect(seen.insert(fields[1]).inserted, "\(line)")
        own.insert(fields[0])
        languages.insert(fields[2])
        count += 1
      }
      if ["fourth", "fifth", "sixth"].contains(name) {
        #expect(count >= 150 && languages.count >= 8 && own.isDisjoint(with: repositories), "\(name)")
      }
      repositories.formUnion(own)
    }
  }

  @Test("The corpus has 150 diffs in 8 languages at least, each once and with a known label")
  func size() throws {
    let facts = try Self.facts()
    #expect(facts.count >= 150)
    #expect(Set(facts.values) == ["security", "architecture", "migrations", "routine"])
    for item in CorpusDiff.all {
      #expect(facts.first { $0.key.hasPrefix(item.commit) }?.value == item.label, "\(item.commit)")
    }
    #expect(Set(CorpusDiff.all.map(\.commit)).count == CorpusDiff.all.count)
    #expect(CorpusDiff.all.count >= 120)
  }

  @Test("No dangerous diff is routine, and what is routine lands by itself", arguments: CorpusDiff.all.indices)
  func verdicts(_ index: Int) {
    let item = CorpusDiff.all[index]
    let verdict = item.verdict
    if Self.known.contains(item.commit) {
      // Said in docs/review-routing.md. When this fails, a rule has become better: take it out there and here.
      #expect(verdict.needsHuman == (item.label == "routine"), "\(item.commit) \(verdict.evidence)")
      return
    }
    #expect(verdict.needsHuman == (item.label != "routine"), "\(item.commit) \(verdict.evidence)")
    if !item.isHard { #expect(verdict.category.rawValue == item.label, "\(item.commit) \(verdict.evidence)") }
  }

  /// What the rules are known to get wrong.
  private static let known: Set<String> = ["be1bec2a74"]
}
