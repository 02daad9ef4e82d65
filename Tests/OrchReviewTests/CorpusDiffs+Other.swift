// Diffs of Benchmarks/router-corpus/facts.tsv, made again by hand: the same structure, none of the words.
extension CorpusDiff {
  static let architecture: [CorpusDiff] = [
    .init(
      "14258caec9", "architecture", "Cargo.toml",
      [" [features]", "-lite = [\"diesel/lite\"]", "+lite = [\"lite_system\"]"]),
    .init(
      "3bfbfa9a44", "architecture", "package.json",
      ["   \"scripts\": {", "-    \"e2e\": \"open\",", "+    \"e2e\": \"open --quiet\","]),
    .init(
      "167be21604", "architecture", ".github/renovate.json",
      ["+    {", "+      \"allowedVersions\": \"<=1.11.0\"", "+    }"], isHard: true),
    .init(
      "4f339e6a35", "architecture", "context.go",
      [" const (", " \tMimeA = binding.MimeA", "+\tMimeB = binding.MimeB", " )"], package: .go),
    .init(
      "aaf48d49eb", "architecture", "Source/Kit.swift",
      ["-    public class Listener: NSObject {", "+    public final class Listener: NSObject {"]),
    .init("dd54a40501", "architecture", ".gitattributes", ["+run.sh text eol=lf"], isNew: true, isHard: true),
    .init(
      "90b8df9319", "architecture", "pom.xml",
      [
        " <exclusion>", "-  <groupId>org.one</groupId>", "-  <artifactId>one</artifactId>",
        "+  <groupId>net.two</groupId>",
        "+  <artifactId>two</artifactId>",
      ]),
    .init("be1bec2a74", "architecture", "Gemfile.lock", ["-    parser (1.10.3)", "+    parser (1.10.4)"]),
    .init(
      "8903461470", "architecture", "Sources/Web/Log.swift",
      [
        "     public func report(", "         error: Error,", "+        metadata: Metadata? = nil,",
        "         file: String", "     ) {",
      ]),
    .init(
      "9221381443", "architecture", "render/json.go", ["-// Prefix is a text.", "-type Prefix string"], package: .go),
    .init(
      "86aaac0f75", "architecture", "composer.json",
      ["     \"require-dev\": {", "-        \"unit/unit\": \"*\"", "+        \"unit/unit\": \"4.0.*\""], isHard: true),
    .init(
      "7099e174ac", "architecture", "Cargo.lock",
      [" name = \"pattern\"", " version = \"1.10.0\"", "+source = \"registry+x\""]),
    .init("41ce0a3b80", "architecture", "Procfile", ["-web: feed", "+web: feed.app"], isHard: true),
    .init(
      "d9f37ece5c", "architecture", "pom.xml",
      [
        "+    <dependency>", "+      <groupId>org.x</groupId>", "+      <artifactId>validation</artifactId>",
        "+    </dependency>",
      ]),
    .init(
      "87ee7cadfb", "architecture", "pom.xml",
      ["+      <exclusions>", "+        <exclusion>", "+          <artifactId>lang</artifactId>"]),
    .init("cab56ed7d6", "architecture", "Gemfile", ["   gem 'one'", "-  gem 'two'"]),
    .init(
      "3cdbeb8e93", "architecture", "composer.json",
      [
        "     \"allow-plugins\": {", "-      \"a/b\": true", "+      \"a/b\": true,", "+      \"c/d\": true",
      ]),
    .init(
      "c911da17e5", "architecture", "Package.swift",
      [
        "-        .package(url: \"https://x.example/old-crypto.git\", from: \"4.0.0\"),",
        "+        .package(url: \"https://x.example/new-crypto.git\", from: \"1.0.0\"),",
      ]),
    .init("657477bcbb", "architecture", "gradle/libs.versions.toml", [" [versions]", "+plugin = \"8.12.0\""]),
    .init("980cab1a22", "architecture", "Src/Kit.csproj", ["-    <WarningsAsErrors>true</WarningsAsErrors>"]),
    .init("574a97cd70", "architecture", "Makefile", ["+test-with-mem:", "+\tRUN_MEMORY=1 python run.py"]),
    .init(
      "8d76074a95", "architecture", "lib/src/jvmTest/kotlin/PoolTest.kt",
      ["-    assertThat(queues()).isNotEmpty()", "+    // assertThat(queues()).isNotEmpty()"]),
    .init(
      "69fb9bb39b", "architecture", "test/view.test.js",
      ["-    'test helper': function(assert){", "-        assert.equal('a', render('b'));", "-    },"]),
    .init(
      "ab8be2d741", "architecture", "test/cookies.js", ["-    it('should return one', function(done){", "-    })"]),
    .init(
      "66feeb4ef2", "architecture", "Tests/WebTests/AppTests.swift", ["-    func testDetection() throws {", "-    }"]),
    .init(
      "a14b28923e", "architecture", "src/main/java/Traces.java",
      [
        "-    public static void print(final Throwable t, final PrintStream s) {",
        "+    public static void print(final Throwable t, final PrintStream stream) {",
      ], package: .java),
    .init("218561deed", "architecture", "Source/Form.swift", ["-    public func append(_ data: Data) {", "-    }"]),
    .init(
      "8d00ab3684", "architecture", "Src/Kit/Reader.cs",
      ["-        internal Reader(Node node, string path)", "+        public Reader(Node node, string path)"],
      package: .csharp),
    .init(
      "9ecfdbe0a9", "architecture", "Sources/Web/Providable.swift",
      ["-    var server: Server?", "+    public var server: Server?"]),
  ]

