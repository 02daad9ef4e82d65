import OrchDomain
import Testing

@testable import OrchReview

@Suite("What an interface promises, and what files by their names are about")
struct PromiseTests {
  private func found(_ files: FileDiff...) throws -> Set<String> {
    let package = PackageRoot(directory: "", manifest: "pom.xml", text: "<project/>", signs: [])
    let context = ReviewContext(packages: [try #require(package)], isKnown: true)
    return rules(VerdictEngine.judge(files: files, policy: ReviewPolicy(), context: context))
  }

  private let text = [
    " public class Connection {", "     /**", "-     * Sets how long a read may wait for the other side.",
    "+     * Sets how long the whole answer may take, with {@link #size(int)}.", "      * @param millis as it says",
    "      */", " @Override", "     public Connection timeout(int millis) {",
  ]
  private let code = diff("src/main/java/Http.java", ["-        int x = wait;", "+        int x = rest;"])

  @Test("A text above a published declaration that is rewritten together with code is another promise")
  func promises() throws {
    let path = "src/main/java/Connection.java"
    #expect(try found(diff(path, text), code) == ["architecture.public-api"])
    #expect(try found(diff(path, text)).isEmpty, "a text alone is corrected, not the code")
    #expect(try found(diff("src/test/java/Connection.java", text), code).isEmpty)
    let isAdded = text.filter { !$0.hasPrefix("-") }
    #expect(try found(diff(path, isAdded), code).isEmpty, "what was not told before may be what it always did")
    let isPrivate = text.dropLast() + ["     private Connection timeout(int millis) {"]
    #expect(try found(diff(path, Array(isPrivate)), code).isEmpty)
    let isLink = text.map { $0.hasPrefix("+") ? "+     * @see #size(int)" : $0 }
    #expect(try found(diff(path, isLink), code).isEmpty)
  }

  @Test(
    "An error that a published package raises newly is a stricter check",
    arguments: [
      ("src/main/java/A.java", "        throw new IllegalArgumentException(name);", true),
      ("src/main/java/A.java", "        throw error;", false),
      ("src/main/java/A.java", "        // throw new IllegalArgumentException(name);", false),
      ("src/main/java/A.java", "        checks.orElseThrow(name);", false),
      ("src/main/kotlin/A.kt", "    require(size > 0) { \"empty\" }", true),
      ("src/test/java/A.java", "        throw new IllegalArgumentException(name);", false),
      ("examples/A.java", "        throw new IllegalArgumentException(name);", false),
    ])
  func refusals(_ path: String, _ line: String, _ expected: Bool) throws {
    let isEvidence = try found(diff(path, [" a();", "+" + line])).contains("architecture.refuses")
    #expect(isEvidence == expected)
    #expect(try !found(diff(path, [" a();", "+" + line], kind: .added)).contains("architecture.refuses"))
    let again = diff("src/main/java/B.java", ["-    throw new IllegalStateException(old);"])
    #expect(try !found(diff(path, ["+" + line]), again).contains("architecture.refuses"), "it moved")
  }

  @Test(
    "Errors of every language",
    arguments: [
      ("setup.py", "setup(name='kit')", "kit/a.py", "    raise ValueError(name)", true),
      ("setup.py", "setup(name='kit')", "kit/a.py", "    raise Refused", true),
      ("setup.py", "setup(name='kit')", "kit/a.py", "    raise", false),
      ("go.mod", "module example.org/kit", "kit.go", "\treturn fmt.Errorf(\"no size %d\", n)", true),
      ("go.mod", "module example.org/kit", "kit.go", "\treturn fmt.Errorf(\"read: %w\", err)", false),
      ("Cargo.toml", "[package]", "src/a.rs", "        return Err(Error::Empty);", true),
      ("Cargo.toml", "[package]", "src/a.rs", "        return Err(error.into());", false),
      ("package.json", "{\"main\":\"a.js\"}", "a.js", "  if (!x) throw new TypeError('x')", true),
      ("composer.json", "{\"type\":\"library\"}", "src/A.php", "            ->throw();", true),
    ])
  func languages(_ manifest: String, _ text: String, _ path: String, _ line: String, _ expected: Bool) throws {
    let package = try #require(PackageRoot(directory: "", manifest: manifest, text: text, signs: ["src/lib.rs"]))
    let context = ReviewContext(packages: [package], isKnown: true)
    let verdict = VerdictEngine.judge(
      files: [diff(path, [" a", "+" + line])], policy: ReviewPolicy(), context: context)
    #expect(rules(verdict).contains("architecture.refuses") == expected)
  }

  @Test("A changeset of more than a patch tells of something new", arguments: ["minor", "major", "patch"])
  func changesets(_ level: String) throws {
    let file = diff(".changeset/brave-cats.md", ["+---", "+'kit': \(level)", "+---", "+", "+Rows sort."], kind: .added)
    #expect(try found(file).contains("architecture.told") == (level != "patch"))
    #expect(try found(diff("docs/a.md", ["+'kit': \(level)"], kind: .added)).isEmpty)
  }

  @Test(
    "What a file does is told by its name",
    arguments: [
      ("bin/docker-entrypoint", "security.infrastructure"), ("docker/entrypoint.sh", "security.infrastructure"),
      ("src/middleware/limiter.go", "security.path"),
      ("lib/generators/kit/templates/migration.rb.erb", "migrations.path"),
      ("src/main/resources/db/migration/V1__Names.java", "migrations.path"),
      ("app/migration/create.yaml", "migrations.path"), ("API/Data/ManualMigrations/Names.cs", "migrations.path"),
      ("src/migrations/Names.kt", "migrations.path"),
      ("app/ui/browse/migration/MigrateScreen.kt", nil), ("src/entrypoint.ts", nil),
    ] as [(String, String?)])
  func names(_ path: String, _ rule: String?) throws {
    let told: Set<String> = ["security.infrastructure", "security.path", "migrations.path"]
    #expect(rules(judge(diff(path, ["-x = f(y)", "+x = g(y)"]))).intersection(told) == Set([rule].compactMap(\.self)))
  }

  @Test(
    "A property that a package begins to read is a part of its interface",
    arguments: [
      ("long x = 250L;", "long x = Long.getLong(\"kit.floor\", 250L);", true),
      ("x = System.getenv(\"KIT_HOME\");", "x = System.getenv(\"KIT_ROOT\");", true),
      ("x = System.getenv(\"KIT_HOME\");", "y = System.getenv(\"KIT_HOME\");", false),
      ("x = map.get(\"floor\");", "x = map.get(\"roof\");", false),
      ("// System.getProperty(\"a\")", "// System.getProperty(\"b\")", false),
    ])
  func properties(_ old: String, _ new: String, _ isTold: Bool) throws {
    let lines = ["-        " + old, "+        " + new]
    #expect(try found(diff("src/main/java/A.java", lines)).contains("architecture.public-api") == isTold)
    #expect(!rules(judge(diff("src/main/java/A.java", lines))).contains("architecture.public-api"), "an application")
  }

  @Test("Tests within a library of Rust are nothing that others see")
  func conditions() throws {
    let package = PackageRoot(directory: "", manifest: "Cargo.toml", text: "[package]", signs: ["src/lib.rs"])
    let context = ReviewContext(packages: [try #require(package)], isKnown: true)
    func found(_ line: String) -> Set<String> {
      rules(
        VerdictEngine.judge(files: [diff("src/lib.rs", ["+" + line])], policy: ReviewPolicy(), context: context))
    }
    #expect(found("#[cfg(test)]").isEmpty)
    #expect(found("#[cfg(unix)]") == ["architecture.public-api"])
  }
}
