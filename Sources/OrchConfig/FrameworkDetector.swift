/// Finds out how a project is built and tested, from the names in its top directory and a few small files.
package enum FrameworkDetector {
  /// Everything that the project is, the most telling first; empty when nothing is known.
  ///
  /// Directories directly below the root count when they are of a kind that the root is not: a backend beside a web
  /// page, say. A build description that serves any language (make, just, CMake) counts only when nothing else can be
  /// tested.
  ///
  /// - Parameters:
  ///   - names: Names of the files and directories in the project's root.
  ///   - list: Gives the names in a directory below the root; empty for what is none.
  ///   - read: Gives the text of a file; nil when it cannot be read. Its path is relative to the root.
  package static func detect(
    names: Set<String>, list: (String) -> Set<String> = { _ in [] }, read: (String) -> String?
  ) -> [DetectedFramework] {
    withoutActuallyEscaping(read) { read in
      let root = ProjectListing(names: names, read: read)
      var found = kinds(root)
      for directory in names.filter(mayHoldProject).sorted().prefix(directoryLimit) {
        let below = ProjectListing(names: list(directory)) { read("\(directory)/\($0)") }
        let known = Set(found.filter { $0.directory.isEmpty }.compactMap(\.family))
        found += kinds(below).filter { !known.contains($0.family ?? "") }.map { $0.moved(to: directory) }
      }
      if found.allSatisfy(\.verify.isEmpty) {
        found += [cmake(root), make(root), just(root)].compactMap(\.self).prefix(1)
      }
      return found
    }
  }

  private static let directoryLimit = 200

  /// Only names that a shell takes as they are, and none that holds what somebody else wrote.
  private static func mayHoldProject(_ name: String) -> Bool {
    !["node_modules", "vendor", "third_party", "dist", "build", "target", "examples", "fixtures"].contains(name)
      && name.utf8.first != UInt8(ascii: ".") && name.utf8.first != UInt8(ascii: "-")
      && name.utf8.allSatisfy { byte in
        (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte) || "._-".utf8.contains(byte)
      }
  }

  private static func kinds(_ project: ProjectListing) -> [DetectedFramework] {
    [
      swift(project), rust(project), go(project), deno(project), NodeDetector.detect(project),
      PythonDetector.detect(project), maven(project), gradle(project), ruby(project), elixir(project), dotnet(project),
      PHPDetector.detect(project),
    ].compactMap(\.self)
  }

  private static func swift(_ project: ProjectListing) -> DetectedFramework? {
    guard project.has("Package.swift") else { return nil }
    return DetectedFramework(
      "Swift package", because: ["Package.swift"], lint: project.has(".swiftlint.yml") ? ["swiftlint --strict"] : [],
      verify: ["swift build"] + (project.has("Tests") ? ["swift test"] : []))
  }

  private static func rust(_ project: ProjectListing) -> DetectedFramework? {
    guard project.has("Cargo.toml") else { return nil }
    let scope = project.file("Cargo.toml", contains: "[workspace]") ? " --workspace" : ""
    let format = project.first(of: ["rustfmt.toml", ".rustfmt.toml"]) != nil ? ["cargo fmt --all --check"] : []
    let clippy = project.first(of: ["clippy.toml", ".clippy.toml"]) != nil ? ["cargo clippy\(scope)"] : []
    return DetectedFramework(
      "Rust (cargo)", because: ["Cargo.toml"], lint: format + clippy, verify: ["cargo test\(scope)"])
  }

  private static func go(_ project: ProjectListing) -> DetectedFramework? {
    if project.has("go.work") {
      // './...' means nothing at the top of a workspace, so the modules are listed first.
      let modules = "go list -f '{{.Dir}}/...' -m"
      return DetectedFramework(
        "Go workspace", because: ["go.work"], lint: ["\(modules) | xargs go vet"],
        verify: ["\(modules) | xargs go test"])
    }
    guard project.has("go.mod") else { return nil }
    let linter = project.first(of: [".golangci.yml", ".golangci.yaml", ".golangci.toml"]) != nil
    return DetectedFramework(
      "Go", because: ["go.mod"], lint: ["go vet ./..."] + (linter ? ["golangci-lint run"] : []),
      verify: ["go build ./...", "go test ./..."])
  }

  private static func deno(_ project: ProjectListing) -> DetectedFramework? {
    guard let file = project.first(of: ["deno.json", "deno.jsonc"]) else { return nil }
    let hasTask = project.file(file, contains: "\"test\"")
    return DetectedFramework(
      "Deno", because: [file], lint: ["deno lint"], verify: [hasTask ? "deno task test" : "deno test"])
  }

  private static func maven(_ project: ProjectListing) -> DetectedFramework? {
    guard project.has("pom.xml") else { return nil }
    return DetectedFramework(
      "Maven", because: ["pom.xml"], verify: ["\(project.has("mvnw") ? "./mvnw" : "mvn") --batch-mode verify"])
  }

  private static func gradle(_ project: ProjectListing) -> DetectedFramework? {
    let files = ["settings.gradle.kts", "settings.gradle", "build.gradle.kts", "build.gradle"]
    guard let file = project.first(of: files) else { return nil }
    // A daemon would outlive the gate.
    return DetectedFramework(
      "Gradle", because: [file], verify: ["\(project.has("gradlew") ? "./gradlew" : "gradle") --no-daemon check"])
  }

  private static func ruby(_ project: ProjectListing) -> DetectedFramework? {
    guard project.has("Gemfile") else { return nil }
    let isRails = project.file("Gemfile", contains: "rails")
    var result = DetectedFramework(
      isRails ? "Ruby on Rails" : "Ruby (bundler)", because: ["Gemfile"], setup: ["bundle install"])
    if project.file("Gemfile", contains: "rubocop") { result.lint.append("bundle exec rubocop") }
    if project.has(".rspec") || project.has("spec") || project.file("Gemfile", contains: "rspec") {
      result.verify.append("bundle exec rspec")
    } else if isRails {
      result.verify.append("bin/rails test")
    } else if project.has("Rakefile") {
      result.verify.append("bundle exec rake test")
    }
    return result
  }

  private static func elixir(_ project: ProjectListing) -> DetectedFramework? {
    guard project.has("mix.exs") else { return nil }
    let format = project.has(".formatter.exs") ? ["mix format --check-formatted"] : []
    let credo = project.file("mix.exs", contains: ":credo") ? ["mix credo"] : []
    let name = project.file("mix.exs", contains: ":phoenix") ? "Phoenix (mix)" : "Elixir (mix)"
    return DetectedFramework(
      name, because: ["mix.exs"], lint: format + credo, verify: ["mix test"], setup: ["mix deps.get"])
  }

  private static func dotnet(_ project: ProjectListing) -> DetectedFramework? {
    guard let file = project.name(endingWith: [".sln", ".slnx", ".csproj", ".fsproj", ".vbproj"]) else { return nil }
    let format = project.has(".editorconfig") ? ["dotnet format --verify-no-changes"] : []
    return DetectedFramework(".NET", because: [file], lint: format, verify: ["dotnet test"])
  }

  private static func cmake(_ project: ProjectListing) -> DetectedFramework? {
    guard project.has("CMakeLists.txt") else { return nil }
    return DetectedFramework(
      "CMake", because: ["CMakeLists.txt"],
      verify: [
        "cmake -S . -B build", "cmake --build build --parallel", "ctest --test-dir build --output-on-failure",
      ])
  }

  private static func make(_ project: ProjectListing) -> DetectedFramework? {
    guard let file = project.first(of: ["GNUmakefile", "makefile", "Makefile"]) else { return nil }
    return recipe("make", in: project, file, ["test", "check"])
  }

  private static func just(_ project: ProjectListing) -> DetectedFramework? {
    guard let file = project.first(of: ["justfile", "Justfile", ".justfile"]) else { return nil }
    return recipe("just", in: project, file, ["test", "check"])
  }

  /// A tool that runs named recipes, when the file has one of `names` at the start of a line.
  private static func recipe(
    _ tool: String, in project: ProjectListing, _ file: String, _ names: [String]
  ) -> DetectedFramework? {
    let lines = (project.read(file) ?? "").split(whereSeparator: \.isNewline)
    func has(_ name: String) -> Bool { lines.contains { isRecipe($0, name) } }
    guard let test = names.first(where: has) else { return nil }
    return DetectedFramework(
      tool, because: [file], lint: has("lint") ? ["\(tool) lint"] : [], verify: ["\(tool) \(test)"])
  }

  /// Whether `line` is `name: ...`, `name : ...` or `other name: ...`, but not `name := value`.
  private static func isRecipe(_ line: Substring, _ name: String) -> Bool {
    guard let colon = line.firstIndex(of: ":"), let first = line.first, !first.isWhitespace, first != "#" else {
      return false
    }
    let after = line[line.index(after: colon)...]
    guard !after.hasPrefix("=") && !after.hasPrefix(":=") else { return false }
    return line[..<colon].split(separator: " ").contains { $0 == name }
  }
}

extension DetectedFramework {
  /// What its kind is called whatever its tools are: `Node.js` for everything with a package.json.
  fileprivate var family: String? {
    because.first.map { file in
      let name = file.split(separator: "/").last.map(String.init) ?? file
      return ["setup.py", "setup.cfg", "tox.ini", "pytest.ini", "Pipfile"].contains(name) || name.hasSuffix(".txt")
        ? "pyproject.toml" : name
    }
  }
}
