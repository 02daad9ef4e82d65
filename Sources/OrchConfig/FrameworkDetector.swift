/// Finds out how a project is built and tested, from the names in its top directory and a few small files.
package enum FrameworkDetector {
  /// Everything that the project is, the most telling first; empty when nothing is known.
  ///
  /// A build description that serves any language (make, just, CMake) counts only when nothing else can be tested.
  ///
  /// - Parameters:
  ///   - names: Names of the files and directories in the project's root.
  ///   - read: Gives the text of one of those files; nil when it cannot be read.
  package static func detect(names: Set<String>, read: (String) -> String?) -> [DetectedFramework] {
    withoutActuallyEscaping(read) { read in
      let project = ProjectListing(names: names, read: read)
      var found = [
        swift(project), rust(project), go(project), NodeDetector.detect(project), PythonDetector.detect(project),
        maven(project), gradle(project), ruby(project), elixir(project), dotnet(project), PHPDetector.detect(project),
      ].compactMap(\.self)
      if found.allSatisfy(\.verify.isEmpty) {
        found += [cmake(project), make(project), just(project)].compactMap(\.self).prefix(1)
      }
      return found
    }
  }

  private static func swift(_ project: ProjectListing) -> DetectedFramework? {
    guard project.has("Package.swift") else { return nil }
    return DetectedFramework("Swift package", verify: ["swift build", "swift test"])
  }

  private static func rust(_ project: ProjectListing) -> DetectedFramework? {
    guard project.has("Cargo.toml") else { return nil }
    let scope = project.file("Cargo.toml", contains: "[workspace]") ? " --workspace" : ""
    return DetectedFramework("Rust (cargo)", verify: ["cargo test\(scope)"])
  }

  private static func go(_ project: ProjectListing) -> DetectedFramework? {
    if project.has("go.work") {
      // './...' means nothing at the top of a workspace, so the modules are listed first.
      let modules = "go list -f '{{.Dir}}/...' -m"
      return DetectedFramework("Go workspace", verify: ["\(modules) | xargs go vet", "\(modules) | xargs go test"])
    }
    guard project.has("go.mod") else { return nil }
    return DetectedFramework("Go", verify: ["go build ./...", "go vet ./...", "go test ./..."])
  }

  private static func maven(_ project: ProjectListing) -> DetectedFramework? {
    guard project.has("pom.xml") else { return nil }
    return DetectedFramework("Maven", verify: ["\(project.has("mvnw") ? "./mvnw" : "mvn") --batch-mode verify"])
  }

  private static func gradle(_ project: ProjectListing) -> DetectedFramework? {
    let files = ["settings.gradle.kts", "settings.gradle", "build.gradle.kts", "build.gradle"]
    guard project.first(of: files) != nil else { return nil }
    // A daemon would outlive the gate.
    return DetectedFramework("Gradle", verify: ["\(project.has("gradlew") ? "./gradlew" : "gradle") --no-daemon check"])
  }

  private static func ruby(_ project: ProjectListing) -> DetectedFramework? {
    guard project.has("Gemfile") else { return nil }
    let isRails = project.file("Gemfile", contains: "rails")
    var result = DetectedFramework(isRails ? "Ruby on Rails" : "Ruby (bundler)", setup: ["bundle install"])
    if project.file("Gemfile", contains: "rubocop") { result.verify.append("bundle exec rubocop") }
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
    return DetectedFramework("Elixir (mix)", verify: format + ["mix test"], setup: ["mix deps.get"])
  }

  private static func dotnet(_ project: ProjectListing) -> DetectedFramework? {
    guard project.hasName(endingWith: [".sln", ".slnx", ".csproj", ".fsproj", ".vbproj"]) else { return nil }
    return DetectedFramework(".NET", verify: ["dotnet test"])
  }

  private static func cmake(_ project: ProjectListing) -> DetectedFramework? {
    guard project.has("CMakeLists.txt") else { return nil }
    return DetectedFramework(
      "CMake",
      verify: [
        "cmake -S . -B build", "cmake --build build --parallel", "ctest --test-dir build --output-on-failure",
      ])
  }

  private static func make(_ project: ProjectListing) -> DetectedFramework? {
    guard let file = project.first(of: ["GNUmakefile", "makefile", "Makefile"]) else { return nil }
    return recipe("make", in: project.read(file), ["test", "check"])
  }

  private static func just(_ project: ProjectListing) -> DetectedFramework? {
    guard let file = project.first(of: ["justfile", "Justfile", ".justfile"]) else { return nil }
    return recipe("just", in: project.read(file), ["test", "check"])
  }

  /// A tool that runs named recipes, when the file has one of `names` at the start of a line.
  private static func recipe(_ tool: String, in text: String?, _ names: [String]) -> DetectedFramework? {
    let lines = (text ?? "").split(whereSeparator: \.isNewline)
    let found = names.first { name in lines.contains { isRecipe($0, name) } }
    return found.map { DetectedFramework(tool, verify: ["\(tool) \($0)"]) }
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
