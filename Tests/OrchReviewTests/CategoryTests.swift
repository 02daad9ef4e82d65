import OrchDomain
import OrchReview
import Testing

@Suite("The category of a change")
struct CategoryTests {
  @Test("The four examples of the older tool keep their category")
  func olderTool() {
    let login = diff("login.go", ["+  hash, err := bcrypt.GenerateFromPassword(raw, 12)"], kind: .added)
    #expect(judge(login).category == .security)
    let module = diff("go.mod", ["+require golang.org/x/crypto v0.31.0", "+require github.com/golang-jwt/jwt v5.0.0"])
    #expect(judge(module).category == .architecture)
    let migration = diff("migrations/001_create_users.sql", ["+CREATE TABLE users (id INT);"], kind: .added)
    #expect(judge(migration).category == .migrations)
    #expect(rules(judge(migration)) == ["migrations.path", "migrations.sql"])
    let format = judge(diff("utils/format.go", ["+func pad(s string) string {", "+\treturn s", "+}"]))
    #expect(format == Verdict(category: .routine, needsHuman: false, evidence: []))
  }

  @Test("The first category that has evidence names the change: security, migrations, architecture")
  func ranking() {
    let security = diff("src/a.go", ["+jwt.Parse(x)"])
    let migration = diff("db/x.sql", ["+SELECT 1;"])
    let architecture = diff("Cargo.toml", ["+serde = \"1\""])
    #expect(judge(architecture, migration, security).category == .security)
    #expect(judge(architecture, migration).category == .migrations)
    #expect(judge(architecture).category == .architecture)
    #expect(Set(judge(architecture, migration, security).evidence.map(\.category)).count == 3)
  }

  @Test(
    "Words that say that code guards something",
    arguments: [
      ("passwordHash := hash(p)", "security.password"), ("user_password = x", "security.password"),
      ("let DBPASSWORD = env()", "security.password"), ("credentials.load()", "security.password"),
      ("import jwt", "security.auth"), ("app.use(authMiddleware)", "security.auth"),
      ("func requireOAuth2Login() {", "security.auth"), ("sessionId = cookie()", "security.auth"),
      ("const sessionToken = x", "security.auth"), ("unauthorized()", "security.auth"),
      ("apiKey: String", "security.token"), ("X-API-Key: a", "security.token"), ("API_KEY=", "security.token"),
      ("let token = request.header", "security.token"), ("client_secret", "security.token"),
      ("setuid(0)", "security.permissions"), ("os.chmod(path, mode)", "security.permissions"),
      ("if user.isAdmin {", "security.permissions"), ("checkPermission(u)", "security.permissions"),
      ("from cryptography import x", "security.crypto"), ("AES.encrypt(k)", "security.crypto"),
      ("let privateKey = load()", "security.crypto"), ("x = sslContext", "security.crypto"),
      ("requests.get(u, verify=False)", "security.transport"), ("verify = False", "security.transport"),
      ("InsecureSkipVerify: true,", "security.transport"), ("rejectUnauthorized : false", "security.transport"),
      ("curl -k https://x", "security.transport"), ("eval(input)", "security.exec"), ("x = eval (y)", "security.exec"),
      ("window.eval(code)", "security.exec"), ("subprocess.run(cmd, shell=True)", "security.exec"),
      ("os.system('ls')", "security.exec"), ("curl https://x | sh", "security.exec"),
      ("new Function(body)", "security.exec"), ("exec.Command(\"ls\")", "security.exec"),
      ("let p = Process()", "security.exec"), ("pickle.loads(data)", "security.deserialisation"),
      ("NSKeyedUnarchiver.unarchivedObject(ofClass: A.self, from: d)", "security.deserialisation"),
      ("scheme := header.Get(HeaderXForwardedProto)", "security.auth"),
      ("parser.setSafeMode(true)", "security.injection"), ("el.innerHTML = text", "security.exec"),
      ("f(0o777)", "security.permissions"),
    ])
  func securityWords(_ line: String, _ rule: String) {
    let verdict = judge(line: line)
    #expect(rules(verdict).contains(rule), "found \(rules(verdict))")
    #expect(verdict.category == .security)
    #expect(verdict.needsHuman)
    #expect(verdict.evidence.first?.line == 1)
  }

