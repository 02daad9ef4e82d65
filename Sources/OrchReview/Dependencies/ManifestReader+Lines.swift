// The package managers whose files are lines of their own kind.
extension ManifestReader {
  mutating func readGoMod(_ line: Line, _ text: Substring) {
    var words = text.split(separator: " ").prefix { !$0.hasPrefix("//") }.map(String.init)
    if words.first == "require", words.count >= 3 { words.removeFirst() }
    if words == ["require", "("] { return describe(line) }
    if words.first == "replace" || words.contains("=>") {
      return add("replace \(words.first { $0 != "replace" } ?? "")", source: String(text), at: line)
    }
    guard words.count == 2, words[1].hasPrefix("v"), words[1].dropFirst().first?.isNumber == true else { return }
    add(Self.goModule(words[0]), words[1], at: line)
  }

  /// `example.org/x/v2` is another version of `example.org/x`.
  private static func goModule(_ path: String) -> Substring {
    guard let slash = path.lastIndex(of: "/") else { return path[...] }
    let last = path[path.index(after: slash)...]
    return last.first == "v" && Int(last.dropFirst()) != nil ? path[..<slash] : path[...]
  }

  mutating func readRequirement(_ line: Line, _ text: Substring) {
    guard !text.isEmpty else { return describe(line) }
    // Hashes and how a line came to be, as pip-compile writes them.
    if text.hasPrefix("--hash=") || text.hasPrefix("\\") { return describe(line) }
    guard let (name, version) = Self.requirement(text) else { return }
    add(name, version, at: line)
  }

  /// Name and versions of `name[extra]>=1,<2; marker`.
  static func requirement(_ text: some StringProtocol) -> (name: String, version: String)? {
    let name = text.prefix { $0.isLetter || $0.isNumber || "-_.".contains($0) }
    guard name.first?.isLetter == true, !text.contains("://"), !text.hasPrefix("git") || !text.contains("@") else {
      return nil
    }
    var rest = text[name.endIndex...].drop { $0 == " " }
    if rest.first == "[" { rest = rest.drop { $0 != "]" }.dropFirst() }
    rest = rest.drop { $0 == " " }
    guard rest.isEmpty || "=<>~!;#\\".contains(rest.first ?? "x") else { return nil }
    let version = rest.prefix { $0 != ";" && $0 != "#" && $0 != "\\" }
    let normal = String(name.map { $0 == "_" || $0 == "." ? "-" : $0 }).lowercased()
    return (normal, String(version))
  }

  mutating func readSwift(_ line: Line, _ text: Substring) {
    // What of a package a target uses: the package itself has a line of its own.
    if text.hasPrefix(".product(name:"), text.contains("package:"), !text.contains("plugin") { return describe(line) }
    guard text.contains(".package(") else { return }
    let strings = Quoted.strings(text)
    guard let place = strings.first(where: { $0.contains("/") }) else { return }
    let last = place.split(separator: "/").last ?? ""
    let name = last.hasSuffix(".git") ? last.dropLast(4) : last
    let version = strings.dropFirst().first { $0.first?.isNumber == true } ?? ""
    add(name.lowercased(), version, source: version.isEmpty ? String(text) : "", at: line)
  }

  mutating func readMaven(_ line: Line, _ text: Substring) {
    if ["<dependencies>", "</dependencies>", "<dependency>", "</dependency>"].contains(text) { return describe(line) }
    if let artifact = Quoted.element("artifactId", in: text) {
      artifactSeen(String(artifact))
      return add(artifact, at: line)
    }
    if Quoted.element("groupId", in: text) != nil || Quoted.element("description", in: text) != nil
      || ["scope", "tag", "name", "inceptionYear"].contains(where: { Quoted.element($0, in: text) != nil })
    {
      return describe(line)
    }
    if let version = Quoted.element("version", in: text) {
      return add(lastName ?? "?", version, at: line)
    }
    // `<jackson.version>2.1</jackson.version>`
    guard text.hasPrefix("<"), let close = text.firstIndex(of: ">") else { return }
    let tag = text[text.index(after: text.startIndex)..<close]
    guard tag.hasSuffix("version"), let value = Quoted.element(String(tag), in: text), value.first?.isNumber == true
    else { return }
    add("property \(tag)", value, at: line)
  }

  private static let gradleWords: Set<String> = [
    "implementation", "api", "compile", "compileonly", "runtimeonly", "testimplementation", "testruntimeonly",
    "testcompileonly",
    "annotationprocessor", "kapt", "ksp", "classpath", "androidtestimplementation", "debugimplementation",
    "compileonlyapi", "runtime",
    "testcompile", "provided", "developmentonly", "testapi",
  ]

  mutating func readGradle(_ line: Line, _ text: Substring) {
    let word = text.prefix { $0.isLetter }.lowercased()
    let strings = Quoted.strings(text)
    if Self.gradleWords.contains(word) {
      if let coordinates = strings.first(where: { $0.contains(":") && !$0.hasPrefix(":") }) {
        let parts = coordinates.split(separator: ":").map(String.init)
        return add(parts.prefix(2).joined(separator: ":"), parts.count > 2 ? parts[2] : "", at: line)
      }
      let argument = text.dropFirst(word.count).filter { !"() ".contains($0) }
      return add(argument, at: line)
    }
    if word == "id" || word == "kotlin" || word == "alias", let plugin = strings.first {
      add("plugin \(plugin)", text.contains("version") && strings.count > 1 ? strings[1] : "", at: line)
    } else if ["version", "description", "versioncode", "versionname"].contains(word) {
      describe(line)
    }
  }

