/// What a path says about a file. Compared without case, as some file systems do.
struct FileRole {
  let path: String
  let components: [String]
  let name: String
  /// Behind the last full stop, without it.
  let suffix: String
  /// Words of all components.
  let words: [String]

  init(_ path: String) {
    self.path = path.lowercased()
    components = self.path.split(separator: "/").map(String.init)
    let name = components.last ?? ""
    self.name = name
    suffix = name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? ""
    words = CodeLine(path).words.map(\.text)
  }

  var stem: Substring { name.firstIndex(of: ".").map { name[..<$0] } ?? name[...] }

  private static let proseNames: Set<Substring> = [
    "readme", "license", "licence", "changelog", "changes", "history", "todo", "install", "maintainers", "upgrading",
    "authors", "contributors", "notice", "copying", "news", "thanks",
  ]

  /// Text for people. Its words prove nothing about what the code does.
  var isProse: Bool {
    if isAgentInstruction || isDependencies || isBuild { return false }
    if isTextTemplate { return false }
    switch suffix {
    case "md", "mdx", "markdown", "rst", "adoc", "asciidoc", "txt", "org", "tex", "rtf", "1", "5", "8", "scd", "cff":
      return true
    default: break
    }
    return name == stem && Self.proseNames.contains(stem)
  }

  /// Rows and recordings, of which the words are somebody's data.
  var isData: Bool {
    [
      "csv", "tsv", "po", "pot", "snap", "log", "svg", "jsonl", "ndjson", "lock", "sum", "strings", "stringsdict",
      "dat", "lst", "list", "geojson", "tap",
      "golden", "out",
    ]
    .contains(suffix) || isTranslation || (suffix == "sql" && isBelow(["seed", "seeds"]))
      || (suffix == "json" && isTest)
  }

  var isShell: Bool { ["sh", "bash", "zsh", "ksh", "fish", "bats"].contains(suffix) || isDockerfile }

  var isDockerfile: Bool {
    stem == "dockerfile" || stem == "containerfile" || suffix == "dockerfile" || name.hasPrefix("dockerfile.")
  }

  func isBelow(_ directories: Set<String>) -> Bool {
    components.dropLast().contains { directories.contains($0) }
  }

  private static let ciAnywhere: Set<String> = [
    ".github", ".gitlab", ".circleci", ".buildkite", ".woodpecker", ".husky", ".githooks", ".devcontainer", ".ci",
  ]

  private static let ciNames: Set<String> = [
    ".gitlab-ci.yml", ".travis.yml", ".drone.yml", ".woodpecker.yml", "bitbucket-pipelines.yml", "appveyor.yml",
    "cloudbuild.yaml", "cloudbuild.yml", "action.yml", "action.yaml", ".pre-commit-config.yaml", "lefthook.yml",
    "compose.yml", "compose.yaml", ".npmrc", ".yarnrc", ".yarnrc.yml", ".pypirc", "pip.conf", ".envrc",
  ]

  /// What runs in CI, in hooks and when a developer's machine is set up.
  var runsInCI: Bool {
    guard !isProse else { return false }
    if isDockerfile { return true }
    // Templates of issues are forms for people.
    if isBelow(Self.ciAnywhere) {
      // Forms, groups of release notes and addresses for donations run nothing.
      return !isBelow(["issue_template", "discussion_template"])
        && !(components.count == 2 && ["release.yml", "funding.yml", "release-drafter.yml"].contains(name))
    }
    if let first = components.first, components.count > 1, ["scripts", "script", "ci", "hack"].contains(first) {
      return true
    }
    if ["sh", "bash", "ps1", "psm1", "bat", "cmd"].contains(suffix),
      isBelow(["build", "eng", "tools", "ci", "packaging", "release"])
    {
      return true
    }
    return Self.ciNames.contains(name) || stem == "jenkinsfile" || name.hasPrefix("azure-pipelines")
      || name.hasPrefix("docker-compose")
  }

  private static let agentInstructionNames: Set<String> = [
    "claude.md", "claude.local.md", "agents.md", "agents.override.md", "gemini.md", "qwen.md", ".cursorrules",
    ".windsurfrules", ".clinerules",
    ".roorules", ".mcp.json", "mcp.json", "copilot-instructions.md", "skill.md", "llms.txt", ".aider.conf.yml",
    "system_prompt.txt",
    "system_prompt.md", "system-prompt.md",
  ]

