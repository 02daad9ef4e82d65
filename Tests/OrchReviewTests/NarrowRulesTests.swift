import OrchDomain
import OrchReview
import Testing

@Suite("What a rule is about, and what is only near it")
struct NarrowRulesTests {
  @Test(
    "A comment in a file that guards something is no change of what it does; its code is",
    arguments: ["src/auth/guard.ts", "app/policies/post.rb", "src/sanitizer.go", "db/migrate/001_a.rb"])
  func comments(_ path: String) {
    let mark = path.hasSuffix("rb") ? "#" : "//"
    #expect(judge(diff(path, ["-\(mark) one", "+\(mark) two"])) == judge(diff("src/a.go", ["+// two"])))
    #expect(judge(diff(path, ["+x = 1"])).needsHuman)
    #expect(judge(diff(path, ["+\(mark) two", "+x = 1"])).needsHuman)
    #expect(judge(diff(path, ["+\(mark) two"], kind: .added)).needsHuman)
    #expect(judge(diff("src/old", ["+\(mark) two"], kind: .renamed, from: path)).needsHuman)
  }

  @Test("Comments of SQL may steer a migration tool, and so count")
  func directives() {
    #expect(rules(judge(diff("db/migrations/1.sql", ["+-- +migrate Down"]))) == ["migrations.path"])
  }

  @Test(
    "Rows are no schema, unless a statement among them changes one",
    arguments: [
      ("db/data.sql", "INSERT INTO t VALUES (1);", false), ("db/data.sql", "ALTER TABLE t ADD c int;", true),
      ("db/schema.sql", "INSERT INTO t VALUES (1);", true), ("migrations/data.sql", "INSERT INTO t VALUES (1);", true),
    ])
  func rows(_ path: String, _ line: String, _ isSchema: Bool) {
    #expect((judge(diff(path, ["+" + line])).category == .migrations) == isSchema)
  }

  @Test(
    "A project file that only lists another source file builds nothing otherwise",
    arguments: [
      ("4C67D1352454B12A00CBA725 /* Login.swift */,", false),
      (
        "4C67D1352454B12A00CBA725 /* A.swift in Sources */ = {isa = PBXBuildFile; fileRef = 4C /* A.swift */; };", false
      ),
      ("SWIFT_VERSION = 6.0;", true), ("shellScript = \"make\";", true),
      ("4C67D1352454B12A00CBA725 /* Run */ = {isa = PBXShellScriptBuildPhase; };", true),
    ])
  func xcode(_ line: String, _ isBuild: Bool) {
    let verdict = judge(diff("App.xcodeproj/project.pbxproj", ["+\t\t" + line]))
    #expect(rules(verdict).contains("architecture.build") == isBuild && verdict.needsHuman == isBuild)
  }

  @Test("Translations speak of passwords without handling any; a program among them is one")
  func translations() {
    #expect(!judge(diff("Server/Localization/Core/pt.json", ["+  \"PasswordChanged\": \"a\","])).needsHuman)
    #expect(!judge(diff("language/mailer.lang-tr.php", ["+$L['authenticate'] = 'Tan\u{131}t\u{131}m';"])).needsHuman)
    #expect(rules(judge(diff("resources/lang/nl/a.php", ["+eval($x);"]))) == ["security.exec"])
    #expect(judge(diff("src/languages/rust.ts", ["+const password = x;"])).needsHuman)
  }

