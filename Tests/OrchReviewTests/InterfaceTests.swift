import OrchDomain
import OrchReview
import Testing

@Suite("What an interface gained and lost")
struct InterfaceTests {
  struct Case: Sendable {
    let path: String
    let manifest: (name: String, text: String)
    var signs: Set<String> = []
    let declaration: String
    let changed: String
    let hidden: String
    /// The manifest of an application in this language.
    let application: String
  }

  static let cases: [Case] = [
    Case(
      path: "Sources/Kit/A.swift", manifest: ("Package.swift", "products: [.library(name: \"Kit\")]"),
      declaration: "  public func load(_ id: Int) -> Item {",
      changed: "  public func load(_ id: Int, fresh: Bool = false) -> Item {",
      hidden: "  func load(_ id: Int) -> Item {", application: "products: [.executable(name: \"x\")]"),
    Case(
      path: "src/lib.rs", manifest: ("Cargo.toml", "[package]\nname = \"a\""), signs: ["src/lib.rs"],
      declaration: "pub fn load(id: u32) -> Item {", changed: "pub fn load(id: u64) -> Item {",
      hidden: "pub(crate) fn load(id: u32) -> Item {", application: "[package]\npublish = false"),
    Case(
      path: "store.go", manifest: ("go.mod", "module example.org/a"), declaration: "func Load(id int) (*Item, error) {",
      changed: "func Load(ctx context.Context, id int) (*Item, error) {", hidden: "func load(id int) (*Item, error) {",
      application: "module example.org/a"),
    Case(
      path: "kit/load.py", manifest: ("pyproject.toml", "[build-system]\n[project]\nname = \"a\""),
      declaration: "def load(identifier):", changed: "def load(identifier, fresh=False):",
      hidden: "def _load(identifier):",
      application: "[project]\nname = \"a\""),
    Case(
      path: "src/index.ts", manifest: ("package.json", "{\"exports\": \"./index.js\"}"),
      declaration: "export function load(id: number): Item {",
      changed: "export function load(id: number, fresh?: boolean): Item {",
      hidden: "function load(id: number): Item {", application: "{\"private\": true, \"main\": \"x\"}"),
    Case(
      path: "src/main/java/A.java", manifest: ("pom.xml", "<project/>"), declaration: "  public Item load(int id) {",
      changed: "  public Item load(long id) {", hidden: "  private Item load(int id) {",
      application: "<plugin>spring-boot-maven-plugin</plugin>"),
    Case(
      path: "src/main/kotlin/A.kt", manifest: ("build.gradle.kts", "plugins { `maven-publish` }"),
      declaration: "  fun load(id: Int): Item {", changed: "  fun load(id: Int, fresh: Boolean = false): Item {",
      hidden: "  private fun load(id: Int): Item {", application: "plugins { application }"),
    Case(
      path: "src/A.cs", manifest: ("Kit.csproj", "<PackageId>Kit</PackageId>"),
      declaration: "    public Item Load(int id)",
      changed: "    public Item Load(long id)", hidden: "    internal Item Load(int id)",
      application: "<OutputType>Exe</OutputType>"),
    Case(
      path: "lib/kit.rb", manifest: ("kit.gemspec", "Gem::Specification.new"), declaration: "  def load(id)",
      changed: "  def load(id, fresh: false)", hidden: "  def _load(id)", application: ""),
    Case(
      path: "src/Kit.php", manifest: ("composer.json", "{\"type\": \"library\"}"),
      declaration: "    public function load(int $id): Item",
      changed: "    public function load(int $id, bool $fresh = false): Item",
      hidden: "    private function load(int $id): Item", application: "{\"type\": \"project\"}"),
    Case(
      path: "src/Base.php", manifest: ("composer.json", "{\"type\": \"library\"}"),
      declaration: "    protected function load(int $id): Item",
      changed: "    protected function load(int $id, bool $fresh = false): Item",
      hidden: "    private function load(int $id): Item", application: "{\"type\": \"project\"}"),
  ]

