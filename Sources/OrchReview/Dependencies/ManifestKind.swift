/// The files of package managers that are understood line by line.
enum ManifestKind: Hashable {
  case packageJSON, composerJSON, cargo, pyproject, pipfile, versionCatalog, goMod, requirements, swiftPackage, maven,
    gradle
  case gemfile, nuget, setupPy
  case npmLock, composerLock, packageLock, goSum, swiftResolved, gemLock, yarnLock, pnpmLock, gradleLock, nugetLock

  private static let names: [String: ManifestKind] = [
    "package.json": .packageJSON, "composer.json": .composerJSON, "cargo.toml": .cargo, "pyproject.toml": .pyproject,
    "pipfile": .pipfile, "libs.versions.toml": .versionCatalog, "go.mod": .goMod, "package.swift": .swiftPackage,
    "pom.xml": .maven, "build.gradle": .gradle, "build.gradle.kts": .gradle, "gemfile": .gemfile, "gems.rb": .gemfile,
    "directory.packages.props": .nuget, "packages.config": .nuget, "setup.py": .setupPy, "setup.cfg": .setupPy,
    "package-lock.json": .npmLock, "npm-shrinkwrap.json": .npmLock, "composer.lock": .composerLock,
    "cargo.lock": .packageLock, "poetry.lock": .packageLock, "uv.lock": .packageLock, "pdm.lock": .packageLock,
    "go.sum": .goSum, "go.work.sum": .goSum, "package.resolved": .swiftResolved, "gemfile.lock": .gemLock,
    "yarn.lock": .yarnLock, "pnpm-lock.yaml": .pnpmLock, "gradle.lockfile": .gradleLock,
    "packages.lock.json": .nugetLock,
    "pipfile.lock": .nugetLock,
  ]

  /// nil for what is not one, or one of a package manager that is not understood.
  static func of(_ role: FileRole) -> ManifestKind? {
    if let kind = names[role.name] { return kind }
    if ["csproj", "fsproj", "vbproj", "nuspec"].contains(role.suffix) { return .nuget }
    if ["gemspec", "podspec"].contains(role.suffix) { return .gemfile }
    return role.isDependencies && ["txt", "in"].contains(role.suffix) && role.name != "conanfile.txt"
      ? .requirements : nil
  }

  /// Written by a program, from a manifest.
  var isLock: Bool {
    switch self {
    case .npmLock, .composerLock, .packageLock, .goSum, .swiftResolved, .gemLock, .yarnLock, .pnpmLock, .gradleLock,
      .nugetLock:
      true
    default: false
    }
  }

  /// Names of the manifests that a lock file of this name is made from.
  static func manifests(ofLock name: String) -> Set<String> {
    switch name {
    case "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb":
      ["package.json", "pnpm-workspace.yaml"]
    case "cargo.lock": ["cargo.toml"]
    case "poetry.lock", "uv.lock", "pdm.lock": ["pyproject.toml"]
    case "go.sum", "go.work.sum": ["go.mod", "go.work"]
    case "package.resolved": ["package.swift", "project.pbxproj"]
    case "gemfile.lock": ["gemfile", "gems.rb"]
    case "composer.lock": ["composer.json"]
    case "gradle.lockfile": ["build.gradle", "build.gradle.kts", "libs.versions.toml"]
    case "pipfile.lock": ["pipfile"]
    case "packages.lock.json": ["directory.packages.props"]
    case "mix.lock": ["mix.exs"]
    case "pubspec.lock": ["pubspec.yaml"]
    case "podfile.lock": ["podfile"]
    case "flake.lock": ["flake.nix"]
    default: []
    }
  }

  /// Names that name the package itself or describe it to people.
  static let descriptions: Set<String> = [
    "version", "description", "license", "licenses", "author", "authors", "homepage", "keywords", "bugs", "repository",
    "url", "email",
    "funding", "contributors", "maintainers", "readme", "categories", "documentation", "classifiers", "summary",
    "copyright",
    "support", "issues", "$schema", "lastupdated", "content-hash", "changelog",
  ]
}
