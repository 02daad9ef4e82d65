import OrchDomain
import OrchReview
import Testing

@Suite("Manifests and lock files")
struct DependencyTests {
  /// Lines of one format around what a test changes.
  struct Format: Sendable {
    let path: String
    /// A dependency `name` with the version, as a line or more.
    let line: @Sendable (String, String) -> [String]
    /// What has to stand before it.
    var head: [String] = []
    /// The manifest that changes with a lock file.
    var manifest: String?
  }

  static let formats: [Format] = [
    Format(path: "Cargo.toml", line: { ["\($0) = \"\($1)\""] }, head: ["[dependencies]"]),
    Format(path: "package.json", line: { ["    \"\($0)\": \"^\($1)\","] }, head: ["  \"dependencies\": {"]),
    Format(path: "requirements.txt", line: { ["\($0)==\($1)"] }),
    Format(path: "pyproject.toml", line: { ["  \"\($0)>=\($1)\","] }, head: ["[project]", "dependencies = ["]),
    Format(path: "Pipfile", line: { ["\($0) = \"==\($1)\""] }, head: ["[packages]"]),
    Format(path: "go.mod", line: { ["\texample.org/\($0) v\($1)"] }, head: ["require ("]),
    Format(path: "Package.swift", line: { ["    .package(url: \"https://example.org/\($0).git\", from: \"\($1)\"),"] }),
    Format(
      path: "pom.xml",
      line: {
        [
          "    <dependency>", "      <groupId>org.example</groupId>", "      <artifactId>\($0)</artifactId>",
          "      <version>\($1)</version>", "    </dependency>",
        ]
      }),
    Format(path: "app/build.gradle.kts", line: { ["    implementation(\"org.example:\($0):\($1)\")"] }),
    Format(path: "gradle/libs.versions.toml", line: { ["\($0) = \"\($1)\""] }, head: ["[versions]"]),
    Format(path: "Gemfile", line: { ["gem \"\($0)\", \"~> \($1)\""] }),
    Format(path: "x.gemspec", line: { ["  s.add_dependency \"\($0)\", \"~> \($1)\""] }),
    Format(path: "composer.json", line: { ["        \"vendor/\($0)\": \"^\($1)\","] }, head: ["    \"require\": {"]),
    Format(path: "src/App.csproj", line: { ["    <PackageReference Include=\"\($0)\" Version=\"\($1)\" />"] }),
    Format(
      path: "packages.config", line: { ["  <package id=\"\($0)\" version=\"\($1)\" targetFramework=\"net45\" />"] }),
    Format(path: "setup.py", line: { ["        \"\($0)>=\($1)\","] }, head: ["    install_requires=["]),
    Format(
      path: "package-lock.json",
      line: {
        ["    \"node_modules/\($0)\": {", "      \"version\": \"\($1)\",", "      \"license\": \"MIT\"", "    },"]
      }, manifest: "package.json"),
    Format(
      path: "yarn.lock", line: { ["\($0)@^\($1):", "  version \"\($1)\"", "  integrity sha512-x"] },
      manifest: "package.json"),
    Format(
      path: "pnpm-lock.yaml", line: { ["  \($0)@\($1):", "    resolution: {integrity: sha512-x}"] },
      manifest: "package.json"),
    Format(
      path: "Cargo.lock", line: { ["[[package]]", "name = \"\($0)\"", "version = \"\($1)\""] }, manifest: "Cargo.toml"),
    Format(
      path: "poetry.lock", line: { ["[[package]]", "name = \"\($0)\"", "version = \"\($1)\""] },
      manifest: "pyproject.toml"),
    Format(
      path: "uv.lock", line: { ["[[package]]", "name = \"\($0)\"", "version = \"\($1)\""] },
      manifest: "pyproject.toml"),
    Format(path: "Gemfile.lock", line: { ["    \($0) (\($1))"] }, manifest: "Gemfile"),
    Format(
      path: "composer.lock", line: { ["            \"name\": \"v/\($0)\",", "            \"version\": \"v\($1)\","] },
      manifest: "composer.json"),
    Format(
      path: "Package.resolved",
      line: { ["      \"identity\" : \"\($0)\",", "        \"version\" : \"\($1)\""] }, manifest: "Package.swift"),
    Format(path: "gradle.lockfile", line: { ["org.example:\($0):\($1)=runtimeClasspath"] }, manifest: "build.gradle"),
    Format(
      path: "packages.lock.json",
      line: { ["      \"\($0)\": {", "        \"resolved\": \"\($1)\",", "        \"type\": \"Direct\"", "      },"] },
      manifest: "Directory.Packages.props"),
  ]

  /// Rules about dependencies for a change of `format` from the lines before to those behind.
  private func found(_ format: Format, _ before: [(String, String)], _ after: [(String, String)]) -> Set<String> {
    let old = before.flatMap { format.line($0.0, $0.1) }.map { "-" + $0 }
    let new = after.flatMap { format.line($0.0, $0.1) }.map { "+" + $0 }
    var files = [diff(format.path, format.head.map { " " + $0 } + old + new)]
    if let manifest = format.manifest { files.append(diff(manifest, [" "])) }
    let all = rules(VerdictEngine.judge(files: files, policy: ReviewPolicy()))
    return all.filter { $0.hasPrefix("architecture.dep") || $0.hasPrefix("architecture.lock") }
  }

