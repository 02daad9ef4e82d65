/// Detects Node.js projects and their package manager.
enum NodeDetector {
  /// A package manager with the commands that matter here.
  private struct Manager {
    var name: String
    /// Installs exactly what the lock file says.
    var install: String
    var lockFiles: [String]
  }

  private static let managers = [
    Manager(name: "pnpm", install: "pnpm install --frozen-lockfile", lockFiles: ["pnpm-lock.yaml"]),
    Manager(name: "yarn", install: "yarn install --frozen-lockfile", lockFiles: ["yarn.lock"]),
    Manager(name: "bun", install: "bun install --frozen-lockfile", lockFiles: ["bun.lock", "bun.lockb"]),
    Manager(name: "npm", install: "npm ci", lockFiles: ["package-lock.json", "npm-shrinkwrap.json"]),
  ]

  static func detect(_ project: ProjectListing) -> DetectedFramework? {
    guard project.has("package.json") else { return nil }
    let manifest: PackageManifest
    switch PackageManifest.read(project.read("package.json")) {
    case .success(let read): manifest = read
    case .failure(let error):
      var result = DetectedFramework("Node.js", because: ["package.json"])
      result.remarks.append("package.json gave no commands: \(error.reason).")
      return result
    }
    let locked = managers.first { project.first(of: $0.lockFiles) != nil }
    let named = managers.first { manifest.packageManager?.hasPrefix($0.name + "@") == true }
    let manager = named ?? locked ?? managers[managers.endIndex - 1]

    let kind = kinds.first { manifest.dependencies.contains($0.dependency) }?.name ?? "Node.js"
    let workspaces = ["pnpm-workspace.yaml", "lerna.json", "turbo.json", "nx.json", "rush.json"]
    var result = DetectedFramework(
      "\(kind) (\(manager.name))",
      because: ["package.json"] + project.present(manager.lockFiles + workspaces))
    result.lint = commands(
      manifest.scripts, [["lint"], ["typecheck", "type-check", "check-types"]], with: manager.name)
    result.verify = commands(manifest.scripts, [["test:ci", "test"]], with: manager.name)
    if result.verify.isEmpty, manager.name == "bun", project.first(of: ["test", "tests"]) != nil {
      result.verify = ["bun test"]
    }
    if project.first(of: manager.lockFiles) != nil {
      let isModernYarn = manager.name == "yarn" && project.has(".yarnrc.yml")
      result.setup = [isModernYarn ? "yarn install --immutable" : manager.install]
    } else if !manifest.dependencies.isEmpty {
      // Without a lock file an install is neither repeatable nor quick, so the installed packages are shared.
      result.symlinkDirs = ["node_modules"]
      result.remarks.append(
        "There is no lock file, so worktrees share node_modules; an agent that installs packages changes yours.")
    }
    return result
  }

  /// By what a project depends on, the most telling first.
  private static let kinds: [(dependency: String, name: String)] = [
    ("next", "Next.js"), ("nuxt", "Nuxt"), ("@sveltejs/kit", "SvelteKit"), ("svelte", "Svelte"),
    ("@angular/core", "Angular"), ("astro", "Astro"), ("@remix-run/react", "Remix"), ("vue", "Vue"),
    ("react", "React"), ("@nestjs/core", "NestJS"), ("fastify", "Fastify"), ("express", "Express"),
  ]

  /// The first usable script of each group.
  private static func commands(
    _ scripts: [String: String], _ groups: [[String]], with manager: String
  ) -> [String] {
    var commands: [String] = []
    for names in groups {
      guard let name = names.first(where: { scripts[$0].map(isUsable) ?? false }), let script = scripts[name] else {
        continue
      }
      // These go on watching for changes unless they believe to be in CI.
      let watches = ["react-scripts test", "vitest", "jest --watch", "ng test"].contains(where: script.contains)
      let command = name == "test" && manager != "bun" ? "\(manager) test" : "\(manager) run \(name)"
      commands.append((watches ? "CI=true " : "") + command)
    }
    return commands
  }

  /// Whether a script does anything; `npm init` writes a test script that only fails.
  private static func isUsable(_ script: String) -> Bool {
    !script.allSatisfy(\.isWhitespace) && !script.contains("no test specified")
  }
}

/// Detects PHP projects.
enum PHPDetector {
  static func detect(_ project: ProjectListing) -> DetectedFramework? {
    guard project.has("composer.json") else { return nil }
    let isLaravel = project.has("artisan")
    let kind =
      isLaravel ? "Laravel" : project.file("composer.json", contains: "symfony/framework-bundle") ? "Symfony" : "PHP"
    var result = DetectedFramework(
      isLaravel ? kind : "\(kind) (composer)", because: ["composer.json"],
      setup: ["composer install --no-interaction --no-progress"])
    var scripts: [String: String] = [:]
    switch PackageManifest.read(project.read("composer.json")) {
    case .success(let manifest): scripts = manifest.scripts
    case .failure(let error): result.remarks.append("composer.json gave no commands: \(error.reason).")
    }
    if project.first(of: ["phpstan.neon", "phpstan.neon.dist", "phpstan.dist.neon"]) != nil {
      result.lint.append("vendor/bin/phpstan analyse --no-progress")
    }
    if project.has("pint.json") { result.lint.append("vendor/bin/pint --test") }
    if scripts["test"] != nil {
      result.verify = ["composer test"]
    } else if isLaravel {
      result.verify = ["php artisan test"]
    } else if project.first(of: ["phpunit.xml", "phpunit.xml.dist", "phpunit.dist.xml"]) != nil {
      result.verify = ["vendor/bin/phpunit"]
    }
    return result
  }
}
