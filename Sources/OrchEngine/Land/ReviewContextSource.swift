import OrchDomain
import OrchGit
import OrchReview

/// What the base commit says about owners and packages, as far as the changed files need it.
struct ReviewContextSource: Sendable {
  let repository: GitRepository

  func context(for files: [FileDiff], at base: String) async throws -> ReviewContext {
    var owners = CodeOwners.none
    for place in CodeOwners.places {
      guard let bytes = try await repository.file(at: place, in: base) else { continue }
      owners = CodeOwners(String(decoding: bytes, as: UTF8.self))
      break
    }
    var packages: [PackageRoot] = []
    for directory in Self.directories(of: files) { packages += try await self.packages(in: directory, at: base) }
    return ReviewContext(owners: owners, packages: packages, isKnown: true)
  }

  /// Every directory above a changed file; of very large changes, which are for a human anyway, the first ones.
  private static func directories(of files: [FileDiff]) -> [String] {
    var found: Set<String> = [""]
    for file in files.prefix(500) {
      var path = file.path[...]
      while let slash = path.lastIndex(of: "/") {
        path = path[..<slash]
        if !found.insert(String(path)).inserted { break }
      }
    }
    return found.sorted()
  }

  private func packages(in directory: String, at base: String) async throws -> [PackageRoot] {
    let prefix = directory.isEmpty ? "" : directory + "/"
    let names = try await repository.names(in: directory, of: base)
    let manifests = names.filter { name in
      PackageRoot.manifests.contains(name) || name.hasSuffix(".gemspec") || name.hasSuffix(".csproj")
    }
    guard !manifests.isEmpty else { return [] }
    var signs = names.intersection(PackageRoot.signs)
    if try await repository.file(at: prefix + "src/lib.rs", in: base) != nil { signs.insert("src/lib.rs") }
    var packages: [PackageRoot] = []
    for name in manifests.sorted() {
      guard let bytes = try await repository.file(at: prefix + name, in: base), bytes.count < 1 << 20 else { continue }
      var text = String(decoding: bytes, as: UTF8.self)
      if name.hasSuffix(".csproj") { text += try await sharedProperties(above: directory, at: base) }
      if let package = PackageRoot(directory: directory, manifest: name, text: text, signs: signs) {
        packages.append(package)
      }
    }
    return packages
  }

  /// What MSBuild adds to every project below: the nearest `Directory.Build.props`.
  private func sharedProperties(above directory: String, at base: String) async throws -> String {
    var path = directory[...]
    while true {
      let file = path.isEmpty ? "Directory.Build.props" : "\(path)/Directory.Build.props"
      if let bytes = try await repository.file(at: file, in: base), bytes.count < 1 << 20 {
        return String(decoding: bytes, as: UTF8.self)
      }
      guard !path.isEmpty else { return "" }
      path = path.lastIndex(of: "/").map { path[..<$0] } ?? ""
    }
  }
}