  /// Files that tell coding agents what to do.
  var isAgentInstruction: Bool {
    if Self.agentInstructionNames.contains(name) { return true }
    if isBelow([
      ".claude", ".cursor", ".codex", ".gemini", ".opencode", ".aider", ".windsurf", ".clinerules", ".roo", ".agents",
      ".kiro", ".junie",
      ".continue",
    ]) {
      return true
    }
    if ["prompt", "prompty"].contains(suffix) || name.hasSuffix(".prompt.md") || name.hasSuffix(".instructions.md") {
      return true
    }
    return isBelow(["prompts", "prompt_templates"])
      && ["md", "txt", "yaml", "yml", "j2", "tmpl", "json", "toml"].contains(suffix)
  }

  private static let alwaysProtectedNames: Set<String> = [
    ".claude-orchestrator.toml", "schedule.toml", "codeowners", ".gitattributes", ".gitmodules", ".gitconfig",
    ".git-blame-ignore-revs",
  ]

  /// Files by which a change could change how it is judged, or who judges it.
  var isAlwaysProtected: Bool {
    return Self.alwaysProtectedNames.contains(name) || isBelow([".claude-orchestrator", ".git", ".githooks", ".husky"])
  }

  private static let dependenciesNames: Set<String> = [
    "go.mod", "go.sum", "go.work", "go.work.sum", "package.json", "package-lock.json", "npm-shrinkwrap.json",
    "yarn.lock", "pnpm-lock.yaml", "pnpm-workspace.yaml", "bun.lock", "bun.lockb", "deno.json", "deno.lock",
    "cargo.toml", "cargo.lock", "pyproject.toml", "poetry.lock", "uv.lock", "pipfile", "pipfile.lock", "setup.py",
    "setup.cfg", "package.swift", "package.resolved", "gemfile", "gemfile.lock", "pom.xml", "build.gradle",
    "build.gradle.kts", "settings.gradle", "settings.gradle.kts", "libs.versions.toml", "composer.json",
    "composer.lock", "mix.exs", "mix.lock", "podfile", "podfile.lock", "cartfile", "cartfile.resolved", "brewfile",
    "pubspec.yaml", "pubspec.lock", "conanfile.txt", "conanfile.py", "vcpkg.json", "elm.json", "stack.yaml",
    "rebar.config", "dune-project", "shard.yml", "flake.nix", "flake.lock", "environment.yml",
    "directory.packages.props", "packages.config", "packages.lock.json", "gradle.lockfile", "pdm.lock", "gems.rb",
    "gems.locked", "paket.dependencies", "paket.lock", "mint.yml",
  ]

  /// Declares or pins what the project depends on.
  var isDependencies: Bool {
    if Self.dependenciesNames.contains(name) || isBelow(["vendor", "third_party", "node_modules"]) { return true }
    if ["gemspec", "podspec", "cabal", "opam", "csproj", "fsproj", "vbproj", "nuspec"].contains(suffix) { return true }
    let isRequirements = name.hasPrefix("requirements") || name.hasPrefix("constraints")
    return (isRequirements && ["txt", "in"].contains(suffix)) || (isBelow(["requirements"]) && suffix == "txt")
  }

  private static let buildNames: Set<String> = [
    "cmakelists.txt", "meson.build", "configure.ac", "configure", "build.rs", "build.sbt", "justfile", "rakefile",
    "taskfile.yml", "tox.ini", "noxfile.py", "pytest.ini", "conftest.py", "mypy.ini", "ruff.toml", ".coveragerc",
    ".swift-version", ".swiftlint.yml", ".swift-format", "rust-toolchain", "rust-toolchain.toml", ".tool-versions",
    ".nvmrc", ".python-version", ".golangci.yml", ".golangci.yaml", "clippy.toml", "rustfmt.toml",
    "gradle.properties",
    "gradlew", "mvnw", "project.pbxproj", "build.bazel", "workspace.bazel", "module.bazel",
    ".bazelrc", "project.yml", "lerna.json", ".eslintignore", ".flake8", "pylintrc", ".pylintrc", ".rubocop.yml",
    "phpstan.neon", "phpunit.xml", "phpunit.xml.dist", "codecov.yml",
    ".codecov.yml", "sonar-project.properties", "detekt.yml", "checkstyle.xml", "deny.toml", "nx.json", "turbo.json",
    ".babelrc", "biome.json", "renovate.json", "renovate.json5", ".renovaterc", ".deepsource.toml", "qodana.yaml",
    "fastfile", ".mergify.yml",
  ]

  private static let buildTasks: Set<Substring> = [
    "build", "install", "make", "setup", "package", "release", "bootstrap", "publish",
  ]

