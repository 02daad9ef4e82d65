import OrchDomain
import OrchReview
import Testing

@Suite("The edges of an interface")
struct InterfaceEdgeTests {
  private func changes(_ path: String, _ lines: [String], _ manifest: String?, _ text: String = "") -> Bool {
    let root = manifest.flatMap { PackageRoot(directory: "", manifest: $0, text: text, signs: []) }
    let verdict = VerdictEngine.judge(
      files: [diff(path, lines)], policy: ReviewPolicy(),
      context: ReviewContext(packages: root.map { [$0] } ?? [], isKnown: true))
    return rules(verdict).contains("architecture.public-api")
  }

  @Test("In a file that nobody loads by its name, what is new is not given yet; what goes or changes was")
  func entries() {
    let package = "{\"exports\": \"./index.js\"}"
    #expect(!changes("src/types.ts", ["+export type Form = string"], "package.json", package))
    #expect(changes("src/types.ts", ["-export type Form = string"], "package.json", package))
    #expect(
      changes("src/load.ts", ["-export function load(a) {", "+export function load(a, b) {"], "package.json", package))
    #expect(changes("src/index.ts", ["+export type Form = string"], "package.json", package))
    let built = "{\"private\": true, \"main\": \"index.cjs\", \"types\": \"index.d.ts\"}"
    #expect(
      changes("src/load.ts", ["-export function load(a) {", "+export function load(a, b) {"], "package.json", built))
    let application = "{\"private\": true, \"exports\": \"./index.js\"}"
    #expect(!changes("src/types.ts", ["-export type Form = string"], "package.json", application))
  }

  @Test("What a type that others cannot see calls public is not for them")
  func hiddenTypes() {
    let member = "-  public Item load(int id) {"
    #expect(changes("A.java", [" public class A {", member], "pom.xml", "<project/>"))
    #expect(!changes("A.java", [" final class A {", member], "pom.xml", "<project/>"))
    #expect(changes("A.java", [" final class A {", " }", " public class B {", member], "pom.xml", "<project/>"))
    #expect(!changes("A.cs", [" internal sealed class A {", member], "Kit.csproj", "<PackageId>Kit</PackageId>"))
    #expect(changes("A.cs", [" public sealed class A {", member], "Kit.csproj", "<PackageId>Kit</PackageId>"))
    // A word in a call or a text begins no type.
    #expect(changes("A.java", [" String s = \"a class A\";", member], "pom.xml", "<project/>"))
  }

  @Test(
    "To tell users of an interface to leave it changes it",
    arguments: [
      ("A.java", "pom.xml", "  @Deprecated"), ("A.cs", "Kit.csproj", "  [Obsolete]"),
      ("Sources/Kit/A.swift", "Package.swift", "  @available(*, deprecated, message: \"x\")"),
      ("src/lib.rs", "Cargo.toml", "#[deprecated(since = \"1\")]"),
    ])
  func deprecations(_ path: String, _ manifest: String, _ line: String) {
    let texts = ["pom.xml": "<project/>", "Kit.csproj": "<PackageId>Kit</PackageId>", "Package.swift": ".library("]
    let root = PackageRoot(
      directory: "", manifest: manifest, text: texts[manifest] ?? "[package]", signs: ["src/lib.rs"])
    for isPublished in [true, false] {
      let context = ReviewContext(packages: isPublished ? [root].compactMap(\.self) : [], isKnown: true)
      // Swift hides what is not called public, with a manifest or without one.
      guard isPublished || !path.hasSuffix("swift") else { continue }
      let verdict = VerdictEngine.judge(files: [diff(path, ["+" + line])], policy: ReviewPolicy(), context: context)
      #expect((rules(verdict) == ["architecture.public-api"]) == isPublished, "\(path) \(isPublished)")
    }
  }

  @Test("A package of Go without a manifest, as they once were, is for everybody")
  func goBeforeModules() {
    #expect(changes("store.go", ["-func Load(id int) error {"], nil))
    #expect(!changes("internal/store.go", ["-func Load(id int) error {"], nil))
    #expect(!changes("store.go", ["-func load(id int) error {"], nil))
  }
}