  @Test("A version of a sanitizer is a dependency, and no guard that goes")
  func guardsInManifests() {
    #expect(
      !judge(diff("package.json", ["-    \"dompurify\": \"^3.4.9\",", "+    \"dompurify\": \"^3.4.11\","])).needsHuman)
    #expect(rules(judge(diff("src/a.ts", ["-  x = dompurify(y)", "+  x = y"]))) == ["security.guard-removed"])
  }

  @Test("The own version of a program is no setting of its build, wherever it stands")
  func ownVersions() {
    let versions = [
      ("app/build.gradle", "        versionCode 3050003"), ("gradle.properties", "version=2.17.0-SNAPSHOT"),
      ("App.xcodeproj/project.pbxproj", "\t\tMARKETING_VERSION = 2024.4;"),
      ("A.nuspec", "    <version>8.0.0</version>"),
    ]
    for (path, line) in versions { #expect(!judge(diff(path, ["+" + line])).needsHuman, "\(path)") }
    for (path, line) in [("app/build.gradle", "        minSdk 26"), ("gradle.properties", "org.gradle.jvmargs=-Xmx1g")]
    {
      #expect(judge(diff(path, ["+" + line])).needsHuman, "\(path)")
    }
  }

  @Test("A package of the workspace with another version comes from where it came from")
  func workspace() {
    func line(_ version: String, _ path: String) -> String { "kit = { version = \"=\(version)\", path = \"\(path)\" }" }
    let head = " [workspace.dependencies]"
    #expect(!judge(diff("Cargo.toml", [head, "-" + line("0.2.1", "kit"), "+" + line("0.2.2", "kit")])).needsHuman)
    #expect(
      rules(judge(diff("Cargo.toml", [head, "-" + line("0.2.1", "kit"), "+" + line("0.2.1", "../kit")]))) == [
        "architecture.dependency-source"
      ])
  }

  @Test("Conditions under which a test runs are a test that is skipped; those of a new test are not")
  func conditions() {
    let skipped: Set = ["architecture.tests-skipped"]
    #expect(
      rules(judge(diff("tests/a.rs", ["+#[cfg(target_os = \"linux\")]", " #[test]", " fn runs() {"]))) == skipped)
    #expect(rules(judge(diff("test/a.js", ["-  skip: isCI,", "+  skip: isCI || isMac,"]))) == skipped)
    #expect(rules(judge(diff("tests/ATest.cs", ["-  [Fact]", "+  [Fact(Skip = \"later\")]"]))) == skipped)
    #expect(!judge(diff("tests/a.rs", ["+#[cfg(unix)]", "+#[test]", "+fn runs() {"])).needsHuman)
    #expect(!judge(diff("src/a.rs", ["+#[cfg(unix)]"])).needsHuman)
  }

  @Test(
    "What a page may load, where it redirects, and who configures bots and hosted environments",
    arguments: [
      ("app/a.py", "-    \"form-action 'self';\"", "security.guard-removed"),
      ("src/a.ts", "+  this.header('Location', String(x))", "security.loosened"),
      ("src/a.ts", "+  return encodeURI(x)", "security.injection"),
      ("renovate.json", "+  \"automerge\": true", "architecture.build"),
      ("fastlane/Fastfile", "+  version = 1", "architecture.build"),
      (".replit", "+run = \"x\"", "security.infrastructure"), (".buildpacks", "+x", "security.infrastructure"),
      ("Build.ps1", "+nuget pack", "architecture.build"), ("gulpfile.js", "+run()", "architecture.build"),
    ])
  func settings(_ path: String, _ line: String, _ rule: String) {
    #expect(rules(judge(diff(path, [line]))).contains(rule))
  }

  @Test("A pod's own version describes it; what it depends on and where it comes from do not")
  func podspec() {
    #expect(!judge(diff("Kit.podspec", ["-  s.version = '5.11.0'", "+  s.version = '5.11.1'"])).needsHuman)
    for line in ["  s.dependency 'Other', '1.0'", "  s.source = { :git => 'x' }", "  s.prepare_command = 'make'"] {
      #expect(rules(judge(diff("Kit.podspec", ["+" + line]))) == ["architecture.dependencies"], "\(line)")
    }
  }

  @Test("An import of assertions asserts nothing")
  func importedAssertions() {
    let path = "src/test/java/ATest.java"
    #expect(!judge(diff(path, ["-import static org.assertj.Assertions.assertThat;"])).needsHuman)
    #expect(rules(judge(diff(path, ["-    assertThat(x).isTrue();"]))) == ["architecture.checks-removed"])
  }

  @Test(
    "A name that is taken over does nothing until it is used; a wildcard names what nobody sees again",
    arguments: [
      ("app/A.php", "use Illuminate\\Contracts\\Auth\\Authenticatable;", false), ("app/A.php", "use (login());", true),
      ("src/A.java", "import org.x.security.auth.Login;", false), ("src/A.java", "import org.x.auth.*;", true),
      ("src/a.py", "import jwt", true), ("app/A.php", "  return $login->check();", true),
    ])
  func imports(_ path: String, _ line: String, _ isTelling: Bool) {
    #expect(judge(diff(path, ["+" + line])).needsHuman == isTelling)
  }

  @Test(
    "Code that says nothing is judged by the guard that it stands beside",
    arguments: [
      ([" user.reset_password(x);", "+Device::delete_all(&user.id)?;"], true),
      (
        [" fn check_permission(user: &User) -> bool {", "-  return user.level > 3;", "+  return user.level > 2;"], true
      ),
      // Too far away, nothing that is done, or nothing that guards.
      ([" user.reset_password(x);", " a();", " b();", "+Device::delete_all(&user.id)?;"], false),
      ([" reset_password,", "+delete_all,"], false), ([" user.rename(x);", "+Device::delete_all(&user.id)?;"], false),
      ([" // the password", "+Device::delete_all(&user.id)?;"], false),
      ([" user.reset_password(x);", "+// Device::delete_all"], false),
    ])
  func surroundings(_ lines: [String], _ isGuarded: Bool) {
    #expect(rules(judge(diff("src/a.rs", lines))) == (isGuarded ? ["security.surroundings"] : []))
    #expect(rules(judge(diff("tests/a.rs", lines))).isEmpty)
  }

  @Test(
    "Words for what is let in, and how often",
    arguments: [
      ("clean = sanitize_html(body)", "security.injection"), ("x = escapeHtml(y)", "security.injection"),
      ("cookies.set(name, v)", "security.auth"), ("redirect_uri = a", "security.auth"),
      ("TRUSTED_HOSTS = []", "security.auth"), ("rateLimiter.take()", "security.auth"),
      ("reset_session", "security.auth"),
      ("allowed_tags = a", "security.permissions"), ("blocklist.add(x)", "security.permissions"),
      ("f.setAccessible(true)", "security.unsafe"), ("unsafe impl Send for A", "security.unsafe"),
    ])
  func words(_ line: String, _ rule: String) {
    #expect(rules(judge(diff("src/a.rs", ["+" + line]))).contains(rule))
    #expect(!judge(diff("src/a.rs", ["+// " + line])).needsHuman)
  }

  @Test(
    "Words that only look like those are routine",
    arguments: [
      "escape(key)", "return urlFor(x)", "let cook = 1", "blocks.list()", "rated.limit(3)", "session.query(x)",
    ])
  func harmless(_ line: String) { #expect(!judge(line: line).needsHuman) }
}