  private func verdict(_ item: Case, _ lines: [String], _ manifest: String? = nil) -> Verdict {
    let name = item.manifest.name
    var packages: [PackageRoot] = []
    let signs = manifest == nil ? item.signs : item.signs.union(["main.go"])
    if manifest != "",
      let root = PackageRoot(directory: "", manifest: name, text: manifest ?? item.manifest.text, signs: signs)
    {
      packages = [root]
    }
    return VerdictEngine.judge(
      files: [diff(item.path, lines)], policy: ReviewPolicy(), context: ReviewContext(packages: packages, isKnown: true)
    )
  }

  @Test("An added, a changed and a removed declaration are evidence in every language", arguments: cases.indices)
  func languages(_ index: Int) throws {
    let item = Self.cases[index]
    let added = try #require(verdict(item, ["+" + item.declaration]).evidence.first, "\(item.path)")
    #expect(added.rule == "architecture.public-api" && added.excerpt.hasPrefix("added: "))
    let removed = try #require(verdict(item, ["-" + item.declaration]).evidence.first, "\(item.path)")
    #expect(removed.excerpt.hasPrefix("removed: "))
    let changed = verdict(item, ["-" + item.declaration, "+" + item.changed]).evidence
    #expect(changed.count == 1 && changed[0].excerpt.hasPrefix("changed: "), "\(item.path) \(changed)")
  }

  @Test("What is hidden, moved or only commented is no evidence", arguments: cases.indices)
  func harmless(_ index: Int) {
    let item = Self.cases[index]
    #expect(verdict(item, ["+" + item.hidden]).evidence.isEmpty, "\(item.path)")
    #expect(verdict(item, ["-" + item.declaration, " x", "+" + item.declaration]).evidence.isEmpty, "\(item.path)")
    let mark = item.path.hasSuffix("py") || item.path.hasSuffix("rb") ? "#" : "//"
    #expect(
      verdict(item, ["-  \(mark) loads an item", "+  \(mark) loads one item", " " + item.declaration]).evidence.isEmpty)
  }

  @Test("In an application nothing of it is an interface", arguments: cases.indices)
  func applications(_ index: Int) {
    let item = Self.cases[index]
    guard !item.path.hasSuffix(".swift") || !item.application.isEmpty else { return }
    let verdict = verdict(item, ["-" + item.declaration, "+" + item.changed], item.application)
    #expect(verdict.evidence.isEmpty, "\(item.path) \(verdict.evidence)")
  }

  @Test("A parameter on a line of its own belongs to its declaration")
  func parameters() throws {
    let item = Self.cases[0]
    let lines = ["   public func load(", "     _ id: Int,", "+    fresh: Bool = false", "   ) -> Item {"]
    let evidence = try #require(verdict(item, lines).evidence.first)
    #expect(evidence.excerpt.contains("fresh"))
  }

  @Test("Owners count by patterns of their own, the last one first")
  func owners() {
    let owners = CodeOwners("* @all\n/billing/ @money # because\ndocs/ @writers\n*.sql @data\nbilling/README.md\n")
    #expect(owners.owners(of: "src/a.go") == nil)
    #expect(owners.owners(of: "billing/a/b.go")?.owners == ["@money"])
    #expect(owners.owners(of: "billing/README.md") == nil)
    #expect(owners.owners(of: "x/docs/a.md")?.owners == ["@writers"])
    #expect(owners.owners(of: "db/a.sql")?.pattern == "*.sql")
    let context = ReviewContext(owners: owners, isKnown: true)
    let file = diff("billing/a.go", ["+x"])
    #expect(
      rules(VerdictEngine.judge(files: [file], policy: ReviewPolicy(), context: context)) == ["policy.code-owner"])
    #expect(
      VerdictEngine.judge(files: [file], policy: ReviewPolicy(reviewsOwned: false), context: context).evidence.isEmpty)
  }
}
