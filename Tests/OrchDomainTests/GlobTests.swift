import OrchDomain
import OrchRandom
import Testing

@Suite struct GlobTests {
  @Test(
    "Patterns match whole paths",
    arguments: [
      ("src/*.swift", "src/a.swift", true), ("src/*.swift", "src/b/a.swift", false), ("src/**", "src/b/a.swift", true),
      ("src/", "src/b/a.swift", true), ("src/", "srcs/a", false), ("**/a", "a", true), ("**/a", "x/y/a", true),
      ("a/**/b", "a/b", true), ("a/**/b", "a/x/y/b", true), ("a/**/b", "a/x/y/c", false), ("*", "a/b", false),
      ("**", "a/b", true), ("a?c", "abc", true), ("a?c", "ac", false), ("[a-c]x", "bx", true), ("[!a-c]x", "bx", false),
      ("[^a-c]x", "dx", true), ("[]]x", "]x", true), ("[x", "[x", true), ("./a/b", "a/b", true), ("/a/b", "a/b", true),
      ("a", "a/b", false), ("", "", true), ("", "a", false), ("a*b*c", "aXbYbZc", true), ("a*b*c", "aXbYbZ", false),
      ("*.md", ".md", true), ("a", "A", false), ("ä*", "äö", true),
    ])
  func matches(pattern: String, path: String, expected: Bool) {
    #expect(Glob(pattern).matches(path) == expected)
  }

  /// By trying every way to split, over the alphabet of the property tests.
  static func matches(_ pattern: ArraySlice<String>, _ path: ArraySlice<String>) -> Bool {
    guard let first = pattern.first else { return path.isEmpty }
    if first == "**" {
      return (path.startIndex...path.endIndex).contains { matches(pattern.dropFirst(), path[$0...]) }
    }
    guard let component = path.first else { return false }
    return covers(Substring(first), Substring(component)) && matches(pattern.dropFirst(), path.dropFirst())

    func covers(_ pattern: Substring, _ text: Substring) -> Bool {
      guard let first = pattern.first else { return text.isEmpty }
      switch first {
      case "*":
        return covers(pattern.dropFirst(), text) || (!text.isEmpty && covers(pattern, text.dropFirst()))
      case "?": return !text.isEmpty && covers(pattern.dropFirst(), text.dropFirst())
      case "[":
        guard let close = pattern.firstIndex(of: "]"), let letter = text.first else { return false }
        let set = pattern[pattern.index(after: pattern.startIndex)..<close]
        let isNegated = set.first == "!"
        let found = (isNegated ? set.dropFirst() : set).contains(letter)
        return found != isNegated && covers(pattern[pattern.index(after: close)...], text.dropFirst())
      default: return text.first == first && covers(pattern.dropFirst(), text.dropFirst())
      }
    }
  }

  static func randomPattern(_ random: inout SplitMix64) -> [String] {
    (0..<(1 + random.below(3))).map { _ in
      if random.chance(25) { return "**" }
      let pieces = (0..<(1 + random.below(3))).map { _ in
        ["a", "b", "*", "?", "[ab]", "[!a]", "a", "*"][random.below(8)]
      }
      let text = pieces.joined()
      return text == "**" ? "*" : text
    }
  }

  /// Every path of up to three components of one or two letters.
  static let paths: [[String]] = {
    let words = ["a", "b", "aa", "ab", "ba", "bb"]
    let one = words.map { [$0] }
    let two = one.flatMap { first in words.map { first + [$0] } }
    return one + two + two.flatMap { first in words.map { first + [$0] } }
  }()

  @Test("Matching is what trying everything says", arguments: 0..<200)
  func matchesBruteForce(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let pattern = Self.randomPattern(&random)
    let glob = Glob(pattern.joined(separator: "/"))
    let wrong = Self.paths.filter { glob.matches($0.joined(separator: "/")) != Self.matches(pattern[...], $0[...]) }
    #expect(wrong.isEmpty, "\(glob.pattern)")
  }

  @Test("Two patterns that share a path always may overlap, whichever is asked", arguments: 0..<400)
  func overlapNeverLies(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    for _ in 0..<5 {
      let a = Glob(Self.randomPattern(&random).joined(separator: "/"))
      let b = Glob(Self.randomPattern(&random).joined(separator: "/"))
      #expect(a.mayOverlap(b) == b.mayOverlap(a), "\(a.pattern) \(b.pattern)")
      let common = Self.paths.first { path in
        let text = path.joined(separator: "/")
        return a.matches(text) && b.matches(text)
      }
      if let common { #expect(a.mayOverlap(b), "\(a.pattern) and \(b.pattern) share \(common)") }
    }
  }

  @Test(
    "Patterns that plainly differ do not overlap",
    arguments: [
      ("src/a/**", "src/b/**"), ("src/", "docs/"), ("*.md", "*.swift"), ("a/*", "a/b/c"), ("src/a*", "src/b*"),
      ("a", "b"), ("a/**/x", "b/**"), ("**/a.swift", "src/b.swift"),
    ])
  func disjoint(a: String, b: String) {
    #expect(!Glob(a).mayOverlap(Glob(b)))
    #expect(!Glob(b).mayOverlap(Glob(a)))
  }

  @Test("A hostile pattern does not hang")
  func hostile() {
    let pattern = String(repeating: "*a", count: 200) + "b"
    #expect(!Glob(pattern).matches(String(repeating: "a", count: 5000)))
    #expect(!Glob(String(repeating: "**/a/", count: 60) + "b").matches(String(repeating: "a/", count: 800) + "c"))
    _ = Glob(pattern).mayOverlap(Glob(pattern + "*"))
  }
}