  static let routine: [CorpusDiff] = [
    .init(
      "a463daa775", "routine", "shop/api/transports.py",
      ["+from django.db import close_connections", "-        fields = {}", "+        method = spec.method.lower()"]),
    .init(
      "9bcc739110", "routine", "shop/models.py",
      [
        "-        ids = Member.objects.filter(user_id=self.user_id).values(\"id\")",
        "+        ids = Member.objects.filter(user_id=self.user_id).values(", "+            \"id\"", "+        )",
      ]),
    .init(
      "0f8c459987", "routine", "shop/api/models.py",
      ["+    def get_size(self) -> int:", "+        return len(self.body) if self.body else 0"], package: .application),
    .init(
      "828e3a5795", "routine", "src/static/templates/base.hbs",
      ["+        @media (max-width:768px) {", "+            body { padding-top: 19px; }", "+        }"]),
    .init(
      "f3bcbb107e", "routine", "lib/tasks/fake.rake",
      ["-        text: sentence(2..15)", "+        text: sentence(2..15)[...100]"]),
    .init(
      "e9d4a130fd", "routine", "internal/reader/clean.go",
      ["-\t\t\"www.a.example/share\",", "+\t\t\"a.example/share\","]),
    .init("b61ee15c1b", "routine", "internal/reader/handler.go", ["+\t\told.IconURL = updated.IconURL"]),
    .init("ad4ca71f68", "routine", "internal/reader/rules.go", ["+\t\"news.example\": \".article\","]),
    .init(
      "9d09d89aef", "routine", "components/Details.js",
      ["-                type=\"screen\"", "+                type=\"device\""]),
    .init(
      "9aa2830d2b", "routine", "src/app/Console.js",
      ["-export function Console() {", "+export function Console({ siteId }) {"], package: .application),
    .init(
      "063a951367", "routine", "docs/login.md",
      ["-<img src=\"a.webp\" style=\"max-width: 3px\">", "+<img src=\"a.webp\" style=\"width: 3px\">"]),
    .init(
      "220a0e2623", "routine", "app/Factory.php",
      ["      * @param mixed[] $value", "-     * @return array", "+     *", "      */"]),
    .init("18df70241f", "routine", "app/assets/site.css", ["+\tfont-size: var(--size);"]),
    .init(
      "f6836e749c", "routine", "lib/src/jvmTest/java/SocketTest.java",
      [
        "-    List<Socket> all = new ArrayList<>();",
        "+    List<Socket> all = Collections.synchronizedList(new ArrayList<>());",
      ]),
    .init(
      "e1c903621c", "routine", "lib/web/base.rb",
      ["-      file   = Rack::File.new(root)", "+      file   = Rack::Files.new(root)"]),
    .init(
      "ea1a21c073", "routine", "guard.gemspec",
      ["-  s.homepage    = \"http://a.example\"", "+  s.homepage    = \"http://b.example\""]),
    .init("6f0f7a7f68", "routine", "src/SMTP.php", ["+        'Mailer' => '/[0-9]{3} OK (.*) - mailer/',"]),
    .init(
      "e47762ffca", "routine", "class.mailer.php",
      [
        "-      $result .= $this->line('Return-Path', trim($this->From));",
        "+      $result .= $this->line('Return-Path', '<'.trim($this->From).'>');",
      ]),
    .init("418d048b27", "routine", "crates/types.rs", ["+    (\"fennel\", &[\"*.fnl\"]),"]),
    .init(
      "1a4fec8b4a", "routine", "CHANGELOG.md",
      ["-There is a fix for a security vulnerability.", "+There is also a fix for a security vulnerability."]),
    .init("97eab7d09a", "routine", ".gitignore", ["+.idea/"]),
    .init(
      "212267d671", "routine", "context.go",
      ["-// get is internal and satisfy conditions.", "+// get is internal and satisfies conditions."], package: .go),
    .init(
      "024811d252", "routine", "src/main/java/Owners.java",
      [
        "-            throw new NotFound(Owner.class, new Integer(id));",
        "+            throw new NotFound(Owner.class, id);",
      ], package: .java),
    .init(
      "d48b95c902", "routine", "shop/api/tests/test_create.py",
      ["-        r = self.client.post(self.URL, data)", "+        r = self.csrf_client.post(self.URL, data)"]),
    .init(
      "249e012dcb", "routine", "app/controllers/home_controller.rb",
      [
        "-      Rails.cache.fetch(key, &block)", "+      begin", "+        Rails.cache.fetch(key, &block)",
        "+      rescue Errno::ENOENT => e", "+        yield", "+      end",
      ]),
    .init(
      "55cf19aa2e", "routine", "web/src/components/List.tsx",
      ["-import copy from \"clipboard-copy\";", "-  window.addEventListener(\"copy\", onCopy);"]),
    .init(
      "2624021d67", "routine", "src/Tv/Manager.cs",
      ["-        if (!string.Equals(a, b))", "+        if (!string.Equals(a, b) && !exists)"]),
    .init(
      "94447e35ab", "routine", "Kit/packages.config",
      ["-  <package id=\"Inject\" version=\"2.2.3\" />", "+  <package id=\"Inject\" version=\"2.3.0\" />"]),
    .init("cb79b58053", "routine", "AUTHORS", ["+- Ada Lovelace"]),
    .init(
      "c7b4d3f970", "routine", "Sources/Web/Body.swift",
      ["         public var description: String {", "-            return \"\"", "+            return text ?? \"\""]),
    .init(
      "09f8224593", "routine", "context.go", [" func (c *Context) Copy() *Context {", "+\tcp.fullPath = c.fullPath"],
      package: .go),
    .init(
      "74e512aa75", "routine", "SECURITY.md",
      ["-Versions before 6.5 had a vulnerability in tokens.", "+Versions before 6.5 have a vulnerability."]),
    .init(
      "925a1dff1e", "routine", "package.json",
      ["   \"dependencies\": {", "-    \"qs\": \"^6.14.1\",", "+    \"qs\": \"^6.14.2\","]),
    .init(
      "b770ebe1c8", "routine", "shop/accounts/models.py",
      ["-        return True if max(errors) else False", "+        return any(errors)"]),
    .init("4a14a22c0c", "routine", "requirements.txt", ["-psycopg==3.3.2", "+psycopg==3.3.3"]),
    .init(
      "beda5f70dc", "routine", "Cargo.toml",
      [" description = \"\"\"", "-searches your directory", "+searches the directory", " \"\"\""]),
    .init("f1f05e98fd", "routine", "package.json", ["-    \"vue\": \"^1.0.11\",", "+    \"vue\": \"^1.0.16\","]),
    .init(
      "c66feab6e6", "routine", "Package.swift",
      [
        "-        .package(url: \"https://x.example/http2.git\", from: \"1.19.2\"),",
        "+        .package(url: \"https://x.example/http2.git\", from: \"1.20.0\"),",
      ]),
    .init(
      "ad5ac4a57f", "routine", "pom.xml",
      ["   <artifactId>parent</artifactId>", "-  <version>1.1.1</version>", "+  <version>1.1.2-SNAPSHOT</version>"]),
    .init(
      "4fec712f32", "routine", "pyproject.toml", [" [project]", "-version = \"3.1.0\"", "+version = \"3.2.0.dev\""]),
    .init("22af78a96f", "routine", "docs/testing.rst", ["-However, keep the session in mind."]),
    .init("6e6bc18c9f", "routine", "src/test/java/RoundingTest.java", ["-// TODO: Add tests of ceil"]),
    .init(
      "92529ed903", "routine", "src/main/java/Objects.java",
      ["  * would mean losing compatibility.)", "- * ", "+ *", "  * @since 3.12", "  */"], package: .java),
    .init(
      "a9884b7518", "routine", "Src/Kit/Contract.cs",
      ["-        internal Call Make { get; private set; }", "+        internal Call Creator { get; private set; }"],
      package: .csharp),
    .init("3b27482a37", "routine", "lib/web/base.rb", ["-      ] unless self.const_defined?('IGNORED')", "+      ]"]),
    .init(
      "a2c1e5d990", "routine", "Sources/Web/Directive.swift",
      [
        "     func unescaping() -> Substring {", "-        self.lazy.split(separator: \"x\")",
        "+        self.split(separator: \"x\")",
      ]),
    .init("bc3ad92b34", "routine", "crates/types.rs", ["+    (&[\"rocq\"], &[\"*.v\"]),"]),
    .init("2a7cdd43dc", "routine", "lib/core.js", ["-      for (var key in hash)", "+      for (key in hash)"]),
  ]
}
