import OrchDomain
import OrchReview
import Testing

@Suite("What stands around a change, and what its author calls it")
struct ContextTests {
  private func hunk(_ path: String, _ lines: [String], within enclosing: [String]) -> FileDiff {
    var file = diff(path, lines)
    file.hunks[0].enclosing = enclosing
    return file
  }

  @Test(
    "A line belongs to the function in which it stands, however far up that begins",
    arguments: [
      (["def check_permission(user):"], true), (["class Page:", "    def encrypt_page(self):"], true),
      (["def total(user):"], false), (["def total(permission: Permission):"], false),
      (["def total(user):", "  if user.permissions.empty():"], true), (["# permission of nobody", "x = 1"], false),
    ] as [([String], Bool)])
  func functions(_ enclosing: [String], _ isGuarded: Bool) {
    let found = rules(
      judge(hunk("src/a.py", ["         y = 1", "-        x = f(y)", "+        x = f(y, 1)"], within: enclosing)))
    #expect(found.contains("security.surroundings") == isGuarded)
  }

  @Test("A heading that the hunk itself shows counts, and one of a block that has ended does not")
  func shownHeadings() {
    let inside = ["   if user.isAdmin {", "     log(a)", "     log(b)", "     log(c)", "+    log(d)", "   }"]
    #expect(rules(judge(diff("src/a.go", inside))).contains("security.surroundings"))
    let outside = ["   if user.isAdmin {", "     log(a)", "     log(b)", "   }", "   log(c)", "   log(e)", "+  log(d)"]
    #expect(!rules(judge(diff("src/a.go", outside))).contains("security.surroundings"))
  }

  struct Member: Sendable {
    let path: String
    let manifest: (name: String, text: String)
    var signs: Set<String> = []
    let published: String
    let hidden: String
    let line: String
  }

  private static let members = [
    Member(
      path: "src/options.ts", manifest: ("package.json", "{\"exports\": \"./index.js\"}"),
      published: "export interface Options {", hidden: "interface Options {", line: "  fresh?: boolean"),
    Member(
      path: "kit.go", manifest: ("go.mod", "module example.org/a"), published: "type Options struct {",
      hidden: "type options struct {", line: "\tFresh bool"),
    Member(
      path: "src/lib.rs", manifest: ("Cargo.toml", "[package]"), signs: ["src/lib.rs"], published: "pub enum Kind {",
      hidden: "enum Kind {", line: "    Fresh,"),
    Member(
      path: "Sources/Kit/A.swift", manifest: ("Package.swift", ".library(name: \"Kit\")"),
      published: "public enum Kind {", hidden: "enum Kind {", line: "  case fresh"),
    Member(
      path: "src/main/java/A.java", manifest: ("pom.xml", "<project/>"), published: "public interface Kit {",
      hidden: "interface Kit {", line: "    Item load(int id);"),
    Member(
      path: "src/A.cs", manifest: ("Kit.csproj", "<PackageId>Kit</PackageId>"), published: "public enum Kind {",
      hidden: "internal enum Kind {", line: "    Fresh,"),
    Member(
      path: "src/main/kotlin/A.kt", manifest: ("build.gradle.kts", "maven-publish"), published: "enum class Kit {",
      hidden: "private enum class Kit {", line: "    FRESH,"),
    Member(
      path: "src/Kit.php", manifest: ("composer.json", "{\"type\": \"library\"}"), published: "interface Kit {",
      hidden: "final class Kit {", line: "    const FRESH = 1;"),
  ]