  @Test("A new, a removed and a bumped dependency are told apart in every format", arguments: formats.indices)
  func steps(_ index: Int) {
    let format = Self.formats[index]
    let (alpha, beta) = (("alpha", "1.2.0"), ("beta", "3.4.5"))
    #expect(found(format, [alpha], [alpha, beta]) == ["architecture.dependency-new"], "\(format.path)")
    #expect(found(format, [alpha, beta], [alpha]) == ["architecture.dependency-removed"], "\(format.path)")
    #expect(found(format, [alpha], [("alpha", "2.0.0")]) == ["architecture.dependency-major"], "\(format.path)")
    #expect(found(format, [beta], [("beta", "3.4.4")]) == ["architecture.dependency-major"], "\(format.path)")
    #expect(found(format, [alpha], [("alpha", "1.3.1")]) == [], "\(format.path)")
    #expect(found(format, [alpha, beta], [beta, alpha]) == [], "\(format.path)")
  }

  @Test("A lock file alone may move versions; anything else in it is evidence, but not another order")
  func lockAlone() {
    func found(_ path: String, _ lines: [String]) -> Set<String> { rules(judge(diff(path, lines))) }
    let alone: Set<String> = ["architecture.lock-only"]
    let bump = ["-    alpha (1.2.0)", "+    alpha (1.2.1)"]
    #expect(found("Gemfile.lock", bump) == [])
    #expect(found("Gemfile.lock", bump + ["-BUNDLED WITH", "+BUNDLED BY"]) == [], "below what moved")
    #expect(found("Gemfile.lock", ["-    alpha (1.2.0)", "     beta (1.0)", "+    alpha (1.2.0)"]) == [])
    let cargo = [
      " [[package]]", " name = \"alpha\"", "-version = \"1.2.0\"", "+version = \"1.2.1\"", " source = \"registry\"",
      "-checksum = \"aa\"", "+checksum = \"bb\"", " ",
    ]
    #expect(found("Cargo.lock", cargo) == [])
    // Another hash for the same version is what a swapped package looks like, beside a version that moves, too.
    #expect(found("Cargo.lock", ["-checksum = \"aa\"", "+checksum = \"bb\""]) == alone)
    let swapped = [
      " [[package]]", " name = \"beta\"", " version = \"3.0.0\"", "-checksum = \"cc\"", "+checksum = \"dd\"",
    ]
    #expect(found("Cargo.lock", cargo + swapped) == alone)
    #expect(found("Cargo.lock", swapped + cargo) == alone)
    let swift = [
      "       \"identity\" : \"alpha\",", "       \"state\" : {", "-        \"revision\" : \"aa\",",
      "-        \"version\" : \"1.2.0\"", "+        \"revision\" : \"bb\",", "+        \"version\" : \"1.2.1\"",
    ]
    #expect(found("Package.resolved", swift) == [])
    let file = "{file = \"alpha-1.2.%.whl\", hash = \"sha256:%\"},"
    func poetry(_ name: String) -> [String] {
      [" name = \"alpha\"", "-version = \"1.2.0\"", "+version = \"1.2.1\""]
        + ["0", "1"].map { digit in
          (digit == "0" ? "-" : "+")
            + file.split(separator: "%").joined(separator: digit)
            .replacing("alpha", with: name)
        }
    }
    #expect(found("poetry.lock", poetry("alpha")) == [])
    #expect(
      found("Cargo.lock", [" name = \"alpha\"", "-version = \"1.2.0\"", "+version = \"2.0.0\""]) == [
        "architecture.dependency-major"
      ])
  }

  @Test("Scripts, other places and open versions are evidence; what describes a package is not")
  func settings() {
    func found(_ path: String, _ lines: [String]) -> Set<String> { rules(judge(diff(path, lines))) }
    #expect(
      found("package.json", ["   \"scripts\": {", "+    \"postinstall\": \"node x.js\","]) == [
        "architecture.dependencies"
      ])
    #expect(
      found("package.json", ["   \"dependencies\": {", "-    \"a\": \"^1.0.0\",", "+    \"a\": \"github:b/a\","])
        == ["architecture.dependency-source"])
    #expect(
      found("package.json", ["   \"dependencies\": {", "-    \"a\": \"^1.0.0\",", "+    \"a\": \"*\","])
        == ["architecture.dependency-major"])
    #expect(
      found("package.json", [" {", "   \"name\": \"x\",", "-  \"version\": \"1.0.0\",", "+  \"version\": \"2.0.0\","])
        == [])
    #expect(found("Cargo.toml", [" [package]", "-description = \"a\"", "+description = \"b\""]) == [])
    #expect(found("go.mod", ["+replace example.org/a => ../a"]).contains("architecture.dependency-new"))
    #expect(found("go.mod", ["-go 1.21", "+go 1.22"]) == ["architecture.dependencies"])
    #expect(found("requirements.txt", ["+--index-url https://elsewhere.example"]) == ["architecture.dependencies"])
    #expect(found("requirements.txt", ["+# a note", "+"]) == [])
    #expect(found(".gitmodules", ["+[submodule \"x\"]"]) == ["security.review-machinery"])
    #expect(
      found("go.mod", ["-\texample.org/a v1.9.0", "+\texample.org/a/v2 v2.0.0"]) == ["architecture.dependency-major"])
    #expect(found("go.mod", ["-\tgolang.org/x/a v0.1.0", "+\tgolang.org/x/a v0.2.0"]) == [])
    #expect(
      found("Cargo.toml", [" [dependencies]", "-a = \"0.1\"", "+a = \"0.2\""]) == ["architecture.dependency-major"])
  }
}