  /// Says how the project is built, tested or linted.
  var isBuild: Bool {
    if Self.buildNames.contains(name) || stem == "makefile" || stem == "gnumakefile" { return true }
    // `build.sh` and `install.ps1` at the root.
    if components.count == 1, ["sh", "bash", "ps1", "bat", "cmd"].contains(suffix), Self.buildTasks.contains(stem) {
      return true
    }
    if ["mk", "cmake", "sln", "props", "targets", "xcconfig", "xcscheme", "bzl", "gradle", "pro"].contains(suffix) {
      return true
    }
    let beginnings = [
      "tsconfig", "jest.config.", "vite.config.", "vitest.config.", "webpack.config.", "rollup.config.",
      "babel.config.", "gulpfile.", "gruntfile.", "esbuild.config.", "tsup.config.", "next.config.", "nuxt.config.",
      "svelte.config.", "metro.config.", "eslint.config.", ".eslintrc", ".prettierrc", "karma.conf",
      "playwright.config.",
    ]
    return beginnings.contains { name.hasPrefix($0) } || isBelow([".cargo", ".mvn"])
  }

  var isMigration: Bool {
    guard !isProse, !isTest else { return false }
    // Rows; a statement among them that changes a schema is evidence of its own.
    if suffix == "sql", !isBelowMigrations, !isBelow(["migration"]) {
      return !isBelow(["seed", "seeds"]) && !["data", "seed", "seeds", "demo", "sample"].contains(String(stem))
    }
    if ["schema.prisma", "schema.rb", "structure.sql", "alembic.ini", "schema.graphqls", "schema.hcl", "mongock.yml"]
      .contains(name)
    {
      return true
    }
    if suffix == "cs", name.hasSuffix("modelsnapshot.cs") { return true }
    if stem.hasPrefix("schema"), isBelow(["db", "database", "drizzle", "prisma"]) { return true }
    if components.contains(where: { $0.hasSuffix(".xcdatamodeld") || $0.hasSuffix(".xcdatamodel") }) { return true }
    if name.hasPrefix("changelog"), isBelow(["db", "liquibase", "changelog"]),
      ["xml", "yaml", "yml", "json"].contains(suffix)
    {
      return true
    }
    if name.hasSuffix(".rb.erb"), isBelow(["generators"]), stem.hasSuffix("migration") { return true }
    return isBelowMigrations || isBelow(["migration"]) && isStep
  }

  /// Whether a file in a directory that may be about moving anything is a step of a schema: it has a number, or is no
  /// code that others call.
  private var isStep: Bool {
    stem.contains(where: \.isNumber) || stem.hasSuffix("migration") || stem.hasPrefix("migration")
      || language?.isCode != true
  }

  /// `ManualMigrations` says it, too.
  private var isBelowMigrations: Bool {
    isBelow(Self.migrationDirectories) || components.dropLast().contains { $0.hasSuffix("migrations") }
  }

  private static let migrationDirectories: Set<String> = [
    "migrate", "alembic", "flyway", "liquibase", "evolutions", "schemas.exposed",
  ]

  /// A description of an interface in a language of its own.
  var isInterfaceDescription: Bool {
    guard !isProse else { return false }
    if ["proto", "graphql", "graphqls", "gql", "avsc", "thrift", "wsdl", "xsd", "raml", "api"].contains(suffix) {
      return true
    }
    return (name.hasPrefix("openapi") || name.hasPrefix("swagger") || name.hasPrefix("asyncapi"))
      && ["yaml", "yml", "json"].contains(suffix)
  }

  /// Whether public declarations here are an interface for others.
  var isAPI: Bool {
    !isProse
      && components.contains { component in
        CodeLine(component).words.contains {
          ["api", "apis", "sdk", "include", "openapi", "rpc", "public"].contains($0.text)
        }
      }
  }

  private static let securityTelling: Set<String> = [
    "auth", "authn", "authz", "oauth", "login", "logout", "password", "passwords", "crypto", "security", "permission",
    "permissions", "acl", "rbac", "secrets", "credential", "credentials", "jwt", "csrf", "authentication",
    "authorization", "authorisation", "sso", "saml", "oidc", "sudoers", "encryption", "attack", "firewall",
    "throttle", "ratelimit", "ratelimiter", "limiter", "csp", "cors",
    "sanitizer", "sanitizers", "sanitize", "sanitiser",
    "sanitisers", "cookie", "cookies", "signin", "signup", "totp", "mfa", "webauthn", "passkey", "keychain",
    "keystore",
  ]

  /// Whether the name says that the file guards something.
  var isSecurity: Bool {
    return !isProse && !isTest && !isExample && !isAsset && !isBelow(["issue_template", "discussion_template"])
      && !isTranslation && language != .style
      && (isBelow(["policies", "guards"]) || words.contains { Self.securityTelling.contains($0) })
  }

  /// Whether the words of its lines count: code and configuration do; dependency lists name packages, not deeds.
  var hasTellingWords: Bool { !isProse && !isData && !isAsset && !isDependencies && name != XcodeProject.name }
}