  @Test("A member of a published type is published with it", arguments: members)
  func publicMembers(_ member: Member) throws {
    let package = PackageRoot(
      directory: "", manifest: member.manifest.name, text: member.manifest.text, signs: member.signs)
    let context = ReviewContext(packages: [try #require(package)], isKnown: true)
    func found(_ heading: String, _ lines: [String]) -> Bool {
      let file = hunk(member.path, lines, within: [heading])
      return rules(VerdictEngine.judge(files: [file], policy: ReviewPolicy(), context: context))
        .contains("architecture.public-api")
    }
    #expect(found(member.published, ["+" + member.line]))
    #expect(found(member.published, ["-" + member.line]))
    #expect(!found(member.hidden, ["+" + member.line]) || member.path.hasSuffix("php"))
    #expect(!found(member.published, ["-" + member.line, "+  " + member.line]), "only moved")
    #expect(!found(member.published, ["+    // \(member.line)"]), "a comment")
  }

  @Test(
    "What a condition of the compiler hides from some systems is an interface that they lose",
    arguments: ["#if os(iOS)", "  @available(macOS 14, *)"])
  func systems(_ line: String) throws {
    let package = PackageRoot(directory: "", manifest: "Package.swift", text: ".library(name: \"K\")", signs: [])
    let context = ReviewContext(packages: [try #require(package)], isKnown: true)
    let file = diff("Sources/K/A.swift", ["+" + line, "   public func load() {}"])
    let verdict = VerdictEngine.judge(files: [file], policy: ReviewPolicy(), context: context)
    #expect(rules(verdict) == ["architecture.public-api"])
  }

  @Test(
    "A limit that lets more through is a protection that is weaker; one that lets less through is not",
    arguments: [
      ("const maxAttempts = 5", "const maxAttempts = 50", true),
      ("const maxAttempts = 50", "const maxAttempts = 5", false),
      ("const columns = 5", "const columns = 50", false), ("limit(10, x)", "limit(20, y)", false),
      ("uploadLimit = 1024 * 2", "uploadLimit = 1024 * 20", true),
    ])
  func limits(_ old: String, _ new: String, _ isWeaker: Bool) {
    #expect(rules(judge(diff("src/a.js", ["-" + old, "+" + new]))).contains("security.loosened") == isWeaker)
  }

  @Test(
    "A tool that nobody knows reads its settings at the root, or in a file that is hidden",
    arguments: [
      ("unheard.toml", true), (".unheardrc", true), ("web/.unheardrc", true), ("web/unheard.config.ts", true),
      ("src/main/resources/application.yml", true), ("src/Web/appsettings.Development.json", true),
      (".gitignore", false), ("src/unheard.toml", false), ("NOTES", false), ("logo.svg", false),
      ("tests/fixtures/.unheardrc", false), ("run.sh", false), ("data.csv", false), ("src/config/parser.ts", false),
    ])
  func settings(_ path: String, _ isSetting: Bool) {
    #expect(rules(judge(diff(path, ["+x: 1"]))).contains("architecture.build") == isSetting)
  }

  @Test(
    "A title that speaks of a protection makes a human look at code that does not",
    arguments: [
      ("Escape names in the list", "security.told"), ("fix(xss): quote it", "security.told"),
      ("Merge pull request #1 from a/b\n\nStop path traversal", "security.told"),
      ("Merge pull request #1 from a/shelf-access-control\n\nOne look at the shelf", "security.told"),
      ("Merge pull request #1 from a/list-order\n\nOne look at the shelf", nil),
      ("Keep another user's shelf as it is", "security.told"),
      ("feat!: other names", "architecture.told"), ("feat(api)!: other names", "architecture.told"),
      ("deprecate the reader", "architecture.told"), ("breaking(core): no tuples", "architecture.told"),
      ("Send invoices\n\nThe escape key closes the dialog", nil), ("Landscape pages", nil), ("Hello! World: two", nil),
      ("Sort the list to avoid breaking changes", nil), ("Fix use of a deprecated call", nil),
    ] as [(String, String?)])
  func titles(_ message: String, _ rule: String?) {
    let code = diff("src/list.go", ["-\tx := f(y)", "+\tx := g(y)"])
    let verdict = VerdictEngine.judge(files: [code], policy: ReviewPolicy(), messages: [message])
    #expect(rules(verdict) == Set([rule].compactMap(\.self)))
    // A document, a test or a comment does nothing, whatever it is called.
    for quiet in [diff("docs/a.md", ["+x"]), diff("list_test.go", ["+\tx := g(y)"]), diff("src/a.go", ["+// x"])] {
      #expect(rules(VerdictEngine.judge(files: [quiet], policy: ReviewPolicy(), messages: [message])).isEmpty)
    }
  }

  @Test("Something deprecated that goes is an interface that goes; a use of it is not")
  func removedDeprecated() {
    func found(_ line: String) -> Set<String> {
      rules(
        VerdictEngine.judge(
          files: [diff("src/a.go", ["-" + line])], policy: ReviewPolicy(), messages: ["Remove deprecated Value"]))
    }
    #expect(found("type Value = Ref") == ["architecture.told"])
    #expect(found("\tvalue := trim(x)").isEmpty)
  }

  @Test("No message makes a verdict milder")
  func onlyRaises() {
    let messages = [
      "", "Routine", "Needs-Review: routine: nothing", "Escape it", "chore: no security here", "feat!: x",
    ]
    let diffs = [
      diff("src/a.go", ["+eval(x)"]), diff("src/a.go", ["+x := 1"]), diff("README.md", ["+x"]),
      diff("db/migrate/1.rb", ["+add_column :a, :b, :string"]), diff("go.mod", ["+require example.org/a v1.0.0"]),
    ]
    for file in diffs {
      let without = VerdictEngine.judge(files: [file], policy: ReviewPolicy())
      for message in messages {
        let with = VerdictEngine.judge(files: [file], policy: ReviewPolicy(), messages: [message])
        #expect(with.needsHuman || !without.needsHuman)
        #expect(rules(with).isSuperset(of: rules(without)))
        let rank = { (category: Verdict.Category) in VerdictEngine.ranking.firstIndex(of: category) ?? 0 }
        #expect(rank(with.category) <= rank(without.category))
      }
    }
  }

  @Test("Methods that a module of the older kind gives away are an interface")
  func olderModules() throws {
    let package = PackageRoot(directory: "", manifest: "package.json", text: "{\"main\": \"x.js\"}", signs: [])
    let context = ReviewContext(packages: [try #require(package)], isKnown: true)
    func found(_ line: String) -> Bool {
      rules(VerdictEngine.judge(files: [diff("lib/x.js", ["+" + line])], policy: ReviewPolicy(), context: context))
        .contains("architecture.public-api")
    }
    #expect(found("app.listen = function listen() {") && found("Router.prototype.use = async (a) => {"))
    #expect(!found("app._inner = function () {") && !found("  local.x = function () {") && !found("x = function () {"))
  }

  @Test(
    "Another regular expression lets other texts through; the same one elsewhere does not",
    arguments: [
      ("host = /[a-z0-9.-]+/", "host = /[^@]+/", true),
      ("x = re.match(r\"\\d+\", y)", "x = re.match(r\"\\d*\", y)", true),
      ("a = /[a-z]+/", "b = /[a-z]+/", false), ("x = a[i-1]", "x = a[i-2]", false), ("x = f(y)", "x = g(y)", false),
    ])
  func patterns(_ old: String, _ new: String, _ isTold: Bool) {
    let lines = ["-" + old, "+" + new]
    #expect(rules(judge(diff("src/a.js", lines))).contains("security.pattern") == isTold)
    #expect(!rules(judge(diff("tests/a.js", lines))).contains("security.pattern"))
    #expect(!rules(judge(diff("src/a.js", ["-// " + old, "+// " + new]))).contains("security.pattern"))
  }

  @Test(
    "A name under which a package looks for an option is an interface",
    arguments: [
      ("x = options[:sync]", "x = options[:async]", true),
      ("@a = opts.fetch(:old, 1)", "@a = opts.fetch(:new, 1)", true),
      ("x = options[:sync]", "y = options[:sync]", false), ("x = options.merge(a)", "x = options.map(a)", false),
      ("x = 1", "x = 2", false),
    ])
  func options(_ old: String, _ new: String, _ isTold: Bool) throws {
    let package = PackageRoot(directory: "", manifest: "a.gemspec", text: "", signs: [])
    let context = ReviewContext(packages: [try #require(package)], isKnown: true)
    let file = diff("lib/a.rb", ["-    " + old, "+    " + new])
    let verdict = VerdictEngine.judge(files: [file], policy: ReviewPolicy(), context: context)
    #expect(rules(verdict).contains("architecture.public-api") == isTold)
    #expect(!rules(judge(file)).contains("architecture.public-api"), "an application")
  }

  @Test("Who may write a property is a part of it")
  func accessors() throws {
    let package = PackageRoot(directory: "", manifest: "K.csproj", text: "<PackageId>K</PackageId>", signs: [])
    let context = ReviewContext(packages: [try #require(package)], isKnown: true)
    func found(_ new: String) -> Bool {
      let file = diff("src/A.cs", ["-    public Kind Kind { get; init; } = Kind.None;", "+    " + new])
      return rules(VerdictEngine.judge(files: [file], policy: ReviewPolicy(), context: context))
        .contains("architecture.public-api")
    }
    #expect(found("public Kind Kind { get; set; } = Kind.None;"))
    #expect(!found("public Kind Kind { get; init; } = Kind.Some;"))
  }
}
