import OrchConfig
import Testing

@Suite("Framework detection")
struct FrameworkDetectorTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var files: [String: String]
    var name: String
    var verify: [String]
    var lint: [String]
    var setup: [String]
    var symlinks: [String] = []
    init(
      _ files: [String: String], _ name: String, _ verify: [String], lint: [String] = [], setup: [String] = [],
      symlinks: [String] = []
    ) {
      self.files = files
      self.name = name
      self.verify = verify
      self.lint = lint
      self.setup = setup
      self.symlinks = symlinks
    }
    var testDescription: String { "\(name) \(files.keys.sorted())" }
  }

  static let venv = "python3 -m venv .venv && echo '*' > .venv/.gitignore"

  static let compiled = [
    Case(["Package.swift": "", "Tests": ""], "Swift package", ["swift build", "swift test"]),
    Case(
      ["Package.swift": "", ".swiftlint.yml": ""], "Swift package", ["swift build"], lint: ["swiftlint --strict"]),
    Case(["Cargo.toml": "[package]"], "Rust (cargo)", ["cargo test"]),
    Case(["Cargo.toml": "[workspace]"], "Rust (cargo)", ["cargo test --workspace"]),
    Case(["go.mod": "module x"], "Go", ["go build ./...", "go test ./..."], lint: ["go vet ./..."]),
    Case(
      ["go.mod": "module x", ".golangci.yml": ""], "Go", ["go build ./...", "go test ./..."],
      lint: ["go vet ./...", "golangci-lint run"]),
    Case(
      ["Cargo.toml": "[package]", "rustfmt.toml": "", "clippy.toml": ""], "Rust (cargo)", ["cargo test"],
      lint: ["cargo fmt --all --check", "cargo clippy"]),
    Case(["deno.json": #"{"tasks":{"test":"x"}}"#], "Deno", ["deno task test"], lint: ["deno lint"]),
    Case(["deno.jsonc": "{}"], "Deno", ["deno test"], lint: ["deno lint"]),
    Case(
      ["A.csproj": "", ".editorconfig": ""], ".NET", ["dotnet test"], lint: ["dotnet format --verify-no-changes"]),
    Case(
      ["go.work": "", "go.mod": ""], "Go workspace",
      ["go list -f '{{.Dir}}/...' -m | xargs go test"], lint: ["go list -f '{{.Dir}}/...' -m | xargs go vet"]),
    Case(["pom.xml": "", "mvnw": ""], "Maven", ["./mvnw --batch-mode verify"]),
    Case(["pom.xml": ""], "Maven", ["mvn --batch-mode verify"]),
    Case(["build.gradle.kts": "", "gradlew": ""], "Gradle", ["./gradlew --no-daemon check"]),
    Case(["settings.gradle": ""], "Gradle", ["gradle --no-daemon check"]),
    Case(["App.sln": ""], ".NET", ["dotnet test"]),
    Case(
      ["CMakeLists.txt": "", "Makefile": "test:\n"], "CMake",
      ["cmake -S . -B build", "cmake --build build --parallel", "ctest --test-dir build --output-on-failure"]),
    Case(["Makefile": "CC := cc\nall: x\ntest: all\n\tctest\n"], "make", ["make test"]),
    Case(["GNUmakefile": "all check: x\n"], "make", ["make check"]),
    Case(["justfile": "test *args:\n  x\n"], "just", ["just test"]),
  ]

  static let scripted = [
    Case(
      ["package.json": #"{"scripts":{"test":"jest","lint":"eslint .","start":"x"}}"#, "package-lock.json": ""],
      "Node.js (npm)", ["npm test"], lint: ["npm run lint"], setup: ["npm ci"]),
    Case(
      ["package.json": #"{"scripts":{"test":"vitest","typecheck":"tsc"}}"#, "pnpm-lock.yaml": ""],
      "Node.js (pnpm)", ["CI=true pnpm test"], lint: ["pnpm run typecheck"], setup: ["pnpm install --frozen-lockfile"]),
    Case(
      [
        "package.json": #"{"scripts":{"test":"jest"},"dependencies":{"next":"15","react":"19"}}"#,
        "package-lock.json": "",
      ], "Next.js (npm)", ["npm test"], setup: ["npm ci"]),
    Case(
      ["package.json": #"{"devDependencies":{"@sveltejs/kit":"2","svelte":"5"}}"#, "bun.lock": "", "tests": ""],
      "SvelteKit (bun)", ["bun test"], setup: ["bun install --frozen-lockfile"]),
    Case(["package.json": #"{"dependencies":{"express":"5"}}"#], "Express (npm)", [], symlinks: ["node_modules"]),
    Case(
      ["requirements.txt": "Django>=5", "manage.py": ""], "Django (venv)", [".venv/bin/python manage.py test"],
      setup: [venv, ".venv/bin/pip install --quiet -r requirements.txt"]),
    Case(
      ["pyproject.toml": "dependencies = ['fastapi', 'pytest']", "uv.lock": ""], "FastAPI (uv)", ["uv run pytest"],
      setup: ["uv sync"]),
    Case(
      ["mix.exs": "{:phoenix, 1}, {:credo, 1}"], "Phoenix (mix)", ["mix test"], lint: ["mix credo"],
      setup: ["mix deps.get"]),
    Case(
      ["composer.json": "{}", "artisan": "", "pint.json": "", "phpstan.neon": ""], "Laravel", ["php artisan test"],
      lint: ["vendor/bin/phpstan analyse --no-progress", "vendor/bin/pint --test"],
      setup: ["composer install --no-interaction --no-progress"]),
    Case(
      ["package.json": #"{"scripts":{"test":"x","test:ci":"y"}}"#, "yarn.lock": "", ".yarnrc.yml": ""],
      "Node.js (yarn)", ["yarn run test:ci"], setup: ["yarn install --immutable"]),
    Case(
      ["package.json": #"{"scripts":{"test":"x"},"packageManager":"yarn@1.22.0"}"#, "yarn.lock": ""],
      "Node.js (yarn)", ["yarn test"], setup: ["yarn install --frozen-lockfile"]),
    Case(
      ["package.json": #"{"scripts":{"test":"x"}}"#, "bun.lock": ""], "Node.js (bun)", ["bun run test"],
      setup: ["bun install --frozen-lockfile"]),
    Case(
      ["package.json": #"{"scripts":{"test":"echo \"Error: no test specified\" && exit 1"},"dependencies":{"a":"1"}}"#],
      "Node.js (npm)", [], symlinks: ["node_modules"]),
    Case(["package.json": "{"], "Node.js", []),
    Case(["package.json": #"{"scripts":[1]}"#], "Node.js (npm)", []),
    Case(
      ["pyproject.toml": "[tool.ruff]\n[tool.pytest.ini_options]", "uv.lock": ""], "Python (uv)",
      ["uv run pytest"], lint: ["uv run ruff check ."], setup: ["uv sync"]),
    Case(
      ["pyproject.toml": "", "poetry.lock": "", "tests": ""], "Python (poetry)",
      ["poetry run python -m unittest discover -s tests"], setup: ["poetry install"]),
    Case(["tox.ini": "", "setup.py": ""], "Python (tox)", ["tox"]),
    Case(
      ["requirements.txt": "flask", "requirements-dev.txt": "PyTest==8", "pyproject.toml": "[project]"],
      "Flask (venv)", [".venv/bin/python -m pytest"],
      setup: [venv, ".venv/bin/pip install --quiet -r requirements.txt -r requirements-dev.txt -e . pytest"]),
    Case(["requirements.txt": "x"], "Python", []),
    Case(
      ["Gemfile": "gem 'rspec'\ngem 'rubocop'"], "Ruby (bundler)", ["bundle exec rspec"], lint: ["bundle exec rubocop"],
      setup: ["bundle install"]),
    Case(["Gemfile": "gem \"rails\""], "Ruby on Rails", ["bin/rails test"], setup: ["bundle install"]),
    Case(["Gemfile": "", "Rakefile": ""], "Ruby (bundler)", ["bundle exec rake test"], setup: ["bundle install"]),
    Case(
      ["mix.exs": "", ".formatter.exs": ""], "Elixir (mix)", ["mix test"], lint: ["mix format --check-formatted"],
      setup: ["mix deps.get"]),
    Case(
      ["composer.json": #"{"scripts":{"test":["@lint","phpunit"]}}"#], "PHP (composer)", ["composer test"],
      setup: ["composer install --no-interaction --no-progress"]),
    Case(
      ["composer.json": "{}", "artisan": ""], "Laravel", ["php artisan test"],
      setup: ["composer install --no-interaction --no-progress"]),
    Case(
      ["composer.json": "{}", "phpunit.xml": ""], "PHP (composer)", ["vendor/bin/phpunit"],
      setup: ["composer install --no-interaction --no-progress"]),
  ]

  @Test("Proposes what the project shows", arguments: compiled + scripted)
  func proposes(_ item: Case) throws {
    let found = FrameworkDetector.detect(names: Set(item.files.keys)) { item.files[$0] }
    let first = try #require(found.first)
    #expect(first.name == item.name)
    #expect(first.verify == item.verify)
    #expect(first.lint == item.lint)
    #expect(first.setup == item.setup)
    #expect(first.because.contains { item.files.keys.contains($0) }, "\(first.because)")
    #expect(first.symlinkDirs == item.symlinks)
    #expect(found.count == 1)
  }

  @Test("Several kinds in one project are all found; make counts only when nothing else can be tested")
  func several() {
    let files = ["Cargo.toml": "", "package.json": #"{"scripts":{"test":"x"}}"#, "Makefile": "test:\n"]
    #expect(
      FrameworkDetector.detect(names: Set(files.keys)) { files[$0] }.map(\.name) == ["Rust (cargo)", "Node.js (npm)"])
    let untested = ["package.json": "{}", "Makefile": "test:\n"]
    #expect(
      FrameworkDetector.detect(names: Set(untested.keys)) { untested[$0] }.map(\.name) == ["Node.js (npm)", "make"])
    #expect(FrameworkDetector.detect(names: ["README.md"]) { _ in nil }.isEmpty)
  }

  @Test("A directory of another kind counts too, and its commands run there")
  func monorepo() {
    let files = [
      "package.json": #"{"scripts":{"test":"x"}}"#, "backend/go.mod": "",
      "web/package.json": #"{"scripts":{"test":"y"}}"#,
      "node_modules/a/package.json": "", "tools/requirements.txt": "pytest", "odd name/go.mod": "", "-x/go.mod": "",
    ]
    let names = Set(files.keys.map { String($0.prefix { $0 != "/" }) })
    let found = FrameworkDetector.detect(
      names: names,
      list: { directory in
        Set(files.keys.filter { $0.hasPrefix(directory + "/") }.map { String($0.dropFirst(directory.count + 1)) })
      }, read: { files[$0] })
    #expect(found.map(\.name) == ["Node.js (npm)", "Go", "Python (venv)"])
    #expect(found.map(\.directory) == ["", "backend", "tools"])
    #expect(found[1].because == ["backend/go.mod"])
    #expect(found[1].verify == ["cd backend && go build ./...", "cd backend && go test ./..."])
    #expect(found[2].setup.first?.hasPrefix("cd tools && python3 -m venv") == true)
  }

  @Test("A file that cannot be read is said, not guessed")
  func unreadable() {
    let found = FrameworkDetector.detect(names: ["package.json", "package-lock.json"]) { _ in nil }
    #expect(found.first?.remarks == ["package.json gave no commands: it cannot be read."])
  }

  @Test(
    "A variable in a Makefile is no target", arguments: ["test := 1\n", "\ttest: x\n", "# test: x\n", "test ::= 1\n"])
  func variables(_ text: String) {
    #expect(FrameworkDetector.detect(names: ["Makefile"]) { _ in text }.isEmpty)
  }
}
