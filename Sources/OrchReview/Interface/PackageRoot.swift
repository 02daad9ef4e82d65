/// A package at the base commit, and whether others build on it.
package struct PackageRoot: Hashable, Sendable {
  /// Names of the manifests that tell, nearest first when a directory has several.
  package static let manifests = [
    "package.json", "Cargo.toml", "go.mod", "pyproject.toml", "setup.py", "setup.cfg", "Package.swift", "pom.xml",
    "build.gradle",
    "build.gradle.kts", "composer.json",
  ]
  /// Files beside a manifest whose presence tells what it is for.
  package static let signs = ["src/lib.rs", "main.go", "manage.py", "cmd"]

  /// The directory, without a slash at the end; empty for the root.
  package let directory: String
  let languages: Set<Language>
  package let isPublished: Bool
  /// Files that others load by name; empty when any file may be.
  let entries: Set<String>

  /// - Parameters:
  ///   - manifest: Its file name.
  ///   - signs: Which of ``signs`` are there.
  /// - Returns: nil for a file that is no manifest of a package.
  package init?(directory: String, manifest: String, text: String, signs: Set<String>) {
    self.directory = directory
    let flat = text.filter { !$0.isWhitespace }
    func has(_ parts: String...) -> Bool { parts.contains { flat.contains($0) } }
    var entries: Set<String> = []
    switch manifest {
    case "package.json":
      languages = [.script]
      // What has something to start or a framework of pages is an application, whatever its manifest says besides.
      // A library that is published out of what its build makes calls its own directory private.
      let isSource = has(".ts\",\"types\":", ".ts\",\"exports\":", "\"main\":\"./index.ts\"", "\"main\":\"index.ts\"")
      let isBuilt = has("\"main\":") && has("\"module\":", "\"types\":") && !isSource
      let isApplication =
        has("\"next\":", "\"nuxt\":", "\"react-scripts\":") || (has("\"private\":true") && !isBuilt)
        || (has("\"start\":") && !has("\"exports\":"))
      isPublished = !isApplication && has("\"main\":", "\"exports\":", "\"module\":", "\"types\":", "\"files\":")
      if has("\"exports\":", "\"module\":", "\"types\":", "\"typings\":") {
        entries = ["index", "main", "public-api", "mod"]
      }
    case "Cargo.toml":
      languages = [.rust]
      isPublished = signs.contains("src/lib.rs") && !has("publish=false")
    case "go.mod":
      languages = [.go]
      isPublished = signs.isDisjoint(with: ["main.go", "cmd"])
    case "pyproject.toml", "setup.py", "setup.cfg":
      languages = [.python]
      let isPackage =
        manifest == "pyproject.toml" ? has("[build-system]") && has("[project]", "[tool.poetry]") : has("name=")
      isPublished = isPackage && !signs.contains("manage.py") && !has("package-mode=false")
    case "Package.swift":
      languages = [.swift]
      // Before products were declared, every package was a library.
      isPublished = has(".library(", ".plugin(") || !has("products:", ".executable")
    case "pom.xml":
      languages = [.java, .kotlin, .scala]
      isPublished = !has("spring-boot-maven-plugin", "<packaging>war", "<packaging>pom")
    case "build.gradle", "build.gradle.kts":
      languages = [.java, .kotlin, .scala]
      isPublished =
        has("maven-publish", "maven.publish", "java-library", "mavenPublishing", "publishing{", "publish.gradle")
        && !has("com.android.application", "org.springframework.boot")
    case "composer.json":
      languages = [.php]
      isPublished = has("\"type\":\"library\"") || (!has("\"type\":") && has("\"name\":") && has("\"autoload\":"))
    default:
      if manifest.hasSuffix(".gemspec") {
        languages = [.ruby]
        isPublished = true
      } else if manifest.hasSuffix(".csproj") {
        languages = [.csharp]
        // What is built for several frameworks is built for programs of others.
        let isLibrary =
          has("<TargetFrameworks>") && !has("<OutputType>Exe", "<IsPackable>false", "<UseWPF>", "NET.Sdk.Web")
          && !has("Include=\"NUnit", "Include=\"xunit", "Include=\"Microsoft.NET.Test")
        isPublished =
          isLibrary || has("<IsPackable>true", "<PackageId>", "<GeneratePackageOnBuild>true", "<PackageTags>")
      } else {
        return nil
      }
    }
    self.entries = entries
  }

  func contains(_ path: String) -> Bool { directory.isEmpty || path.hasPrefix(directory + "/") }
}

/// What is known about the repository at the base commit beside the policy.
package struct ReviewContext: Hashable, Sendable {
  package var owners: CodeOwners
  package var packages: [PackageRoot]
  /// Whether the repository was looked at, so that a package that is not among ``packages`` is not there.
  package var isKnown: Bool

  package init(owners: CodeOwners = .none, packages: [PackageRoot] = [], isKnown: Bool = false) {
    self.owners = owners
    self.packages = packages
    self.isKnown = isKnown
  }

  /// Whether what a file declares for others is an interface of a package that is published.
  ///
  /// - Parameter isNew: Whether it is about new declarations: those of a file that nobody loads by its name are seen
  ///   where that name is given. What goes or changes was given before.
  func publishes(_ role: FileRole, path: String, isNew: Bool = true) -> Bool {
    guard let language = role.language, !role.isProse, !role.isTest, !role.isExample, !role.isGenerated else {
      return false
    }
    let hidden: Set<String> = [
      "internal", "private", "_internal", "impl", "cmd", "bin", "scripts", "docs", "tools", "site", "website",
    ]
    if role.isBelow(hidden)
      || (language == .python && role.components.contains { $0.hasPrefix("_") && !$0.hasPrefix("__") })
    {
      return false
    }
    let roots = packages.filter { $0.languages.contains(language) && $0.contains(path) }
    guard let nearest = roots.map(\.directory.utf8.count).max() else {
      // Swift hides what is not called public, so whoever writes it means it; packages of Go needed no manifest once.
      return language == .swift || language == .go && isKnown
        || (!isKnown && (role.isAPI || ["lib.rs", "index.d.ts"].contains(role.name)))
    }
    // One directory may have several manifests, of which one alone says that the package is published.
    return roots.contains { root in
      guard root.directory.utf8.count == nearest, root.isPublished else { return false }
      return !isNew || root.entries.isEmpty || root.entries.contains(String(role.stem)) || role.name.hasSuffix(".d.ts")
        || role.isAPI
    }
  }
}