  @Test(
    "Words that only look like those are routine",
    arguments: [
      "let author = book.author", "authors.map(name)", "coauthored()", "tokenizer.run()", "tokenize(text)",
      "var maxTokens = 100", "max_tokens: 5", "CancellationToken", "nextToken()", "tokenCount += 1",
      "sessionStorage.setItem(a, b)", "URLSessionTask", "let s = session.query(x)", "model.eval()",
      "regex.exec(line)", "retrieval(x)", "medieval()", "secretary", "passenger", "compass = 1",
      "accessKit", "monkey", "ecosystem(x)", "filesystem(a)", "process()", "for sign of signs", "authority(of: url)",
      "isRoot(node)", "signature(of: f)", "assertion", "macro", "tasks", "raster", "parser.x", "for log in logs",
    ])
  func harmlessWords(_ line: String) {
    let verdict = judge(line: line)
    #expect(verdict.category == .routine, "\(verdict.evidence)")
    #expect(!verdict.needsHuman)
  }

  @Test("A token in a lexer is a piece of text; an access token there is not")
  func lexer() {
    #expect(judge(diff("src/parser/lexer.rs", ["+let token = self.advance();"])).category == .routine)
    #expect(judge(diff("src/parser/lexer.rs", ["+let access_token = env();"])).category == .security)
    #expect(judge(diff("src/client.rs", ["+let token = self.advance();"])).category == .security)
  }

  @Test("What goes away and what stays does no harm, unless it was a guard that goes")
  func onlyAdded() {
    let file = diff("src/a.py", ["-eval(x)", "-token = 1", " eval(t)", " CREATE TABLE x", "+return 1"])
    #expect(judge(file).category == .routine)
    #expect(rules(judge(diff("src/a.py", ["-  require_permission(user)", "+  pass"]))) == ["security.guard-removed"])
    let moved = diff("src/a.py", ["-  require_permission(user)", " x()", "+    require_permission(user)"])
    #expect(!rules(judge(moved)).contains("security.guard-removed"))
  }

  @Test("Comments do not count, in the marks of their language")
  func comments() {
    #expect(judge(diff("src/a.go", ["+// the password is hashed elsewhere", "+x := 1"])).category == .routine)
    #expect(judge(diff("src/a.py", ["+# password", "+x = 1"])).category == .routine)
    #expect(judge(diff("src/a.ts", ["+/**", "+ * The password of a user.", "+ */", "+f()"])).category == .routine)
    #expect(judge(diff("src/a.ts", ["+/* password", "+ end */", "+f()"])).category == .routine)
    #expect(judge(diff("src/a.lua", ["+-- password"])).category == .routine)
    // No comment in the language of the file.
    #expect(judge(diff("src/a.go", ["+# password"])).category == .security)
    #expect(judge(diff("src/a.js", ["+#password = 1"])).category == .security)
    #expect(judge(diff("src/a.rs", ["+#[password]"])).category == .security)
  }