  mutating func readGem(_ line: Line, _ text: Substring) {
    let strings = Quoted.strings(text)
    let isDependency =
      text.hasPrefix("gem ") || text.hasPrefix("gem(")
      || [".add_dependency", ".add_runtime_dependency", ".add_development_dependency"].contains {
        text.contains($0)
      }
    if isDependency, let gem = strings.first {
      let versions = strings.dropFirst().filter { $0.contains(where: \.isNumber) && !$0.contains("/") }
      let isElsewhere = ["git:", "github:", "path:", ":git", ":path", ":github", "source:"].contains {
        text.contains($0)
      }
      return add(gem, versions.joined(separator: ", "), source: isElsewhere ? String(text) : "", at: line)
    }
    if ["version", "summary", "description", "authors", "email", "homepage", "license", "licenses", "date"].contains(
      where: {
        text.contains(".\($0) ") || text.contains(".\($0)=")
      })
    {
      describe(line)
    }
  }

  mutating func readGemLock(_ line: Line, _ text: Substring) {
    guard line.text.hasPrefix("    "), !line.text.hasPrefix("     "), text.hasSuffix(")"),
      let open = text.firstIndex(of: "(")
    else { return }
    add(Quoted.trimmed(text[..<open]), text[text.index(after: open)...].dropLast(), at: line)
  }

  mutating func readNuGet(_ line: Line, _ text: Substring) {
    if text == "<ItemGroup>" || text == "</ItemGroup>" { return describe(line) }
    for tag in ["<PackageReference ", "<PackageVersion ", "<GlobalPackageReference ", "<package ", "<dependency "]
    where text.hasPrefix(tag) {
      let name =
        Quoted.attribute("Include", in: text) ?? Quoted.attribute("Update", in: text)
        ?? Quoted.attribute("id", in: text)
      guard let name else { return }
      artifactSeen(name)
      return add(name, Quoted.attribute("Version", in: text) ?? Quoted.attribute("version", in: text) ?? "", at: line)
    }
    if text.hasPrefix("<Reference "), let assembly = Quoted.attribute("Include", in: text) {
      let parts = assembly.split(separator: ",").map { $0.filter { $0 != " " } }
      let version = parts.first { $0.hasPrefix("Version=") }?.dropFirst("Version=".count) ?? ""
      return add(parts.first ?? assembly, version, at: line)
    }
    if text.hasPrefix("<HintPath>..") || text.hasPrefix("<SpecificVersion>") { return describe(line) }
    if let version = Quoted.element("Version", in: text), let name = lastName { return add(name, version, at: line) }
    for tag in [
      "Version", "VersionPrefix", "AssemblyVersion", "FileVersion", "PackageReleaseNotes", "Authors", "Description",
      "Copyright", "PackageTags", "Title", "Company", "version", "title", "releaseNotes", "description",
    ] where text.hasPrefix("<\(tag)>") {
      return describe(line)
    }
  }

  mutating func readSetup(_ line: Line, _ text: Substring) {
    let key = text.prefix { $0.isLetter || $0 == "_" }
    let strings = Quoted.strings(text)
    if ManifestKind.descriptions.contains(key.lowercased()), !text.contains("(") || text.hasPrefix("version") {
      return describe(line)
    }
    if key == "install_requires" || key == "extras_require" || key == "tests_require" || strings.count == 1
      || strings.isEmpty
    {
      for item in strings.isEmpty ? [String(text)] : strings {
        if let (name, version) = Self.requirement(item), !version.isEmpty || !strings.isEmpty {
          add(name, version, at: line)
        }
      }
    }
  }

  mutating func readYarnLock(_ line: Line, _ text: Substring) {
    if !line.text.hasPrefix(" "), text.hasSuffix(":") {
      let first = text.dropLast().split(separator: ",").first.map(String.init) ?? ""
      artifactSeen(Self.packageName(first.filter { $0 != "\"" }).name)
    } else if line.text.hasPrefix("  version"), let name = lastName {
      add(name, text.dropFirst("version".count).filter { !"\": ".contains($0) }, at: line)
    } else if text.hasPrefix("resolved "), let name = lastName, let address = Quoted.strings(text).first,
      !address.hasPrefix("https://registry.yarnpkg.com/"), !address.hasPrefix("https://registry.npmjs.org/")
    {
      add(name, source: address, at: line)
    }
  }

  /// `@scope/name` and what stands behind the next `@`.
  private static func packageName(_ text: String) -> (name: String, version: Substring) {
    let start = text.hasPrefix("@") ? text.index(after: text.startIndex) : text.startIndex
    guard let at = text[start...].firstIndex(of: "@") else { return (text, "") }
    return (String(text[..<at]), text[text.index(after: at)...])
  }

  mutating func readPnpmLock(_ line: Line, _ text: Substring) {
    // `  '@scope/x@1.0.0(peer@2)':`; the same again below `snapshots:` is the same version.
    guard line.text.hasPrefix("  "), !line.text.hasPrefix("   "), text.hasSuffix(":") else { return }
    var key = text.dropLast().filter { $0 != "'" && $0 != "\"" }
    if key.hasPrefix("/") { key.removeFirst() }
    let parts = Self.packageName(String(key.prefix { $0 != "(" }))
    guard parts.version.first?.isNumber == true else { return }
    add(parts.name, parts.version, at: line)
  }

  mutating func readGradleLock(_ line: Line, _ text: Substring) {
    let parts = text.prefix { $0 != "=" }.split(separator: ":")
    guard parts.count == 3 else { return }
    add("\(parts[0]):\(parts[1])", parts[2], at: line)
  }
}