  @Test(
    "Paths that decide by themselves",
    arguments: [
      (".github/workflows/ci.yml", "security.ci"), (".GitHub/Workflows/ci.yml", "security.ci"),
      ("Dockerfile", "security.ci"), ("build/app.dockerfile", "security.ci"), ("scripts/check", "security.ci"),
      (".gitlab-ci.yml", "security.ci"), ("Jenkinsfile", "security.ci"), (".npmrc", "security.ci"),
      ("src/auth/middleware.ts", "security.path"),
      ("app/PasswordReset.swift", "security.path"), ("db/query.sql", "migrations.path"),
      ("Sources/Store/Migrations/M7.swift", "migrations.path"), ("schema.prisma", "migrations.path"),
      ("go.mod", "architecture.dependencies"), ("web/package.json", "architecture.dependencies"),
      ("Package.swift", "architecture.dependencies"), ("pyproject.toml", "architecture.dependencies"),
      ("pom.xml", "architecture.dependencies"), ("app/build.gradle", "architecture.dependencies"),
      ("Gemfile", "architecture.dependencies"), ("vendor/x/y.go", "architecture.dependencies"),
      ("Makefile", "architecture.build"), ("CMakeLists.txt", "architecture.build"),
      ("web/tsconfig.json", "architecture.build"), (".golangci.yml", "architecture.build"),
      ("proto/user.proto", "architecture.public-api"), ("openapi.yaml", "architecture.public-api"),
      ("a.graphql", "architecture.public-api"), ("CODEOWNERS", "security.review-machinery"),
      (".github/CODEOWNERS", "security.review-machinery"), (".gitattributes", "security.review-machinery"),
      (".gitmodules", "security.review-machinery"), (".claude-orchestrator.toml", "security.review-machinery"),
      (".claude-orchestrator/prompts/task.md", "security.agent-instructions"),
      ("CLAUDE.md", "security.agent-instructions"),
      ("sub/AGENTS.md", "security.agent-instructions"), (".claude/settings.json", "security.agent-instructions"),
      (".husky/pre-commit", "security.review-machinery"), ("docs/plans/b/epic-02-y.md", "policy.protected-path"),
    ])
  func paths(_ path: String, _ rule: String) {
    let changed = judge(diff(path, ["+x = 1"]))
    #expect(rules(changed).contains(rule), "found \(rules(changed))")
    #expect(changed.needsHuman)
    // Taking such a file away is as telling as changing it.
    #expect(rules(judge(diff(path, ["-x = 1"], kind: .deleted))).contains(rule))
    let moved = judge(diff("src/harmless.txt", [], kind: .renamed, from: path))
    #expect(rules(moved).contains(rule))
  }

  @Test(
    "Texts for people are routine, whatever they speak of",
    arguments: [
      "README.md", "docs/auth/login.md", "docs/guide.rst", "CHANGELOG", "scripts/README.md",
      "db/migrations/notes.md", ".github/ISSUE_TEMPLATE/bug.md",
    ])
  func prose(_ path: String) {
    let verdict = judge(diff(path, ["+password, jwt, eval(x), CREATE TABLE x"]))
    #expect(verdict.category == .routine)
    #expect(!verdict.needsHuman, "\(verdict.evidence)")
  }

  @Test("Public declarations count where others build on them, also when they go")
  func publicAPI() {
    #expect(judge(diff("api/user.go", ["-func Find(id int) User {"])).category == .architecture)
    #expect(judge(diff("api/user.go", ["+func (s *Store) Find(id int) User {"])).category == .architecture)
    #expect(judge(diff("api/user.go", ["+func find(id int) user {"])).category == .routine)
    #expect(judge(diff("Sources/SDK/A.swift", ["+  public func run()"])).category == .architecture)
    #expect(judge(diff("Sources/Core/A.swift", ["+  func run()"])).category == .routine)
    #expect(judge(diff("src/api/index.ts", ["+export const a = 1"])).category == .architecture)
  }

  @Test("A schema statement counts in any code, however it is broken over lines")
  func schema() {
    #expect(judge(line: "db.run(\"create  table users(id)\")").category == .migrations)
    #expect(judge(line: "ALTER TABLE x ADD COLUMN y").category == .migrations)
    #expect(judge(line: "CREATE TEMP TABLE IF NOT EXISTS x").category == .migrations)
    #expect(judge(diff("src/a.py", ["+  CREATE", "+  TABLE x"])).category == .migrations)
    #expect(judge(line: "CREATE/**/TABLE x").category == .migrations)
    #expect(judge(line: "createTable(x)").category == .routine)
    #expect(judge(line: "create_table_view()").category == .routine)
    #expect(judge(line: "add one column per table").category == .routine)
  }
}
